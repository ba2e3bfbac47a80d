-- A user's session: tokens taken, refreshed, saved and dropped.
local oneentry = require "oneentry"
local server = require "support.server"
local socket = require "socket"

local function tokens(n)
  return ('{"accessToken":"access-%d","refreshToken":"refresh-%d"}'):format(n, n)
end
local unauthorized = { "answer", status = 401, body = '{"message":"Unauthorized"}' }
local function answer(body, status)
  return { "answer", status = status or 200, body = body }
end

describe("a session", function()
  local peer, saved

  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function client(auth)
    saved = {}
    auth = auth or {}
    auth.saveFunction = auth.saveFunction or function(...) saved[#saved + 1] = select("#", ...) == 1 and (...) or { ... } end
    return oneentry.define(peer.url, { token = "app", maxRetries = 0, auth = auth })
  end
  local function paths()
    local list = {}
    for i, request in ipairs(peer:requests()) do list[i] = request.path:match "[^/?]+$" or request.path end
    return list
  end
  local function held(api)
    local session = api.getSession()
    return { session.accessToken, session.refreshToken, session.providerMarker }
  end
  local live = { accessToken = "access-0", refreshToken = "refresh-0" }
  local function logged_in(extra)
    local auth = { accessToken = live.accessToken, refreshToken = live.refreshToken }
    for k, v in pairs(extra or {}) do auth[k] = v end
    return client(auth)
  end

  describe("after auth", function()
    it("sends the access token, and has the refresh token saved", function()
      local api = client()
      peer:script { answer(tokens(1), 201), answer "[]" }
      assert.equal("access-1", api.AuthProvider.auth("phone", {}).accessToken)
      api.Payments.getAccounts()
      local requests = peer:requests()
      assert.is_nil(requests[1].headers.authorization)
      assert.equal("Bearer access-1", requests[2].headers.authorization)
      assert.same({ "refresh-1" }, saved)
      assert.same({ "access-1", "refresh-1", "phone" }, held(api))
    end)

    it("is the same for oauth (D28)", function()
      local api = client()
      peer:script { answer(tokens(1), 201) }
      api.AuthProvider.oauth("google", { code = "c" })
      assert.same({ "access-1", "refresh-1", "google" }, held(api))
    end)

    it("is as before when auth failed (D12, D16)", function()
      for _, step in ipairs {
        unauthorized, answer('{"message":"x"}', 400), answer "", answer "{}", answer "null", answer '{"accessToken":5}',
        answer '{"accessToken":""}', answer '{"accessToken":"a\\r\\nb: c"}', answer "<html>", { "hangup" }, { "reset" },
      } do
        local api = logged_in()
        peer:script { step }
        local value, err = api.AuthProvider.auth("phone", {})
        assert.is_nil(value)
        assert.is_true(oneentry.is_error(err))
        assert.equal(1, #peer:requests())
        assert.same({ "access-0", "refresh-0", "email" }, held(api))
        assert.same({}, saved)
      end
    end)

    it("forgets the refresh token of another user", function()
      local api = logged_in()
      peer:script { answer '{"accessToken":"access-1"}' }
      assert(api.AuthProvider.auth("email", {}))
      assert.same({ "access-1", nil, "email" }, held(api))
      assert.equal(0, #saved)
    end)

    it("is logged in even when saveFunction fails", function()
      local api = client { saveFunction = function() error "disk full" end }
      peer:script { answer(tokens(1)) }
      assert.is_table(api.AuthProvider.auth("email", {}))
      assert.equal("access-1", held(api)[1])
    end)
  end)

  describe("whose token expired", function()
    it("is refreshed once, and the call repeated", function()
      local api = logged_in()
      peer:script { unauthorized, answer(tokens(1)), answer('{"id":5}', 201), answer "[]" }
      assert.equal(5, api.Orders.createOrder("orders", { formIdentifier = "f" }).id)
      api.Payments.getAccounts()
      local requests = peer:requests()
      assert.same({ "orders", "refresh", "orders", "accounts" }, paths())
      assert.equal("Bearer access-0", requests[1].headers.authorization)
      assert.is_nil(requests[2].headers.authorization)
      assert.equal('{"refreshToken":"refresh-0"}', requests[2].body)
      assert.equal("app", requests[2].headers["x-app-token"])
      assert.equal(requests[1].headers["x-device-metadata"], requests[2].headers["x-device-metadata"])
      assert.equal("Bearer access-1", requests[3].headers.authorization)
      assert.equal(requests[1].body, requests[3].body)
      assert.same({ "refresh-1" }, saved)
    end)

    it("is refreshed by the provider that issued it (D15)", function()
      local api = client()
      peer:script { answer(tokens(0)), unauthorized, answer(tokens(1)), answer "[]" }
      api.AuthProvider.auth("phone 1", {})
      assert(api.Payments.getAccounts())
      assert.equal("/api/content/users-auth-providers/marker/phone%201/users/refresh", peer:requests()[3].path)
    end)

    it("checks the repeated answer like any other (D04, D05)", function()
      for _, case in ipairs { { answer('{"message":"no"}', 500), 500 }, { unauthorized, 401 }, { answer("", 200) } } do
        local api = logged_in()
        peer:script { unauthorized, answer(tokens(1)), case[1] }
        local value, err = api.Payments.getSessionById(1)
        assert.equal(case[2], err and err.statusCode)
        if not case[2] then assert.same({}, value) end
        assert.equal(3, #peer:requests())
        assert.same({ "access-1", "refresh-1", "email" }, held(api))
      end
    end)

    it("is as before when the refresh failed, and the 401 is the answer (D13)", function()
      for _, step in ipairs {
        answer('{"message":"spent"}', 400), unauthorized, answer("", 200), answer "{}", answer "null", answer "[]",
        answer '{"accessToken":"access-1"}', answer '{"refreshToken":"refresh-1"}', answer "<html>",
        answer '{"accessToken":"a\\nb","refreshToken":"r"}', answer(tokens(1), 302), { "hangup" }, { "reset" },
        { "partial", status = 200, body = tokens(1), bytes = 60 },
        { "reply", bytes = "HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n" .. tokens(1), close = true },
      } do
        local api = logged_in()
        peer:script { unauthorized, step }
        local value, err = api.Payments.getSessionById(1)
        assert.is_nil(value)
        assert.equal(401, err.statusCode)
        assert.equal("Unauthorized", err.message)
        assert.equal(2, #peer:requests())
        assert.same({ "access-0", "refresh-0", "email" }, held(api))
        assert.same({}, saved)
      end
    end)

    it("tells customErrors of the call that failed, not of the refresh", function()
      local told = {}
      local function tell(err) told[#told + 1] = err.statusCode end
      local api = oneentry.define(peer.url, { maxRetries = 0, auth = live, errors = { customErrors = { [400] = tell, [401] = tell } } })
      peer:script { unauthorized, answer('{"message":"spent"}', 400) }
      assert.equal(401, select(2, api.Payments.getAccounts()).statusCode)
      assert.same({ "accounts", "refresh" }, paths())
      assert.same({ 401 }, told)
    end)

    it("is not refreshed without a refresh token (D14)", function()
      local api = client { accessToken = "access-0" }
      peer:script { unauthorized }
      assert.equal(401, select(2, api.Payments.getSessionById(1)).statusCode)
      assert.equal(1, #peer:requests())
    end)

    it("is not refreshed with customAuth", function()
      local api = logged_in { customAuth = true }
      peer:script { unauthorized }
      assert.equal(401, select(2, api.Payments.getSessionById(1)).statusCode)
      assert.equal(1, #peer:requests())
    end)

    it("keeps its deadline while it waits for a refresh", function()
      local api = oneentry.define(peer.url, { timeout = 0.6, auth = live })
      peer:script { { "delay", seconds = 0.5, status = 401 }, { "silence" } }
      local before = socket.gettime()
      local err = select(2, api.Payments.createSession(1, "session"))
      local time = socket.gettime() - before
      assert.same({ "timeout", true }, { err.code, err.sent })
      assert.is_true(time < 0.85, ("took %.3f s"):format(time))
      api.close()
    end)

    it("is refreshed even when the call that asked has ended", function()
      local api = oneentry.define(peer.url, { maxRetries = 0, auth = live })
      peer:script { unauthorized, { "reply", bytes = "" }, unauthorized, answer "[]" }
      assert.equal("timeout", select(2, api.Payments.waitForSession(1, { timeout = 1 })).code)
      peer:answer(2, 200, tokens(1))
      assert(api.Payments.getAccounts())
      assert.same({ "1", "refresh", "accounts", "accounts" }, paths())
      assert.same({ "access-1", "refresh-1", "email" }, held(api))
    end)

    it("is refreshed again after a refresh that failed when nobody waited for it any more", function()
      local api = oneentry.define(peer.url, { maxRetries = 0, auth = live })
      peer:script { unauthorized, { "reply", bytes = "" }, answer "[]", unauthorized, answer(tokens(1)), answer "[]" }
      local future = api.async.Payments.getSessionById(1)
      peer:drive(future, 2)
      future:cancel()
      peer:answer(2, 500, "{}")
      assert(api.Payments.getAccounts()) -- hears of it, and does not care
      assert(api.Payments.getAccounts())
      assert.same({ "1", "refresh", "accounts", "accounts", "refresh", "accounts" }, paths())
      assert.same({ "access-1", "refresh-1", "email" }, held(api))
    end)

    it("is not refreshed when a hook has set other tokens first, and the call is not sent with those", function()
      local api, announced
      api = oneentry.define(peer.url, { maxRetries = 0, auth = live, hooks = { request = function(event)
        if event.path:find "/refresh$" then
          announced = (announced or 0) + 1
          api.Users.setAccessToken("access-5").setRefreshToken "refresh-5"
        end
      end } })
      peer:script { unauthorized, answer "[]" }
      assert.equal(401, select(2, api.Payments.getAccounts()).statusCode)
      assert.same({ "accounts" }, paths())
      assert.equal(1, announced)
      assert.same({ "access-5", "refresh-5", "email" }, held(api))
    end)

    it("has the time of a call for the refresh, however long a hook takes before it", function()
      local api = oneentry.define(peer.url, { timeout = 0.3, maxRetries = 0, auth = live, hooks = { request = function(event)
        if event.path:find "/refresh$" then socket.sleep(0.5) end
      end } })
      peer:script { unauthorized, answer(tokens(1)), answer "[]" }
      assert.same({}, assert(api.Payments.getAccounts()))
      assert.same({ "access-1", "refresh-1", "email" }, held(api))
    end)

    it("keeps its deadline over refresh and repetition", function()
      local api = oneentry.define(peer.url, {
        timeout = 0.5, auth = { accessToken = "a", refreshToken = "r" },
      })
      peer:script { unauthorized, { "silence" } }
      local err = select(2, api.Payments.createSession(1, "session"))
      assert.equal(401, err.statusCode)
      assert.is_true(err.sent)
    end)
  end)

  it("starts from a saved refresh token alone", function()
    local api = client { refreshToken = "refresh-0", providerMarker = "phone" }
    peer:script { unauthorized, answer(tokens(1)), answer "[]" }
    assert.is_table(api.Payments.getAccounts())
    assert.is_nil(peer:requests()[1].headers.authorization)
    assert.matches("/phone/users/refresh$", peer:requests()[2].path)
    assert.same({ "refresh-1" }, saved)
  end)

  it("starts with nobody logged in from the tokens saved after logout", function()
    local api = client { accessToken = "", refreshToken = "" }
    assert.same({ nil, nil, "email" }, held(api))
    assert.is_nil(api.session({ refreshToken = "" }).getSession().refreshToken)
  end)

  describe("refreshed by hand", function()
    it("takes both tokens", function()
      local api = logged_in()
      peer:script { answer(tokens(1)) }
      assert(api.AuthProvider.refresh("phone", "refresh-0"))
      assert.same({ "access-1", "refresh-1", "phone" }, held(api))
      assert.same({ "refresh-1" }, saved)
    end)

    it("is as before when that failed (D12)", function()
      for _, step in ipairs { unauthorized, answer "{}", answer '{"accessToken":"a"}', { "hangup" }, answer("", 204) } do
        local api = logged_in()
        peer:script { step }
        assert.is_nil((api.AuthProvider.refresh("email", "refresh-0")))
        assert.equal(1, #peer:requests())
        assert.same({ "access-0", "refresh-0", "email" }, held(api))
        assert.same({}, saved)
      end
    end)
  end)

  describe("after logout", function()
    it("holds no tokens, and has \"\" saved", function()
      for _, call in ipairs {
        function(api) return api.AuthProvider.logout("email", "refresh-0") end,
        function(api) return api.AuthProvider.logoutAll "email" end,
      } do
        for _, body in ipairs { "true", "" } do
          local api = logged_in()
          peer:script { answer(body) }
          assert.is_not_nil((call(api)))
          assert.same({ nil, nil, "email" }, held(api))
          assert.same({ "" }, saved)
        end
      end
    end)

    it("is as before when logout failed or answered false (D11)", function()
      for _, step in ipairs { answer '{"message":"x"}', answer "false", answer "null", { "hangup" }, { "reset" }, answer "<html>" } do
        if step.body and step.body:find "message" then step.status = 500 end
        local api = logged_in()
        peer:script { step }
        api.AuthProvider.logout("email", "refresh-0")
        assert.same({ "access-0", "refresh-0", "email" }, held(api))
        assert.same({}, saved)
      end
    end)

    it("logs out with the new token when the old one had to be refreshed first", function()
      local api = logged_in()
      peer:script { unauthorized, answer(tokens(1)), answer "true" }
      assert.is_true(api.AuthProvider.logout("email", "refresh-0"))
      assert.equal('{"refreshToken":"refresh-1"}', peer:requests()[3].body)
      assert.same({ "refresh-1", "" }, saved)
      assert.same({ nil, nil, "email" }, held(api))
    end)
  end)

  describe("setter", function()
    it("exists on each module, acts on the session, returns the module", function()
      local api = client()
      for _, name in ipairs { "AuthProvider", "Orders", "Payments", "Users" } do
        local module = api[name]
        assert.equal(module, module.setAccessToken(name).setRefreshToken("r" .. name))
        assert.same({ name, "r" .. name, "email" }, held(api))
      end
      api.Users.setAccessToken(nil).setRefreshToken ""
      assert.same({ nil, nil, "email" }, held(api))
    end)

    it("refuses what cannot be a token", function()
      local api = client()
      for _, token in ipairs { "a\r\nb: c", "a\0b", "é", {}, true } do
        assert.has_error(function() api.Orders.setAccessToken(token) end)
        assert.has_error(function() api.Orders.setRefreshToken(token) end)
      end
      assert.same({ nil, nil, "email" }, held(api))
    end)
  end)
end)
