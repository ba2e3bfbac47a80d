-- options.progress: told in the coroutine that waits, while a file moves and at its end.
local oneentry = require "oneentry"
local server = require "support.server"

local REPLY = '[{"filename":"a","downloadLink":"b","size":5}]'
local HALF = ("h"):rep(50000)

describe("options.progress", function()
  local peer, told

  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function() told = {} end)

  local function note(moved, total, ...)
    assert.equal(0, select("#", ...))
    told[#told + 1] = { moved, total }
  end

  local function check(total)
    assert.is_true(#told >= 1)
    for i = 2, #told do assert.is_true(told[i][1] > told[i - 1][1]) end
    assert.same({ total, total }, told[#told])
  end

  local function define(config)
    return oneentry.define(peer.url, config)
  end

  it("tells of an upload", function()
    peer:script { { "answer", status = 201, body = REPLY } }
    assert(define().FileUploading.upload({ { data = ("x"):rep(2e6) }, { data = "yy" } }, nil, { progress = note }))
    check(2000002)
  end)

  it("tells of a download while it goes on", function()
    peer:script { { "drip", raw = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" .. HALF .. HALF, piece = 25000, interval = 0.15 } }
    local bytes = define().FileUploading.getFile(1, "page", "editor", "a", nil, { progress = note })
    assert.equal(100000, #bytes)
    check(100000)
    assert.is_true(#told >= 3, "told " .. #told .. " times")
  end)

  it("tells no total where the server does not", function()
    peer:script { { "reply", bytes = "HTTP/1.1 200 OK\r\n\r\nbytes", close = true } }
    assert(define().FileUploading.getFile(1, "page", "editor", "a", nil, { progress = note }))
    assert.same({ { 5 } }, told)
  end)

  it("goes on when it throws, and has errors.callback told", function()
    local problems = {}
    peer:script { { "answer", status = 201, body = REPLY } }
    local api = define { errors = { callback = function(problem, where) problems[#problems + 1] = { problem, where } end } }
    assert(api.FileUploading.upload({ data = "x" }, nil, { progress = function() error("no", 0) end }))
    assert.same({ { "no", "options.progress" } }, problems)
  end)

  it("can give the call up", function()
    local raw = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" .. HALF .. HALF
    peer:script { fallback = { "drip", raw = raw, piece = 5000, interval = 0.05 } }
    local future
    future = define().async.FileUploading.getFile(1, "page", "editor", "a", nil, { progress = function() future:cancel() end })
    local value, err = future:await()
    assert.is_nil(value)
    assert.equal("cancelled", err.code)
  end)

  it("is called in the coroutine that waits", function()
    peer:script { { "answer", status = 201, body = REPLY } }
    local function wait(fd, seconds) coroutine.yield(fd, seconds) end
    local api, where = define { driver = { wait = wait } }, nil
    local thread = coroutine.create(function()
      return api.FileUploading.upload({ data = ("x"):rep(1e6) }, nil, {
        progress = function(...)
          where = coroutine.running()
          coroutine.yield "from progress"
          note(...)
        end,
      })
    end)
    local yielded = 0
    while coroutine.status(thread) ~= "dead" do
      local ok, what = coroutine.resume(thread)
      assert.is_true(ok, tostring(what))
      if what == "from progress" then yielded = yielded + 1 end
    end
    local plain_51 = _VERSION == "Lua 5.1" and not package.loaded.jit -- there a callback has a coroutine inside of it
    assert.equal(not plain_51, thread == where)
    assert.is_true(yielded >= 1)
    check(1000000)
  end)
end)
