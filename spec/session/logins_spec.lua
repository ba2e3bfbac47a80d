-- Logins that are late or gone: none is lost, and none becomes another user's.
local oneentry = require "oneentry"
local eventually = require "support.eventually"
local logins = require "support.server.logins"
local server = require "support.server"
local socket = require "socket"

local UNAUTHORIZED, tokens, held = logins.UNAUTHORIZED, logins.tokens, logins.held
local HELD = { "reply", bytes = "" } -- answered by peer:answer

local function collect()
  collectgarbage()
  collectgarbage()
end

-- Tells whether the condition becomes true within 1 s: a known fault fails on an assertion.
local function soon(condition)
  local limit = socket.gettime() + 1
  while not condition() do
    if socket.gettime() > limit then return false end
    socket.sleep(0.005)
  end
  return true
end

describe("the tokens of a login", function()
  local peer, saved

  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function() saved = {} end)

  -- A saveFunction of this test: one that is called late, in another coroutine, is no other test's.
  local function saver()
    local list = saved
    return function(token) list[#list + 1] = token end
  end

  local function client(timeout, auth)
    return oneentry.define(peer.url, { timeout = timeout, maxRetries = 0, auth = auth })
  end

  local function alice(api)
    return api.session { accessToken = "alice-access", refreshToken = "alice-refresh", saveFunction = saver() }
  end

  -- Answers a request that was held; why not, when its connection has been given up.
  local function answer(number, status, body)
    local ok, problem = pcall(peer.answer, peer, number, status, body)
    return ok or problem
  end

  local function paths()
    local list = {}
    for i, request in ipairs(peer:requests()) do list[i] = request.path:match "([^/?]+)%??[^/]*$" end
    return list
  end

  -- Makes other calls of the client until saveFunction has been called.
  local function saved_soon(api)
    return soon(function()
      assert(api.Payments.getAccounts())
      return #saved > 0
    end)
  end

  describe("that came when nobody waited any more", function()
    -- Has a call time out during its refresh, after the server has got that.
    local function late(user)
      peer:script { UNAUTHORIZED, HELD, fallback = { "answer", body = "[]" } }
      assert.equal("timeout", select(2, user.Payments.waitForSession(1, { timeout = 0.6 })).code)
      assert.same({ "1", "refresh" }, paths())
    end

    it("S10a: are in the session after a refresh that took longer than the call", function()
      local user = alice(client(10))
      late(user)
      assert.is_true(answer(2, 200, tokens "new"))
      assert.is_true(soon(function() return user.getSession().refreshToken == "new-refresh" end))
      assert.same({ "new-access", "new-refresh" }, held(user))
    end)

    it("S10a: are saved while other calls of the client go on", function()
      local api = client(10)
      local user = alice(api)
      late(user)
      assert.is_true(answer(2, 200, tokens "new"))
      assert.is_true(saved_soon(api))
      assert.same({ "new-refresh" }, saved)
      assert.same({ "new-access", "new-refresh" }, held(user))
    end)

    it("S10a: are saved although a call's time ended first and its session is gone", function()
      local api = client(1.5)
      peer:script {
        { "delay", seconds = 0.6, status = 401, body = "{}" }, { "delay", seconds = 1.2, body = tokens "new" },
        fallback = { "answer", body = "[]" },
      }
      assert.equal("timeout", select(2, alice(api).Users.getUser()).code)
      collect()
      assert.is_true(saved_soon(api))
      assert.same({ "new-refresh" }, saved)
    end)

    it("S10a: are saved although the session is gone", function()
      local api = client(10)
      late(alice(api))
      collect()
      assert.is_true(answer(2, 200, tokens "new"))
      assert.is_true(saved_soon(api))
      assert.same({ "new-refresh" }, saved)
    end)

    it("S10a: are in the session after a refresh whose call was cancelled", function()
      local user = alice(client(10))
      peer:script { UNAUTHORIZED, HELD }
      local future = user.async.Payments.getSessionById(1)
      peer:drive(future, 2)
      future:cancel()
      assert.is_true(answer(2, 200, tokens "new"))
      assert.is_true(soon(function() return user.getSession().refreshToken == "new-refresh" end))
    end)

    it("S10a: are saved after a refresh whose future is gone, and the session", function()
      local api = client(10)
      peer:script { UNAUTHORIZED, HELD, fallback = { "answer", body = "[]" } };
      (function() peer:drive(alice(api).async.Payments.getSessionById(1), 2) end)()
      collect()
      assert.is_true(answer(2, 200, tokens "new"))
      assert.is_true(saved_soon(api))
      assert.same({ "new-refresh" }, saved)
    end)

    it("S10a: are in the session after a login that was cancelled", function()
      local user = client(10).session { saveFunction = saver() }
      peer:script { HELD }
      local future = user.async.AuthProvider.auth("email", {})
      peer:drive(future, 1)
      future:cancel()
      assert.is_true(answer(1, 200, tokens "new"))
      assert.is_true(soon(function() return user.getSession().refreshToken == "new-refresh" end))
    end)

    it("S10a: are saved although a hook has cancelled the call that asked for them", function()
      local api, future
      api = oneentry.define(peer.url, { timeout = 10, maxRetries = 0, hooks = { response = function(event)
        if event.path:find "/refresh$" then future:cancel() end
      end } })
      peer:script { UNAUTHORIZED, { "answer", body = tokens "new" }, fallback = { "answer", body = "[]" } }
      future = alice(api).async.Payments.getSessionById(1)
      assert.equal("cancelled", select(2, future:await()).code)
      assert.is_true(saved_soon(api))
      assert.same({ "new-refresh" }, saved)
    end)

    it("S10a: are gone from the session after a logout that was cancelled", function()
      local user = alice(client(10))
      peer:script { HELD }
      local future = user.async.AuthProvider.logout("email", "alice-refresh")
      peer:drive(future, 1)
      future:cancel()
      assert.is_true(answer(1, 200, "true"))
      assert.is_true(soon(function() return user.getSession().refreshToken == nil end))
      assert.same({}, held(user))
    end)
  end)

  describe("of a client that blocks are saved at once:", function()
    -- A login's future, which something else of its client brings to its end.
    local function logged_in(finish)
      local api = oneentry.define(peer.url, { timeout = 10, maxRetries = 0, driver = "blocking" })
      local user = api.session { saveFunction = saver() }
      peer:script { fallback = { "echo", but = { auth = { body = tokens "new" } } } }
      local future = user.async.AuthProvider.auth("email", {})
      finish(api, user)
      assert.same({ "new-refresh" }, saved)
      assert(future:await())
      assert.is_true(future:done())
      assert.same({ "new-refresh" }, saved)
    end

    it("by another call", function()
      logged_in(function(api) for _ = 1, 20 do assert(api.Payments.getAccounts()) end end)
    end)

    it("by getSession", function()
      logged_in(function(_, user) eventually(function() return user.getSession().refreshToken end) end)
    end)

    it("by the future of another call", function()
      logged_in(function(api)
        eventually(function() return assert(api.async.Payments.getAccounts():await()) and #saved > 0 end)
      end)
    end)
  end)

  describe("stay when a late answer comes:", function()
    -- Bob logs in while Alice's call, the only request so far, is not answered. `before`: what happens first.
    local function bob(user, before)
      before = before or function() end
      before()
      assert(user.AuthProvider.auth("email", {}))
      assert.same({ "bob-access", "bob-refresh" }, held(user))
    end

    it("S10b: that of a logout", function()
      local user = alice(client(10))
      peer:script { HELD, { "answer", body = tokens "bob" } }
      local out = user.async.AuthProvider.logout("email", "alice-refresh")
      peer:drive(out, 1)
      bob(user)
      peer:answer(1, 200, "true")
      assert.is_true(out:await())
      assert.same({ "bob-access", "bob-refresh" }, held(user))
      assert.same({ "bob-refresh" }, saved)
    end)

    it("S10b: that of a logout which came before the login, and is awaited after it", function()
      local user = alice(client(10))
      peer:script { HELD, { "answer", body = tokens "bob" } }
      local out = user.async.AuthProvider.logout("email", "alice-refresh")
      peer:drive(out, 1)
      bob(user, function() peer:answer(1, 200, "true") end)
      assert.is_true(out:await())
      assert.same({ "bob-access", "bob-refresh" }, held(user))
      assert.equal("bob-refresh", saved[#saved])
    end)

    it("S10b: that of an earlier login", function()
      local user = client(10).session { saveFunction = saver() }
      peer:script { HELD, { "answer", body = tokens "bob" } }
      local login = user.async.AuthProvider.auth("email", {})
      peer:drive(login, 1)
      bob(user)
      peer:answer(1, 200, tokens "alice")
      login:await()
      assert.same({ "bob-access", "bob-refresh" }, held(user))
      assert.same({ "bob-refresh" }, saved)
    end)

    it("S10b: that of a refresh by hand, of other tokens", function()
      local user = alice(client(10))
      peer:script { HELD, { "answer", body = tokens "bob" } }
      local refresh = user.async.AuthProvider.refresh("email", "carol-refresh")
      peer:drive(refresh, 1)
      bob(user)
      peer:answer(1, 200, tokens "carol")
      assert.equal("carol-access", assert(refresh:await()).accessToken)
      assert.same({ "bob-access", "bob-refresh" }, held(user))
      assert.same({ "bob-refresh" }, saved)
    end)

    -- Bob's login is not answered before something else has come later.
    local function bob_is_late(user, later, ...)
      peer:script { HELD, ... }
      local login = user.async.AuthProvider.auth("email", {})
      peer:drive(login, 1)
      later()
      local before = held(user)
      peer:answer(1, 200, tokens "bob")
      assert(login:await())
      assert.same(before, held(user))
      return before
    end

    it("S10b: that of a login, when a logout was later", function()
      local user = alice(client(10))
      assert.same({}, bob_is_late(user, function()
        assert(user.AuthProvider.logout("email", "alice-refresh"))
      end, { "answer", body = "true" }))
      assert.same({ "" }, saved)
    end)

    it("S10b: that of a login, when tokens were set later", function()
      local user = alice(client(10))
      assert.same({ "set-access", "set-refresh" }, bob_is_late(user, function()
        user.AuthProvider.setAccessToken("set-access").setRefreshToken "set-refresh"
      end))
      assert.same({}, saved)
    end)
  end)

  describe("are those of the user who made a call:", function()
    for name, call in pairs {
      createOrder = function(user) return user.async.Orders.createOrder("orders", { formIdentifier = "f" }) end,
      getAccounts = function(user) return user.async.Payments.getAccounts() end,
    } do
      it("S10c: it is never sent again as another: " .. name, function()
        local user = alice(client(10))
        peer:script { HELD, { "answer", body = tokens "bob" }, fallback = { "answer", status = 201, body = '{"id":5}' } }
        local future = call(user)
        peer:drive(future, 1)
        assert(user.AuthProvider.auth("email", {}))
        peer:answer(1, 401, UNAUTHORIZED.body)
        local value, err = future:await()
        assert.same({ nil, 401 }, { value, err and err.statusCode })
        assert.equal(2, #peer:requests())
        assert.same({ "bob-access", "bob-refresh" }, held(user))
      end)
    end
  end)

  describe("are in the session", function()
    -- A user of a client whose hook of that name gets events, and the client's other parts.
    local function hooked(name, hook)
      return alice(oneentry.define(peer.url, { timeout = 10, maxRetries = 0, hooks = { [name] = hook } }))
    end

    local function is_refresh(event) return event.path:find "/refresh$" ~= nil end

    it("when saveFunction is called", function()
      local user, found
      user = client(10).session { saveFunction = function(token) found = found or { token, held(user) } end }
      peer:script { { "answer", body = tokens "new" } }
      assert(user.AuthProvider.auth("email", {}))
      assert.same({ "new-refresh", { "new-access", "new-refresh" } }, found)
    end)

    it("while a hook is told of the refresh", function()
      local user, found
      user = hooked("response", function(event)
        if is_refresh(event) then found = held(user) end
      end)
      peer:script { UNAUTHORIZED, { "answer", body = tokens "new" }, { "answer", body = "[]" } }
      assert(user.Payments.getAccounts())
      assert.same({ "new-access", "new-refresh" }, found)
    end)

    it("no more after a logout, which is refreshed while a hook of it takes its time", function()
      local user, ended
      user = hooked("response", function(event)
        if event.status ~= 401 then return end
        ended = soon(function() return user.getSession().refreshToken == nil end)
      end)
      peer:script { UNAUTHORIZED, { "answer", body = tokens "new" }, { "answer", body = "true" } }
      assert.is_true(user.AuthProvider.logout("email", "alice-refresh"))
      assert.is_true(ended)
      assert.equal('{"refreshToken":"new-refresh"}', peer:requests()[3].body)
    end)
  end)
end)
