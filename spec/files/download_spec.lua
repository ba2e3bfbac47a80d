-- Files on their way from the server.
local oneentry = require "oneentry"
local server = require "support.server"
local tmp = require "support.tmp"

local BYTES = ("any\0bytes\r\n\255 7"):rep(100000)

local function lists(directory)
  local pipe = assert(io.popen("ls -A '" .. directory .. "'"))
  local names = pipe:read "*a"
  pipe:close()
  return names
end

describe("FileUploading.getFile", function()
  local peer, api, directory

  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function()
    directory = tmp.directory()
    peer:script { fallback = { "answer", body = BYTES, headers = { ["content-type"] = "image/png" } } }
    api = oneentry.define(peer.url, { token = "app", maxRetries = 0 })
  end)
  after_each(function() tmp.remove(directory) end)

  local function get(options, client)
    return (client or api).FileUploading.getFile(1, "page", "editor", "my file.png", nil, options)
  end

  it("returns the bytes", function()
    assert.is_true(get() == BYTES)
    local request = peer:requests()[1]
    assert.equal("/api/content/files?id=1&type=page&entity=editor&filename=my%20file.png", request.path)
    assert.equal("identity", request.headers["accept-encoding"])
  end)

  it("sends the session's token, and refreshes it (D36)", function()
    peer:script {
      { "answer", status = 401, body = "{}" },
      { "answer", body = '{"accessToken":"new","refreshToken":"r2"}' },
      { "answer", body = "picture" },
    }
    api.AuthProvider.setAccessToken "old"
    api.AuthProvider.setRefreshToken "r1"
    assert.equal("picture", get { to = directory .. "/a" } and tmp.read(directory .. "/a"))
    local requests = peer:requests()
    assert.same({ "Bearer old", "Bearer new" }, { requests[1].headers.authorization, requests[3].headers.authorization })
  end)

  it("returns no more bytes than maxResponseSize, but writes any number into a file", function()
    local small = oneentry.define(peer.url, { maxResponseSize = 1000 })
    local _, err = get(nil, small)
    assert.equal("too_large", err.code)
    assert.equal(#BYTES, get({ to = directory .. "/a" }, small))
    assert.is_true(tmp.read(directory .. "/a") == BYTES)
  end)

  it("writes a file, in place of the one that was there", function()
    local path = directory .. "/a.png"
    tmp.write(path, ("old"):rep(1e6))
    tmp.write(path .. ".part", "left over by a process that died")
    assert.equal(#BYTES, get { to = path })
    assert.is_true(tmp.read(path) == BYTES)
    assert.equal("a.png\n", lists(directory))
  end)

  it("writes to where an open file stands, and leaves it behind the last byte", function()
    local path = directory .. "/a"
    local file = assert(io.open(path, "w+b"))
    file:write "before "
    assert.equal(#BYTES, get { to = file })
    file:write " after"
    file:close()
    assert.is_true(tmp.read(path) == "before " .. BYTES .. " after")
  end)

  it("writes into the file of a handle that is closed meanwhile", function()
    local path = directory .. "/a"
    local file = assert(io.open(path, "wb"))
    local future = api.async.FileUploading.getFile(1, "page", "editor", "a", nil, { to = file })
    file:close()
    assert.equal(#BYTES, future:await())
    assert.is_true(tmp.read(path) == BYTES)
  end)

  local head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"
  it("takes a file whose end is the connection's", function()
    for _, bytes in ipairs { "ends in 7", "" } do
      peer:script { { "reply", bytes = head .. "\r\n" .. bytes, close = true } }
      assert.equal(bytes, get())
      peer:script { { "reply", bytes = head .. "\r\n" .. bytes, close = true } }
      assert.equal(#bytes, get { to = directory .. "/a" })
      assert.equal(bytes, tmp.read(directory .. "/a"))
    end
  end)

  local failures = {
    ["a length that was not reached"] = { { "reply", bytes = head .. "content-length: 100\r\n\r\nhalf", close = true }, "network" },
    ["chunks without an end"] = { { "reply", bytes = head .. "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n", close = true }, "network" },
    ["a reset"] = { { "reply", bytes = head .. "content-length: 100\r\n\r\nhalf", reset = true }, "network" },
    ["an error"] = { { "answer", status = 404, body = '{"statusCode":404,"message":"no such file"}' }, "http" },
  }
  for what, case in pairs(failures) do
    it("leaves no file after " .. what, function()
      local path = directory .. "/a"
      peer:script { case[1] }
      local value, err = get { to = path }
      assert.is_nil(value)
      assert.equal(case[2], err.code)
      if case[2] == "http" then assert.same({ 404, "no such file" }, { err.statusCode, err.message }) end
      assert.equal("", lists(directory))
    end)

    it("leaves the old file, and what a handle had, after " .. what, function()
      local path = directory .. "/a"
      tmp.write(path, "old")
      peer:script { case[1], case[1] }
      assert.is_nil((get { to = path }))
      local file = assert(io.open(path, "r+b"))
      file:seek("end")
      assert.is_nil((get { to = file }))
      file:close()
      assert.equal("old", tmp.read(path))
      assert.equal("a\n", lists(directory))
    end)
  end

  it("begins the file anew when it is asked for again", function()
    local again = oneentry.define(peer.url, { maxRetries = 1 })
    peer:script { failures["a reset"][1], { "answer", body = "new" } }
    assert.equal(3, get({ to = directory .. "/a" }, again))
    assert.equal("new", tmp.read(directory .. "/a"))
  end)

  it("leaves no file when the call is given up", function()
    peer:script { fallback = { "reply", bytes = head .. "content-length: 100\r\n\r\nhalf" } }
    local future = api.async.FileUploading.getFile(1, "page", "editor", "a", nil, { to = directory .. "/a" })
    peer:drive(future, 1)
    assert.equal("a.part\n", lists(directory))
    future:cancel()
    assert.equal("", lists(directory))
  end)

  it("refuses a second call into the same file meanwhile", function()
    peer:script { fallback = { "silence" } }
    local future = api.async.FileUploading.getFile(1, "page", "editor", "a", nil, { to = directory .. "/a" })
    assert.has_error(function() get { to = directory .. "/a" } end,
      "bad argument #6 to 'getFile' (options.to: another call writes this file)")
    future:cancel()
  end)

  it("fails when the file cannot get its name", function()
    os.execute("mkdir '" .. directory .. "/a'")
    local value, err = get { to = directory .. "/a" }
    assert.is_nil(value)
    assert.equal("file", err.code)
    assert.equal("a\n", lists(directory))
  end)

  it("refuses a handle that is no file", function()
    local full = io.open("/dev/full", "wb")
    local ok, problem = pcall(get, { to = full })
    full:close()
    assert.is_false(ok)
    assert.truthy(tostring(problem):find("regular file expected", 1, true))
  end)

  local refused = {
    ["another value"] = { { to = 5 }, "options.to: a path or an open file expected" },
    ["a directory that is not there"] = { { to = "/nowhere/a" }, "cannot open '/nowhere/a.part': No such file or directory" },
    ["an unknown option"] = { { too = "a" }, "did you mean 'to'" },
    ["progress that is no function"] = { { progress = 5 }, "options.progress: function expected, got number" },
  }
  for what, case in pairs(refused) do
    it("refuses " .. what, function()
      local ok, problem = pcall(get, case[1])
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("bad argument #6 to 'getFile'", 1, true), tostring(problem))
      assert.truthy(tostring(problem):find(case[2], 1, true), tostring(problem))
      assert.same({}, peer:requests())
    end)
  end

  for mode, what in pairs { rb = "reading only", ab = "appending" } do
    it("refuses a file that is open for " .. what, function()
      tmp.write(directory .. "/a", "old")
      local file = assert(io.open(directory .. "/a", mode))
      local ok, problem = pcall(get, { to = file })
      file:close()
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("open for writing, and not for appending, expected", 1, true), tostring(problem))
    end)
  end
end)
