-- Futures: what await, done and cancel promise, also of futures that nobody waits for any more.
local oneentry = require "oneentry"
local descriptors = require "support.descriptors"
local eventually = require "support.eventually"
local server = require "support.server"
local socket = require "socket"

describe("futures:", function()
  local peer, api
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function()
    peer:script { fallback = { "echo" } }
    api = oneentry.define(peer.url, { token = "t", timeout = 10 })
  end)
  after_each(function() api.close() end)

  local function get(id, of) return (of or api).async.Payments.getSessionById(id) end
  local function post(id, of) return (of or api).async.Users.addFCMToken(id) end

  local function connection_of(request)
    for _, connection in ipairs(peer:connections()) do
      if connection.id == request.connection then return connection end
    end
  end

  describe("await", function()
    it("gives what the method gives, however often", function()
      local future = get(7)
      local value, err = future:await()
      assert.equal(7, value.id)
      assert.is_nil(err)
      assert.equal(value, (future:await()))
      assert.equal(1, #peer:requests())
    end)

    it("gives the error, however often, and runs the handler once", function()
      local seen = 0
      local own = oneentry.define(peer.url, { errors = { customErrors = { [404] = function() seen = seen + 1 end } } })
      peer:script { { "answer", status = 404, body = '{"message":"gone"}' } }
      local future = get(7, own)
      local value, err = future:await()
      local again, same = future:await()
      assert.is_nil(value)
      assert.is_nil(again)
      assert.equal(404, err.statusCode)
      assert.equal(err, same)
      assert.equal(1, seen)
    end)

    it("raises the error where errors.isShell is false, however often", function()
      local own = oneentry.define(peer.url, { errors = { isShell = false } })
      peer:script { { "answer", status = 404, body = "{}" } }
      local future = get(7, own)
      for _ = 1, 2 do
        local ok, err = pcall(future.await, future)
        assert.is_false(ok)
        assert.equal(404, err.statusCode)
      end
    end)

    it("takes the tokens of a login once", function()
      local saved = {}
      local own = oneentry.define(peer.url, { auth = { saveFunction = function(token) saved[#saved + 1] = token end } })
      peer:script { { "answer", body = '{"userIdentifier":"u","accessToken":"a","refreshToken":"r"}' }, { "echo" } }
      local future = own.async.AuthProvider.auth("email", { authData = { { marker = "login", value = "x" } } })
      assert(future:await())
      assert(future:await())
      assert.same({ "r" }, saved)
      assert.equal("a", assert(own.Payments.getSessionById(1)).token)
    end)

    it("tells two coroutines the same", function()
      local future, values = get(7), {}
      for i = 1, 2 do
        coroutine.wrap(function() values[i] = future:await() end)()
      end
      assert.equal(7, values[1].id)
      assert.equal(values[1], values[2])
    end)

    it("is for futures", function()
      local await = get(7).await
      for _, wrong in ipairs { 5, {}, io.stdout } do
        assert.has_error(function() await(wrong) end,
          ("bad argument #1 to 'await' (future expected, got %s)"):format(type(wrong)))
      end
      local future = get(7)
      for _, how in ipairs { "await", "done" } do
        assert.has_error(function() future[how](future, 0.5) end,
          ("bad argument #2 to '%s' (nothing expected: the time is that of the call)"):format(how))
      end
      assert.equal(7, assert(future:await()).id)
    end)
  end)

  it("wrong arguments raise before anything is sent", function()
    assert.has_error(function() api.async.Payments.getSessionById() end)
    assert.has_error(function() api.async.Payments:getSessionById(1) end)
    assert.same({}, peer:requests())
  end)

  describe("done", function()
    it("does not wait, and is true once the answer is there", function()
      peer:script { { "delay", seconds = 0.3, body = "{}" } }
      local future = get(7)
      local before = socket.gettime()
      assert.is_false(future:done())
      assert.is_true(socket.gettime() - before < 0.2)
      eventually(function() return future:done() end)
      assert.is_true(future:done())
      assert.same({}, (future:await()))
    end)

    it("is true of a call on a closed client", function()
      api.close()
      local future = get(7)
      assert.is_true(future:done())
      assert.equal("closed", select(2, future:await()).code)
    end)
  end)

  describe("cancel", function()
    it("of what was not sent says so, and nothing reaches the server", function()
      local own = oneentry.define(peer.url, { maxConnections = 1 })
      peer:script { { "silence" }, fallback = { "echo" } }
      local first, second = post("one", own), post("two", own)
      peer:drive(first, 1)
      assert.is_false(second:done())
      second:cancel()
      local value, err = second:await()
      assert.is_nil(value)
      assert.same({ "cancelled", false }, { err.code, err.sent })
      assert.is_nil(err.statusCode)
      first:cancel()
      assert.equal("three", assert(post("three", own):await()).id)
      assert.equal(2, #peer:requests())
      own.close()
    end)

    it("of what was sent says so, and closes the connection", function()
      peer:script { { "silence" }, fallback = { "echo" } }
      local future = post("one")
      peer:drive(future, 1)
      future:cancel()
      assert.is_true(future:done())
      local _, err = future:await()
      assert.same({ "cancelled", true }, { err.code, err.sent })
      local request = peer:requests()[1]
      eventually(function() return connection_of(request).peerClosed end, "the connection stays")
      assert.equal("two", assert(post("two"):await()).id)
      assert.equal(2, #peer:requests())
    end)

    it("of an answered call changes nothing", function()
      local future = get(7)
      eventually(function() return future:done() end)
      future:cancel()
      assert.equal(7, future:await().id)
      future:cancel()
      assert.equal(7, future:await().id)
    end)

    it("twice is once", function()
      local future = get(7)
      future:cancel()
      future:cancel()
      assert.equal("cancelled", select(2, future:await()).code)
    end)

    it("leaves the answers of the others alone", function()
      peer:script { fallback = { "echo", seconds = 0.2 } }
      local futures = {}
      for i = 1, 40 do futures[i] = get(i) end
      for i = 1, 40, 2 do futures[i]:cancel() end
      for i = 1, 40 do
        local value, err = futures[i]:await()
        assert.equal(i % 2 == 0 and i or nil, value and value.id)
        assert.equal(i % 2 == 1 and "cancelled" or nil, err and err.code)
      end
    end)

    if _VERSION == "Lua 5.4" then
      it("happens at the end of a block with <close>", function()
        peer:script { { "silence" }, fallback = { "echo" } }
        local block = assert(load [[
          local start, peer = ...
          local out
          do
            local future <close> = start("one")
            peer:drive(future, 1)
            out = future
          end
          return out
        ]])
        local _, err = block(post, peer):await()
        assert.same({ "cancelled", true }, { err.code, err.sent })
        local broken = assert(load [[
          local start = ...
          local future <close> = start("two")
          error("of the block", 0)
        ]])
        assert.same({ false, "of the block" }, { pcall(broken, post) })
        assert.equal("three", assert(post("three"):await()).id)
      end)
    end
  end)

  describe("a future that nobody has any more", function()
    local function collect()
      collectgarbage()
      collectgarbage()
    end

    it("is cancelled, and the next call gets its own answer", function()
      peer:script { { "delay", seconds = 0.3, body = '{"id":"not yours"}' }, fallback = { "echo" } }
      peer:drive(post("one"), 1)
      collect()
      local request = peer:requests()[1]
      assert.equal("two", assert(post("two"):await()).id)
      eventually(function() return connection_of(request).peerClosed end, "the connection stays")
    end)

    it("whose answer is there leaves its connection to the next", function()
      local future = get(1)
      eventually(function() return future:done() end)
      future = nil -- luacheck: ignore
      collect()
      assert.equal(2, assert(get(2):await()).id)
      local requests = peer:requests()
      assert.equal(requests[1].connection, requests[2].connection)
    end)

    it("leaves no descriptor", function()
      peer:script { fallback = { "echo", behaviour = "silence", but = { own = {} } } }
      assert(post("own"):await())
      collect()
      local before = descriptors()
      for round = 1, 5 do
        for i = 1, 20 do get(round * 100 + i):done() end
        assert(post("own"):await())
        collect()
        assert.equal(before, descriptors())
      end
    end)
  end)
end)
