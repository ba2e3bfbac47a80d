-- A finalizer runs wherever Lua allocates, and uses, cancels or closes things that a call is about to use. Nothing shared is
-- half written then, and no call looks at things that are gone. spec/inject/finalizers.lua has every call and action.
local child = require "support.child"
local server = require "support.server"

-- The beginning of each child: `peer` is the url of the peer.
local head = [[
  local oneentry, finalizer = require "oneentry", require "support.finalizer"
  local peer = %q
  local function define(config)
    config = config or {}
    config.token, config.maxRetries, config.timeout = "app-token", 0, config.timeout or 5
    return oneentry.define(peer, config)
  end
  local function order()
    return { formIdentifier = "order", products = {}, notificationData = { email = "a@b", phonePush = {} } }
  end
]]

describe("S1, S8: a finalizer during a call", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  -- Runs the code, which prints "N points".
  local function run(code)
    local output, ok = child.run(head:format(peer.url) .. code, "ulimit -t 20;") -- seconds, should it go round for ever
    assert.is_true(ok, output)
    local points = tonumber(output:match "(%d+) points\n$")
    assert.is_true(points and points >= 5, output)
    return points
  end

  it("S1: that prepares another request leaves url and body of this one", function()
    for _, call in ipairs { 'Orders.createOrder("orders", order())', "Users.updateUser(order())" } do
      run(([[
        local expected = define().prepare.CALL
        print(finalizer.each(function()
          local api = define()
          return function() return api.prepare.CALL end, function()
            assert(api.prepare.Payments.getSessionById(7).url:find "/payments/sessions/7$")
            api.prepare.Payments.createSession(8, "session")
          end
        end, function(results, n, _, problem)
          local got = results[2]
          assert(results[1] and not problem, tostring(got) .. tostring(problem))
          assert(got.url == expected.url and #got.body == #expected.body and got.method == expected.method,
            n .. ": " .. got.url .. " " .. tostring(got.body))
        end) .. " points")
      ]]):gsub("CALL", (call:gsub("%%", "%%%%"))))
    end
  end)

  it("S1: that calls the same client sends no foreign url and no foreign body", function()
    peer:script { fallback = { "answer", status = 201, body = "{}" } }
    local points = run [[
      print(finalizer.each(function()
        local api = define()
        return function() return api.Orders.createOrder("orders", order()) end,
          function() assert(api.Payments.createSession(8, "session")) end
      end, function(results, n, _, problem)
        assert(results[1] and results[2] and not problem, n .. ": " .. tostring(results[3] or results[2]) .. tostring(problem))
      end) .. " points")
    ]]
    local seen = { order = 0, session = 0 }
    for _, request in ipairs(peer:requests()) do
      local is_order = request.path == "/api/content/orders-storage/marker/orders/orders"
      assert.is_true(is_order or request.path == "/api/content/payments/sessions", request.path)
      if is_order then
        assert.is_truthy(request.body:find '^{".*}$')
        assert.is_truthy(request.body:find('"formIdentifier":"order"', 1, true))
        assert.is_truthy(request.body:find('"email":"a@b"', 1, true))
      else
        assert.is_truthy(request.body:find('"orderId":8', 1, true))
      end
      local kind = is_order and "order" or "session"
      seen[kind] = seen[kind] + 1
    end
    assert.same({ order = points + 1, session = points }, seen)
  end)

  it("S1: that uses a client whose first request is being written does not end the process", function()
    run [[
      local points = 0
      for _, name in ipairs { "createOrder", "updateUser" } do
        points = points + finalizer.each(function()
          local api = define { timeout = 0.5 }
          local async = api.async
          return function()
            if name == "createOrder" then return async.Orders.createOrder("orders", order()) end
            return async.Users.updateUser(order())
          end, function() async.Payments.getSessionById(7):cancel() end
        end, function(results, _, _, problem)
          assert(results[1] and not problem, tostring(results[2]) .. tostring(problem))
          results[2]:cancel()
        end)
      end
      print(points .. " points")
    ]]
  end)

  it("S1: that cancels a call that polls ends it as cancelled", function()
    peer:script { fallback = { "answer", body = '{"id":66,"status":"waiting"}' } }
    run [[
      print(finalizer.each(function()
        local api = define()
        local future = api.async.Payments.waitForSession(66, { timeout = 0.1, interval = 0.01 })
        return function() return future:await() end, function() future:cancel() end
      end, function(results, n, acted, problem)
        assert(results[1] and not results[2] and not problem, tostring(results[2]) .. tostring(problem))
        local code = results[3].code
        assert(code == (acted and "cancelled" or "timeout") or n > 20 and code == "timeout", n .. ": " .. tostring(results[3]))
      end, 3) .. " points")
    ]]
  end)

  it("S8: that closes the client during prepare leaves the whole request, or the error", function()
    run [[
      local expected = define().prepare.Users.updateUser(order())
      print(finalizer.each(function()
        local api = define { auth = { accessToken = "access-1" } }
        return function() return api.prepare.Users.updateUser(order()) end, function() api.close() end
      end, function(results, n, _, problem)
        assert(results[1] and not problem, tostring(results[2]) .. tostring(problem))
        local got, err = results[2], results[3]
        if got then
          assert(got.url == expected.url and #got.body == #expected.body, n .. ": " .. got.url)
          assert(got.headers.authorization == "Bearer access-1" and got.method == "PUT")
        else
          assert(err.code == "closed", tostring(err))
        end
      end) .. " points")
    ]]
  end)

  it("S8: that closes the client during a call ends it as closed, or leaves its answer", function()
    peer:script { fallback = { "answer", status = 400, body = '{"message":["no","way"],"id":9007199254740993}' } }
    run [[
      local points = 0
      for _, debugging in ipairs { false, true } do
        points = points + finalizer.each(function()
          local heard = {}
          local api = define { debug = debugging, hooks = { response = function(e) heard[#heard + 1] = e.status end } }
          return function()
            return api.Payments.createSession(8, "session")
          end, function() api.close() end
        end, function(results, _, _, problem)
          assert(results[1] and not problem, tostring(results[2]) .. tostring(problem))
          local err = results[3]
          assert(results[2] == nil and (err.code == "closed" or err.statusCode == 400), tostring(err))
        end)
      end
      print(points .. " points")
    ]]
  end)

  it("S8: that closes the client during a refresh ends the call", function()
    peer:script { fallback = { "echo", refuse = "access-1", but = { refresh = { status = 400 } } } }
    run [[
      print(finalizer.each(function()
        local api = define { auth = { accessToken = "access-1", refreshToken = "refresh-1" } }
        return function() return api.Payments.getSessionById(7) end, function() api.close() end
      end, function(results, n, _, problem)
        assert(results[1] and not results[2] and not problem, tostring(results[2]) .. tostring(problem))
        local err = results[3]
        assert(err.code == "closed" or err.statusCode == 401, n .. ": " .. tostring(err))
      end) .. " points")
    ]]
  end)

  it("S10a: that cancels a login leaves the session what it has brought", function()
    local body = '{"userIdentifier":"u","accessToken":"access-2","refreshToken":"refresh-2"}'
    peer:script { fallback = { "answer", status = 201, body = body } }
    run [[
      print(finalizer.each(function()
        local api = define()
        local future = api.async.AuthProvider.auth("email", { authData = { { marker = "login", value = "x" } } })
        return function()
          local value, err = future:await()
          return value, err, api
        end, function() future:cancel() end
      end, function(results, n, _, problem)
        local value, err, api = results[2], results[3], results[4]
        assert(results[1] and not problem, tostring(value) .. tostring(problem))
        assert(value or err.code == "cancelled", tostring(err))
        local limit = require "socket".gettime() + 5
        while api.getSession().accessToken ~= "access-2" do
          assert(require "socket".gettime() < limit, n .. ": the tokens are lost")
        end
      end) .. " points")
    ]]
  end)

  it("S10: that sets other tokens while a refresh brings some leaves those that it set", function()
    peer:script { fallback = { "echo", refuse = "access-0", but = {
      refresh = { body = '{"accessToken":"access-1","refreshToken":"refresh-1"}' },
    } } }
    for _, shared in ipairs { "false", "true" } do -- the second session takes the tokens that the first has got
      local code = ([[
        local user
        print(finalizer.each(function()
          local api = define { auth = { accessToken = "access-0", refreshToken = "refresh-0" } }
          user = api
          if SHARED then
            user = api.session(api.getSession())
            assert(api.Payments.getSessionById(1))
          end
          return function() return user.Payments.getSessionById(2) end, function()
            user.Users.setAccessToken("bob-access").setRefreshToken("bob-refresh")
          end
        end, function(_, n, acted)
          local held = user.getSession()
          user.close()
          local name = acted and "bob-access bob-refresh" or "access-1 refresh-1"
          assert(held.accessToken .. " " .. held.refreshToken == name, n .. ": " .. held.accessToken .. " " .. held.refreshToken)
        end) .. " points")
      ]]):gsub("SHARED", shared)
      run(code)
    end
  end)

  it("S8: that closes the client while a request is repeated sends no more, and ends the call at once", function()
    run [[
      local silent = require "support.server".start() -- of this process, which tells it anew for each point
      local clock, timeout, early = require "socket".gettime, 0.15, nil
      print(finalizer.each(function()
        silent:script { { "answer", body = '{"id":66,"status":"waiting"}' }, fallback = { "reply", bytes = "" } } -- no second answer
        local config = { token = "app-token", maxRetries = 0, hooks = { request = function() end } }
        local api, began = oneentry.define(silent.url, config), clock()
        return function() return api.Payments.waitForSession(66, { timeout = timeout, interval = 0.001 }) end,
          function()
            early = clock() - began < timeout / 2
            api.close()
          end
      end, function(results, n, acted, problem)
        local err = results[3]
        assert(results[1] and not results[2] and not problem, tostring(results[2]) .. tostring(problem))
        assert(err.code == "closed" or err.code == "timeout" and not (acted and early), n .. ": " .. tostring(err))
      end) .. " points")
      silent:stop()
    ]]
  end)

  -- Goes through a call that is refused, refreshed and repeated; `action` is done with its future and its client.
  local REPEATED = [[
    local clock, began = require "socket".gettime, nil
    print(finalizer.each(function()
      began = clock()
      local api = oneentry.define(peer, { token = "app-token", maxRetries = 0, timeout = 5,
        auth = { accessToken = "access-0", refreshToken = "refresh-0" } })
      local future = api.async.Orders.createOrder("orders", order())
      return function() return future:await() end, function() %s end
    end, function(results, n, _, problem)
      assert(results[1] and not problem, tostring(results[2]) .. tostring(problem))
      assert(results[2] or results[3].code == "closed", n .. ": " .. tostring(results[3]))
      assert(clock() - began < 2, n .. ": waited for a client that is closed")
    end) .. " points")
  ]]

  local function paths()
    local seen = {}
    for _, request in ipairs(peer:requests()) do
      local name = request.path:match "[^/]+$"
      seen[name] = (seen[name] or 0) + 1
    end
    return seen
  end

  local ACTIONS = { done = "future:done()", close = "api.close()",
    call = [[
      local ok, value, err = pcall(api.Payments.getSessionById, 7)
      assert(ok and value or not ok and value:find "wait", tostring(err))
    ]] }
  for what, action in pairs(ACTIONS) do
    it(("S1: that uses %s while its call is refreshed and repeated has nothing sent twice"):format(what), function()
      peer:script { fallback = { "echo", refuse = "access-0", but = {
        refresh = { body = '{"accessToken":"access-1","refreshToken":"refresh-1"}' }, orders = { status = 201, body = '{"id":1}' },
      } } }
      local calls, seen = run(REPEATED:format(action)) + 1, paths()
      assert.is_true(seen.orders <= 2 * calls and seen.refresh <= calls)
      if what == "done" then assert.same({ orders = 2 * calls, refresh = calls }, seen) end
    end)
  end
end)

describe("S2: a future that a hook of the refresh cancels", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  it("S2: ends as cancelled while it waits for that refresh", function()
    for _, hook in ipairs { "response", "request" } do
      peer:script { { "reply", bytes = "" }, { "reply", bytes = "" }, { "reply", bytes = "" },
        fallback = { "answer", status = 401, body = "{}" } }
      local futures, cancelled = {}, false
      local function cancel(event)
        if event.path:find "refresh" and not cancelled then
          cancelled = true
          for _, future in ipairs(futures) do future:cancel() end
        end
      end
      local api = require "oneentry".define(peer.url, { token = "app-token", maxRetries = 0, timeout = 5, driver = "blocking",
        auth = { accessToken = "access-1", refreshToken = "refresh-1" }, hooks = { [hook] = cancel } })
      local function requests(n)
        local list
        repeat
          for _, future in ipairs(futures) do future:done() end
          list = peer:requests()
        until #list >= n
        return list
      end
      for i = 1, 2 do
        futures[i] = api.async.Payments.getSessionById(i)
        requests(i)
      end
      if hook == "response" then
        peer:answer(1, 401, "{}")
        assert.is_truthy(requests(3)[3].path:find "refresh$")
        peer:answer(2, 401, "{}") -- both answers lie in their sockets when the second call is taken forward
        peer:answer(3, 400, "{}")
      else
        peer:answer(1, 401, "{}")
        peer:answer(2, 401, "{}")
      end
      for i = 2, 1, -1 do
        local value, err = futures[i]:await()
        assert.is_nil(value)
        -- The second does not wait for what the first, which has asked for the refresh, tells of its answer.
        assert.equal(hook == "response" and i == 2 and "http" or "cancelled", err.code)
      end
      assert.is_true(cancelled)
      api.close()
    end
  end)
end)
