-- Futures in the life of a call, and at the ends of their client, Lua state and process; futures in callbacks.
local oneentry = require "oneentry"
local child = require "support.child"
local eventually = require "support.eventually"
local server = require "support.server"

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

  -- Are all connections after the first n closed?
  local function all_closed(n)
    for i, connection in ipairs(peer:connections()) do
      if i > n and not (connection.closed or connection.peerClosed) then return false end
    end
    return true
  end

  describe("a future goes through everything that a call goes through:", function()
    it("retries", function()
      peer:script { { "answer", status = 503 }, { "echo" }, { "answer", status = 503 } }
      local first = get(7)
      assert.equal(7, assert(first:await()).id)
      assert.equal(503, select(2, post("one"):await()).statusCode)
      assert.equal(3, #peer:requests())
    end)

    it("a refresh", function()
      local user = api.session { accessToken = "old", refreshToken = "r" }
      peer:script { { "answer", status = 401 }, { "answer", body = '{"accessToken":"new","refreshToken":"s"}' }, { "echo" } }
      assert.equal("new", assert(get(7, user):await()).token)
      assert.equal("s", user.getSession().refreshToken)
    end)

    it("waiting for a payment session, beside others", function()
      peer:script { { "answer", body = '{"status":"waiting"}' }, { "answer", body = '{"status":"completed"}' } }
      local future = api.async.Payments.waitForSession(65, { interval = 0.1 })
      peer:drive(future, 1)
      peer:script { { "answer", body = '{"status":"completed"}' } }
      assert.equal("completed", assert(future:await()).status)
    end)

    it("many retries and waits at once", function()
      local steps = { fallback = { "echo" } }
      for i = 1, 20 do steps[i] = { "answer", status = 503 } end
      peer:script(steps)
      local futures = {}
      for i = 1, 20 do futures[i] = get(i) end
      for i, value in ipairs(assert(oneentry.all(futures))) do assert.equal(i, value.id) end
      assert.equal(40, #peer:requests())
    end)
  end)

  describe("at the end,", function()
    it("api.close settles what is in flight, and tells what may have been sent", function()
      local own = oneentry.define(peer.url, { maxConnections = 1 })
      peer:script { { "echo" }, { "silence" }, fallback = { "echo" } }
      local answered = post("zero", own)
      eventually(function() return answered:done() end)
      local sent, waiting = post("one", own), post("two", own)
      peer:drive(sent, 2)
      own.close()
      for future, was_sent in pairs { [sent] = true, [waiting] = false } do
        assert.is_true(future:done())
        local value, err = future:await()
        assert.is_nil(value)
        assert.same({ "closed", was_sent }, { err.code, err.sent })
      end
      assert.equal("zero", assert(answered:await()).id)
      assert.equal(2, #peer:requests())
    end)

    it("the api is collected with its futures in flight; a future alone keeps what it needs", function()
      local before = #peer:connections()
      peer:script { { "silence" }, fallback = { "echo" } }
      local own = oneentry.define(peer.url)
      peer:drive(get(1, own), 1)
      local kept = get(2, own)
      own = nil -- luacheck: ignore
      collectgarbage()
      collectgarbage()
      assert.equal(2, assert(kept:await()).id)
      kept = nil -- luacheck: ignore
      collectgarbage()
      collectgarbage()
      eventually(function() return all_closed(before) end, "connections stay")
    end)

    it("they are dropped in an event loop, and their memory is used for others", function()
      peer:script { fallback = { "echo" } }
      assert.same({ "well\n", true }, { child.run(([[
        local oneentry, own_loop = require "oneentry", require "support.driver.own_loop"
        local api = oneentry.define(%q, { driver = own_loop.driver })
        own_loop.run { function()
          for _ = 1, 10 do
            for i = 1, 20 do api.async.Payments.getSessionById(i) end
            collectgarbage()
            collectgarbage()
            local texts = {}
            for i = 1, 2000 do texts[i] = ("x"):rep(i) end
            assert(assert(api.Payments.getSessionById(#texts)).id == #texts)
          end
        end }
        print "well"
      ]]):format(peer.url)) })
    end)

    it("the Lua state is closed with futures in flight", function()
      local before = #peer:connections()
      local output, ok = child.run(([[
        local oneentry = require "oneentry"
        local api, other = oneentry.define(%q), oneentry.define(%q, { maxConnections = 1 })
        kept = {}
        for i = 1, 20 do kept[i] = (i %% 2 == 0 and api or other).async.Payments.getSessionById(i) end
        assert(kept[1]:await())
        local thread = coroutine.create(function() local f = api.async.Payments.getSessionById(5) coroutine.yield() return f end)
        coroutine.resume(thread)
        kept.thread = thread
        print "well"
      ]]):format(peer.url, peer.url))
      assert.same({ "well\n", true }, { output, ok })
      eventually(function() return all_closed(before) end, "connections stay")
    end)

    it("may be asked for by finalizers when the Lua state is closed, after their client is gone", function()
      for _, how in ipairs { "done", "cancel", "await" } do
        local output, ok = child.run(([[
          local futures, sleeper = {}, nil
          local function at_close()
            for _, future in ipairs(futures) do print((pcall(future.%s, future))) end
          end
          -- made before the client, it is finalized after it
          if newproxy then
            late = newproxy(true)
            getmetatable(late).__gc = at_close
          else
            late = setmetatable({}, { __gc = at_close })
          end
          local driver = { name = "spec", wait = coroutine.yield }
          local api = require "oneentry".define(%q, { timeout = 10, driver = driver })
          for i = 1, 2 do futures[i] = api.async.Payments.getSessionById(i) end
          sleeper = coroutine.create(function() futures[1]:await() end)
          assert(coroutine.resume(sleeper))
        ]]):format(how, peer.url))
        assert.same({ "true\ntrue\n", true }, { output, ok }, how)
      end
    end)

    it("their metatables cannot be had, and those of apis are for nothing else", function()
      local future = get(7)
      assert.equal("oneentry.future", getmetatable(future))
      for _, of in ipairs { api, api.async, oneentry } do
        assert.has_error(function() getmetatable(of).__index(5, "Orders") end)
        assert.has_error(function() getmetatable(of).__index("text", "all") end)
      end
      assert.equal(7, assert(future:await()).id)
    end)

    it("a child of fork finds the futures of its parent closed, and those go on", function()
      peer:script { { "echo" }, fallback = { "echo", seconds = 0.5 } }
      local output, ok = child.run(([[
        local process = require "specfork"
        local oneentry = require "oneentry"
        local api = oneentry.define(%q, { timeout = 10 })
        assert(api.async.Users.addFCMToken("first"):await())
        local async = api.async.Users
        local awaited, asked, cancelled, dropped = async.addFCMToken("a"), async.addFCMToken("b"), async.addFCMToken("c"),
          async.addFCMToken("d")
        local pid = process.fork()
        if pid == 0 then
          local good = true
          local function check(what, condition)
            if not condition then io.write("not ", what, "\n") good = false end
          end
          local done = asked:done()
          check("done", done)
          local value, err = awaited:await()
          check("closed", value == nil and err.code == "closed")
          check("sent", err.sent == true)
          cancelled:cancel()
          local _, reason = cancelled:await()
          check("closed or cancelled", reason.code == "closed" or reason.code == "cancelled")
          dropped = nil
          collectgarbage()
          check("own", api.Users.addFCMToken("own").id == "own")
          local one, two = async.addFCMToken("one"), async.addFCMToken("two")
          check("futures of its own", oneentry.all({ one, two })[2].id == "two")
          io.stdout:flush()
          process.exit(good and 0 or 1)
        end
        assert(process.wait(pid) == 0)
        local values = assert(oneentry.all { awaited, asked, cancelled, dropped })
        for i, id in ipairs { "a", "b", "c", "d" } do assert(values[i].id == id) end
      ]]):format(peer.url), "ASAN_OPTIONS=detect_leaks=0")
      assert.same({ "", true }, { output, ok })
      local seen = {}
      for _, request in ipairs(peer:requests()) do
        assert.is_nil(seen[request.path], "twice: " .. request.path)
        seen[request.path] = true
      end
      assert.equal(8, #peer:requests())
    end)
  end)

  it("hooks may start futures, and wait for them", function()
    local own, futures, answers = nil, {}, {}
    local busy = false
    own = oneentry.define(peer.url, {
      hooks = {
        request = function(event)
          if busy then return end
          busy = true
          futures[#futures + 1] = own.async.Payments.getSessionById(100 + event.attempt)
          busy = false
        end,
        response = function()
          if busy then return end
          busy = true
          answers[#answers + 1] = own.async.Payments.getSessionById(200):await()
          busy = false
        end,
      },
    })
    assert.equal(1, assert(get(1, own):await()).id)
    assert.equal(101, assert(futures[1]:await()).id)
    assert.equal(200, answers[1].id)
  end)

  -- A call with an expired token: sent, refused, refreshed, sent again. `wait` is called with the future in its
  -- n-th callback, counted over hooks and saveFunction.
  local function in_callback(n, wait)
    local future, count, saved = nil, 0, 0
    local function callback()
      count = count + 1
      if future and count == n then wait(future) end
    end
    local own = oneentry.define(peer.url, {
      timeout = 10, maxRetries = 0,
      hooks = { request = callback, response = callback },
      auth = {
        accessToken = "a", refreshToken = "r", providerMarker = "email",
        saveFunction = function()
          saved = saved + 1
          callback()
        end,
      },
    })
    peer:script {
      { "answer", status = 401, body = "{}" }, { "answer", body = '{"accessToken":"b","refreshToken":"s"}' },
      { "answer", body = '{"id":1}' }, fallback = { "answer", body = '{"id":2}' },
    }
    future = own.async.Orders.createOrder("orders", {})
    local order, err = future:await()
    own.close()
    return order, err, saved
  end

  -- 1 is before the future is there: request, response, request of the refresh, saveFunction, response, request, response
  for n = 2, 7 do
    for _, how in ipairs { "done", "await" } do
      it(("a callback (%d) may use %s of its own call, which is not sent twice for it"):format(n, how), function()
        local order, err, saved = in_callback(n, function(future) future[how](future) end)
        assert.equal(1, assert(order, tostring(err)).id)
        assert.equal(1, saved)
        local seen = {}
        for i, request in ipairs(peer:requests()) do seen[i] = request.path:match "[^/]+$" end
        assert.same({ "orders", "refresh", "orders" }, seen)
      end)
    end
  end

  it("a callback about the answer cannot wait for it", function()
    local future, ok, problem
    local function callback() ok, problem = pcall(future.await, future) end
    local own = oneentry.define(peer.url, { auth = { saveFunction = callback }, errors = { customErrors = { [404] = callback } } })
    peer:script { { "answer", body = '{"userIdentifier":"u","accessToken":"a","refreshToken":"r"}' }, { "reply", bytes = "" } }
    future = own.async.AuthProvider.auth("email", { authData = { { marker = "login", value = "x" } } })
    assert.equal("u", assert(future:await()).userIdentifier)
    assert.same({ false, "a call's own callback cannot wait for it" }, { ok, problem })
    future, ok, problem = get(7, own), nil, nil
    peer:drive(future, 2)
    peer:answer(2, 404, "{}")
    assert.equal(404, select(2, future:await()).statusCode)
    assert.same({ false, "a call's own callback cannot wait for it" }, { ok, problem })
  end)
end)
