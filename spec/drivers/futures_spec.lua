-- Futures: what await, done, cancel and oneentry.all promise, also of futures that nobody waits for any more.
local oneentry = require "oneentry"
local descriptors = require "support.descriptors"
local eventually = require "support.eventually"
local server = require "support.server"
local socket = require "socket"


local function took(f, ...)
  local before = socket.gettime()
  local function passed(...)
    return socket.gettime() - before, ...
  end
  return passed(f(...))
end

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

  -- Drives the future until the server has so many requests.
  local function until_sent(future, n)
    eventually(function() return future:done() or #peer:requests() == n end, "no request")
  end

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
      local time, done = took(future.done, future)
      assert.is_false(done)
      assert.is_true(time < 0.2)
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
      until_sent(first, 1)
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
      until_sent(future, 1)
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
          local start, sent = ...
          local out
          do
            local future <close> = start("one")
            sent(future, 1)
            out = future
          end
          return out
        ]])
        local _, err = block(post, until_sent):await()
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
      until_sent(post("one"), 1)
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

  describe("oneentry.all", function()
    it("gives the values in the order of the futures", function()
      peer:script { fallback = { "echo", but = { ["1"] = { seconds = 0.2 }, ["2"] = { seconds = 0.1 } } } }
      local values, err = oneentry.all { get(1), get(2), get(3) }
      assert.is_nil(err)
      assert.same({ 1, 2, 3 }, { values[1].id, values[2].id, values[3].id })
    end)

    it("of nothing is nothing", function()
      assert.same({}, (oneentry.all {}))
      assert.same({}, (oneentry.all({}, "settled")))
    end)

    it("gives false and null as values", function()
      peer:script { fallback = { "echo", but = { ["1"] = { body = "false" }, ["2"] = { body = "null" } } } }
      local values, err = oneentry.all { get(1), get(2) }
      assert.is_nil(err)
      assert.is_false(values[1])
      assert.equal(oneentry.null, values[2])
    end)

    it("ends with the first failure; the others go on", function()
      peer:script { fallback = { "echo", but = { ["1"] = { seconds = 1 }, ["2"] = { status = 404 } } } }
      local first, second = get(1), get(2)
      local time, values, err = took(oneentry.all, { first, second })
      assert.is_true(time < 0.8, time)
      assert.is_nil(values)
      assert.equal(404, err.statusCode)
      assert.equal(1, first:await().id)
    end)

    it("waits for all with \"settled\", and tells what became of each", function()
      peer:script { fallback = { "echo", but = { ["1"] = { seconds = 0.2 }, ["2"] = { status = 404 } } } }
      local values, errors = oneentry.all({ get(1), get(2), get(3) }, "settled")
      assert.same({ 1, nil, 3 }, { values[1].id, nil, values[3].id })
      assert.is_nil(values[2])
      assert.equal(404, errors[2].statusCode)
      assert.is_nil(errors[1])
      assert.is_nil(errors[3])
    end)

    it("raises the first failure where errors.isShell is false, but not with \"settled\"", function()
      local own = oneentry.define(peer.url, { errors = { isShell = false } })
      peer:script { fallback = { "echo", but = { ["2"] = { status = 404 } } } }
      local ok, err = pcall(oneentry.all, { get(1, own), get(2, own) })
      assert.is_false(ok)
      assert.equal(404, err.statusCode)
      local values, errors = oneentry.all({ get(1, own), get(2, own) }, "settled")
      assert.equal(1, values[1].id)
      assert.equal(404, errors[2].statusCode)
    end)

    it("takes the same future twice, and awaited ones", function()
      local future = get(7)
      assert(future:await())
      local other = get(8)
      local values = assert(oneentry.all { future, other, future, other })
      assert.same({ 7, 8, 7, 8 }, { values[1].id, values[2].id, values[3].id, values[4].id })
    end)

    it("tells what is wrong with its arguments", function()
      for _, case in ipairs {
        { 5, nil, "#1 to 'all' (list of futures expected, got number)" },
        { nil, nil, "#1 to 'all' (list of futures expected, got nil)" },
        { get(1), nil, "#1 to 'all' (list of futures expected, got userdata)" },
        { { get(1), 5 }, nil, "#1 to 'all' (future expected at 2, got number)" },
        { { {} }, nil, "#1 to 'all' (future expected at 1, got table)" },
        { {}, "any", "#2 to 'all' (\"settled\" or nothing expected)" },
        { {}, true, "#2 to 'all' (\"settled\" or nothing expected)" },
      } do
        local ok, message = pcall(oneentry.all, case[1], case[2])
        assert.is_false(ok)
        assert.matches("bad argument " .. case[3], message, 1, true)
      end
    end)

    it("refuses what it would leave out", function()
      assert.has_error(function() oneentry.all { order = get(1) } end,
        "bad argument #1 to 'all' (a list without gaps expected, and nothing at order)")
      assert.has_error(function() oneentry.all { [2] = get(1) } end)
    end)

    it("waits for two sessions, each with its token", function()
      local users, futures = {}, {}
      for i = 1, 2 do users[i] = api.session { accessToken = "token-" .. i } end
      for i = 1, 20 do futures[i] = get(i, users[i % 2 + 1]) end
      for i, value in ipairs(assert(oneentry.all(futures))) do
        assert.same({ i, "token-" .. i % 2 + 1 }, { value.id, value.token })
      end
    end)

    it("waits for two clients at once", function()
      local other = oneentry.define(peer.url, { timeout = 2 })
      peer:script { fallback = { "echo", but = { ["1"] = { seconds = 1 }, ["2"] = { seconds = 0.2 }, ["3"] = { behaviour = "silence" } } } }
      local values, errors = oneentry.all({ get(1), get(2, other), get(3, other) }, "settled")
      assert.equal(1, values[1].id)
      assert.is_nil(errors[2])
      assert.equal(2, values[2].id)
      assert.equal("timeout", errors[3].code)
    end)

    it("ends with the first failure of two clients", function()
      local other = oneentry.define(peer.url)
      peer:script { fallback = { "echo", but = { ["1"] = { seconds = 2 }, ["2"] = { status = 404 } } } }
      local time, values, err = took(oneentry.all, { get(1), get(2, other) })
      assert.is_nil(values)
      assert.equal(404, err.statusCode)
      assert.is_true(time < 1, time)
    end)
  end)

  describe("many at once:", function()
    it("256, each with its own answer", function()
      local users, futures = {}, {}
      for i = 1, 8 do users[i] = api.session { accessToken = "token-" .. i } end
      for i = 1, 256 do
        futures[i] = i % 2 == 0 and get(i, users[i % 8 + 1]) or post(tostring(i), users[i % 8 + 1])
      end
      for i, value in ipairs(assert(oneentry.all(futures))) do
        assert.same({ i, "token-" .. i % 8 + 1 }, { tonumber(value.id), value.token })
      end
      assert.equal(256, #peer:requests())
    end)

    it("all end at their deadline", function()
      local silent = oneentry.define(peer.url, { timeout = 0.5 })
      local crowded = oneentry.define(peer.url, { timeout = 0.7, maxConnections = 3 })
      peer:script { fallback = { "silence" } }
      local futures, latest = {}, {}
      for i = 1, 40 do
        local own = i % 2 == 0 and silent or crowded
        latest[i] = socket.gettime() + (own == silent and 0.5 or 0.7) + 0.25
        futures[i] = i % 3 == 0 and get(i, own) or post(tostring(i), own)
      end
      local ended = {}
      local limit = socket.gettime() + 5
      repeat
        local left = 0
        for i, future in ipairs(futures) do
          if not ended[i] and future:done() then ended[i] = socket.gettime() end
          left = left + (ended[i] and 0 or 1)
        end
      until left == 0 or socket.gettime() > limit
      for i, future in ipairs(futures) do
        local _, err = future:await()
        assert.equal("timeout", err.code)
        assert.is_true(ended[i] <= latest[i], ("%d: %.3f s late"):format(i, ended[i] - latest[i] + 0.25))
      end
    end)

    it("of which one is awaited end at their deadlines", function()
      local silent = oneentry.define(peer.url, { timeout = 0.5 })
      peer:script { fallback = { "silence" } }
      local futures = {}
      local time, values, errors = took(function()
        for i = 1, 40 do futures[i] = get(i, silent) end
        return oneentry.all(futures, "settled")
      end)
      assert.is_nil(next(values))
      assert.equal(40, #errors)
      assert.is_true(time < 0.75 and time >= 0.49, time)
    end)

    it("never have more connections than maxConnections", function()
      for _, most in ipairs { 1, 3 } do
        local own = oneentry.define(peer.url, { maxConnections = most })
        local before = #peer:connections()
        local futures = {}
        for i = 1, 30 do futures[i] = get(i, own) end
        for i, value in ipairs(assert(oneentry.all(futures))) do assert.equal(i, value.id) end
        assert.equal(before + most, #peer:connections())
        own.close()
      end
    end)

    it("may wait longer for a free connection than a connection may take", function()
      local own = oneentry.define(peer.url, { maxConnections = 1, connectTimeout = 0.2, timeout = 10, maxRetries = 0 })
      peer:script { fallback = { "echo", seconds = 0.15 } }
      local futures = {}
      for i = 1, 6 do futures[i] = post(tostring(i), own) end
      for i, value in ipairs(assert(oneentry.all(futures))) do assert.equal(tostring(i), tostring(value.id)) end
      assert.equal(6, #peer:requests())
    end)

    it("wait for a connection in their order, and what is cancelled holds nobody up (B: Debian 13)", function()
      local own = oneentry.define(peer.url, { maxConnections = 1, timeout = 5, maxRetries = 0 })
      peer:script { { "silence" }, fallback = { "echo" } }
      local futures, before = {}, socket.gettime()
      for i = 1, 8 do futures[i] = i % 2 == 0 and get(i, own) or post(tostring(i), own) end
      eventually(function() return futures[1]:done() or #peer:requests() == 1 end)
      futures[3]:cancel()
      futures[8]:cancel()
      futures[1]:cancel() -- the one that has the connection
      for i, future in ipairs(futures) do
        local value, err = future:await()
        if i == 1 or i == 3 or i == 8 then
          assert.same({ "cancelled", i == 1 }, { err.code, err.sent })
        else
          assert.equal(tostring(i), tostring(assert(value, err).id))
        end
      end
      local order = {}
      for i, request in ipairs(peer:requests()) do order[i] = request.path:match "[^/]+$" end
      assert.equal("1 2 4 5 6 7", table.concat(order, " "))
      assert.is_true(socket.gettime() - before < 3)
    end)
  end)
end)

