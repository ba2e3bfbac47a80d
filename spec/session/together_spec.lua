-- Calls of several sessions are in flight together: each user has one refresh per expiry. Other calls wait for a
-- connection.
local oneentry = require "oneentry"
local eventually = require "support.eventually"
local sandbox = require "support.sandbox"
local server = require "support.server"

local function tokens(n)
  return { "answer", body = ('{"accessToken":"access-%d","refreshToken":"refresh-%d"}'):format(n, n) }
end
local unauthorized = { "answer", status = 401 }

describe("calls in flight together", function()
  it("refresh once per user and expiry, and none is sent more than twice", function()
    local shop = sandbox.start()
    local api = oneentry.define(shop.url, { token = shop.token, maxRetries = 0 })
    local login = { authData = { { marker = "email_reg", value = shop.login }, { marker = "password_reg", value = shop.password } } }
    local users, saved = {}, {}
    for i = 1, 3 do
      users[i] = api.session { saveFunction = function(token) saved[#saved + 1] = token end }
      assert(users[i].AuthProvider.auth("email", login))
    end
    shop:control("POST", "fault", { expire_access_tokens = true })
    local futures, before = {}, #shop:log()
    for i = 1, 30 do futures[i] = users[i % 3 + 1].async.Users.addFCMToken("phone-" .. i) end
    assert(oneentry.all(futures))
    local seen, log = {}, shop:log()
    for i = before + 1, #log do
      local name = log[i].path:match "/refresh" or log[i].path:match "phone%-%d+"
      seen[name] = (seen[name] or 0) + 1
    end
    assert.equal(3, seen["/refresh"])
    for i = 1, 30 do assert.is_true(seen["phone-" .. i] <= 2) end
    assert.equal(6, #saved)
    api.close()
    shop:stop()
  end)

  it("do not lose a login to a refresh that was already under way", function()
    local peer, saved = server.start(), {}
    local api = oneentry.define(peer.url, { maxRetries = 0, auth = {
      accessToken = "access-0", refreshToken = "refresh-0", saveFunction = function(token) saved[#saved + 1] = token end,
    } })
    peer:script {
      unauthorized, { "delay", seconds = 0.2, body = tokens(1).body },
      { "delay", seconds = 0.4, status = 401 }, tokens(6), { "answer", body = "[]" },
    }
    local future = api.async.Payments.getAccounts()
    peer:drive(future, 2)
    api.AuthProvider.setAccessToken("access-5").setRefreshToken "refresh-5"
    assert.equal(401, select(2, future:await()).statusCode) -- it was of other tokens
    assert(api.Payments.getAccounts()) -- meanwhile the answer to the first refresh comes
    local session, requests = api.getSession(), peer:requests()
    assert.equal("Bearer access-5", requests[3].headers.authorization)
    assert.equal('{"refreshToken":"refresh-5"}', requests[4].body)
    assert.same({ "access-6", "refresh-6" }, { session.accessToken, session.refreshToken })
    assert.same({ "refresh-6" }, saved)
    api.close()
    peer:stop()
  end)

  it("get a refresh of their own tokens when one of replaced tokens is still under way", function()
    local peer, refreshed = server.start(), 0
    local api = oneentry.define(peer.url, { maxRetries = 0, auth = { accessToken = "access-0", refreshToken = "refresh-0" },
      hooks = { response = function(event) refreshed = refreshed + (event.path:find "/refresh$" and 1 or 0) end } })
    peer:script { unauthorized, { "reply", bytes = "" }, unauthorized, tokens(6), fallback = { "answer", body = "[]" } }
    local first = api.async.Payments.getAccounts()
    peer:drive(first, 2)
    first:cancel()
    api.AuthProvider.setAccessToken("access-5").setRefreshToken "refresh-5"
    assert(api.Payments.getAccounts())
    assert.equal('{"refreshToken":"refresh-5"}', peer:requests()[4].body)
    peer:answer(2, 200, tokens(1).body)
    eventually(function() return api.Payments.getAccounts() and refreshed == 2 end)
    assert.equal("access-6", api.getSession().accessToken)
    api.close()
    peer:stop()
  end)

  it("tell what a cancelled call may have done", function()
    local peer = server.start()
    local api = oneentry.define(peer.url, { maxRetries = 0 })
    peer:script { { "silence" } }
    local future = api.async.Payments.createSession(1, "session")
    peer:drive(future, 1)
    future:cancel()
    local _, err = future:await()
    assert.same({ "cancelled", true }, { err.code, err.sent })
    api.close()
    peer:stop()
  end)

  it("know nothing of earlier answers when they end while they wait for a connection", function()
    local peer = server.start()
    local api = oneentry.define(peer.url, { timeout = 1.5, maxConnections = 1, maxRetries = 0 })
    local busy = { "answer", status = 503, headers = { ["retry-after"] = "9" } }
    peer:script { busy, busy, { "silence" } }
    local first, second = api.async.Payments.createSession(1, "session"), api.async.Payments.createSession(2, "session")
    for _, future in ipairs { first, second } do
      local _, err = future:await()
      assert.same({ 503, 9 }, { err.statusCode, err.retryAfter })
    end
    first = api.async.Payments.createSession(3, "session")
    second = api.async.Payments.waitForSession(4, { timeout = 0.3, interval = 0.1 })
    for sent, future in pairs { [true] = first, [false] = second } do
      local _, err = future:await()
      assert.same({ "timeout", sent }, { err.code, err.sent, err.statusCode, err.retryAfter })
    end
    api.close()
    peer:stop()
  end)
end)
