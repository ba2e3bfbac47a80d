-- Sessions of a client: where they begin, what they share, and how they end.
local oneentry = require "oneentry"
local server = require "support.server"

local function tokens(n)
  return { "answer", body = ('{"accessToken":"access-%d","refreshToken":"refresh-%d"}'):format(n, n) }
end
local unauthorized = { "answer", status = 401 }
local list = { "answer", body = "[]" }

describe("api.session", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  it("is another user over the same connection", function()
    local api = oneentry.define(peer.url, { token = "app", auth = { accessToken = "one" } })
    local other = api.session { accessToken = "two" }
    peer:script { fallback = list }
    api.Payments.getAccounts()
    other.Payments.getAccounts()
    api.Payments.getAccounts()
    local requests = peer:requests()
    assert.equal("Bearer one", requests[1].headers.authorization)
    assert.equal("Bearer two", requests[2].headers.authorization)
    assert.equal("Bearer one", requests[3].headers.authorization)
    assert.equal(requests[1].connection, requests[2].connection)
    assert.equal("app", requests[2].headers["x-app-token"])
  end)

  it("goes on from what getSession returned", function()
    local api = oneentry.define(peer.url, "app")
    peer:script { tokens(1), unauthorized, tokens(2), list }
    api.AuthProvider.auth("phone", {})
    local saved, stored = api.getSession(), nil
    local copy = { accessToken = saved.accessToken, refreshToken = saved.refreshToken,
      providerMarker = saved.providerMarker, device = saved.device, saveFunction = function(t) stored = t end }
    local again = oneentry.define(peer.url, "app").session(copy)
    assert(again.Payments.getAccounts())
    local requests = peer:requests()
    assert.equal(requests[1].headers["x-device-metadata"], requests[3].headers["x-device-metadata"])
    assert.matches("/phone/users/refresh$", requests[3].path)
    assert.equal("refresh-2", stored)
    assert.equal("refresh-1", copy.refreshToken)
  end)

  it("starts with nobody logged in, on a device of its own", function()
    local api = oneentry.define(peer.url, { auth = { accessToken = "one", refreshToken = "r" } })
    local other = api.session()
    assert.is_nil(other.getSession().accessToken)
    assert.not_equal(api.getSession().device.fingerprint, other.getSession().device.fingerprint)
    assert.is_nil(api.session {}.getSession().refreshToken)
  end)

  it("returns a table that is the caller's", function()
    local api = oneentry.define(peer.url, "app")
    local session = api.getSession()
    session.accessToken, session.device.os = "x", "x"
    assert.is_nil(api.getSession().accessToken)
    assert.not_equal("x", api.getSession().device.os)
  end)

  it("refuses what it does not know", function()
    local api = oneentry.define(peer.url, "app")
    for _, case in ipairs {
      { { acessToken = "x" }, "saved.acessToken: unknown member, did you mean 'accessToken'?" },
      { { refreshToken = 5 }, "saved.refreshToken: string expected, got number" },
      { { device = { os = 5 } }, "saved.device.os: string expected, got number" },
      { { saveFunction = 5 }, "saved.saveFunction: function expected, got number" },
    } do
      local ok, message = pcall(api.session, case[1])
      assert.is_false(ok)
      assert.matches("bad argument #1 to 'session' (" .. case[2], message, 1, true)
    end
    assert.has_error(function() api.session "token" end)
  end)

  it("ends with its client", function()
    local api = oneentry.define(peer.url, "app")
    local other = api.session()
    api.close()
    local value, err = other.Payments.getAccounts()
    assert.is_nil(value)
    assert.same({ "closed", false, 0 }, { err.code, err.sent, err.attempts })
  end)

  it("lives on when only its functions are kept", function()
    local get = oneentry.define(peer.url, "app").session().Payments.getAccounts
    collectgarbage()
    collectgarbage()
    peer:script { list }
    assert.is_table(get())
  end)
end)
