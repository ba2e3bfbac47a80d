-- Files of 200 MB: they hold a piece of the file in memory at a time, and a cut leaves nothing behind.
local oneentry = require "oneentry"
local server = require "support.server"
local tmp = require "support.tmp"

local SIZE, PIECE = 200 * 1024 * 1024, 64 * 1024
local MOST = 8 -- MB of memory

local function read(name)
  local file = assert(io.open("/proc/self/status", "rb"))
  local text = file:read "*a"
  file:close()
  return tonumber(text:match(name .. ":%s+(%d+)")) / 1024
end

-- MB by which the process grows at most while f runs.
local function growth(f)
  for _ = 1, 3 do collectgarbage() end
  local file = assert(io.open("/proc/self/clear_refs", "w"))
  file:write "5"
  file:close()
  local before = read "VmRSS"
  f()
  return read "VmHWM" - before
end

describe("a file of 200 MB", function()
  local peer, api, directory, path

  setup(function()
    peer, directory = server.start(), tmp.directory()
    path = directory .. "/large"
    local file = assert(io.open(path, "wb"))
    file:seek("set", SIZE - 1)
    file:write "\0"
    file:close()
    api = oneentry.define(peer.url, { maxRetries = 0 })
    peer:script { { "swallow" } }
    assert(api.FileUploading.upload { data = "first" })
  end)
  teardown(function()
    peer:stop()
    tmp.remove(directory)
  end)

  local function flood(limit)
    return { "flood", bytes = ("HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n"):format(SIZE), piece = ("p"):rep(PIECE), limit = limit }
  end

  it("is uploaded with little memory", function()
    peer:script { { "swallow" } }
    local size
    local grown = growth(function() size = assert(api.FileUploading.upload(path))[1].size end)
    assert.is_true(size > SIZE and size < SIZE + 1000)
    assert.is_true(grown <= MOST, ("grew by %.1f MB"):format(grown))
  end)

  it("is downloaded with little memory", function()
    local to = directory .. "/copy"
    peer:script { flood(SIZE) }
    local grown = growth(function()
      assert.equal(SIZE, (assert(api.FileUploading.getFile(1, "page", "editor", "a", nil, { to = to }))))
    end)
    local file = assert(io.open(to, "rb"))
    assert.equal(SIZE, file:seek "end")
    file:close()
    os.remove(to)
    assert.is_true(grown <= MOST, ("grew by %.1f MB"):format(grown))
  end)

  it("is not uploaded twice after a cut at half", function()
    peer:script { { "swallow", bytes = SIZE / 2 }, fallback = { "swallow" } }
    local connections = #peer:connections()
    local value, err = api.FileUploading.upload(path)
    assert.is_nil(value)
    assert.same({ "network", true, 1 }, { err.code, err.sent, err.attempts })
    assert.is_true(#peer:connections() <= connections + 1)
  end)

  it("leaves no half file after a cut at half", function()
    local to = directory .. "/copy"
    peer:script { flood(SIZE / 2) }
    local value, err = api.FileUploading.getFile(1, "page", "editor", "a", nil, { to = to })
    assert.is_nil(value)
    assert.equal("network", err.code)
    assert.is_nil(io.open(to, "rb"))
    assert.is_nil(io.open(to .. ".part", "rb"))
  end)
end)
