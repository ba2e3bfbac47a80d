-- Arguments and members that are too long for the head of a request are refused by name, and nothing is sent.
local oneentry = require "oneentry"
local server = require "support.server"

local URL, TOKEN, LABEL = 32768, 8192, 1024 -- oneentry.h

local function raised(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  assert.equal("string", type(err))
  assert.is_true(#err < 300, "the message repeats the argument")
  return err
end

describe("S15: a text that cannot be sent", function()
  local peer, api
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function()
    peer:script { fallback = { "answer", status = 201, body = "{}" } }
    api = oneentry.define(peer.url, { token = "app-token", maxRetries = 0 })
  end)
  after_each(function() api.close() end)

  it("S15: is refused as the argument that it is, in calls, futures and prepare", function()
    local before = #peer.url + #"/api/content/orders-storage/marker//orders"
    for _, calls in ipairs { api, api.async, api.prepare } do
      for _, n in ipairs { URL - before + 1, 1.1e6, 7.9e6, 8.1e6 } do
        assert.matches(("bad argument #1 to 'createOrder' (too long: a url of %d bytes, at most 32768 can be sent)"):format(before + n),
          raised(calls.Orders.createOrder, ("x"):rep(n), {}), 1, true)
        assert.matches("bad argument #2 to 'getAllOrdersByMarker' (too long: ",
          raised(calls.Orders.getAllOrdersByMarker, "orders", ("x"):rep(n)), 1, true)
        assert.matches("bad argument #1 to 'getAllOrdersByMarker' (too long: ",
          raised(calls.Orders.getAllOrdersByMarker, ("x"):rep(n), ("x"):rep(100)), 1, true)
      end
      assert.matches("bad argument #1 to 'createOrder' (too long: ",
        raised(calls.Orders.createOrder, ("\255"):rep(math.floor(URL / 3)), {}), 1, true)
    end
    assert.matches("bad argument #1 to 'auth' (too long: ", raised(api.AuthProvider.auth, ("x"):rep(9e6), {}), 1, true)
    assert.same({}, peer:requests())
    assert(api.Orders.createOrder("orders", {})) -- the client works on
  end)

  it("S15: and the longest that can be sent is sent", function()
    local marker = ("x"):rep(URL - #peer.url - #"/api/content/orders-storage/marker//orders")
    assert(api.Orders.createOrder(marker, {}))
    assert.equal(URL - #peer.url, #peer:requests()[1].path)
  end)

  it("S15: a language may be as long as it likes where it is part of the body", function()
    assert(api.Users.updateUser({}, ("x"):rep(1e5)))
    assert.is_true(#peer:requests()[1].body > 1e5)
  end)

  it("S15: is refused as a token", function()
    for _, name in ipairs { "setAccessToken", "setRefreshToken" } do
      assert.matches(("bad argument #1 to '%s' (longer than 8192 bytes)"):format(name),
        raised(api.Orders[name], ("x"):rep(TOKEN + 1)), 1, true)
    end
    for _, member in ipairs { "accessToken", "refreshToken", "providerMarker" } do
      assert.matches(("bad argument #1 to 'session' (saved.%s: longer than 8192 bytes)"):format(member),
        raised(api.session, { [member] = ("x"):rep(TOKEN + 1) }), 1, true)
    end
    api.Orders.setAccessToken(("x"):rep(TOKEN))
    assert(api.Users.getUser())
    assert.equal(7 + TOKEN, #peer:requests()[1].headers.authorization)
  end)

  it("S15: is refused as a member of the configuration", function()
    local function refusal(config) return raised(oneentry.define, "http://127.0.0.1:9", config) end
    local text, label = ("x"):rep(TOKEN + 1), ("x"):rep(LABEL + 1)
    assert.matches("bad argument #2 to 'define' (config.token: longer than 8192 bytes)", refusal(text), 1, true)
    assert.matches("(config.token: longer than 8192 bytes)", refusal { token = text }, 1, true)
    assert.matches("(config.langCode: longer than 8192 bytes)", refusal { langCode = text }, 1, true)
    assert.matches("(config.auth.accessToken: longer than 8192 bytes)", refusal { auth = { accessToken = text } }, 1, true)
    assert.matches("(config.userAgent: longer than 1024 bytes)", refusal { userAgent = label }, 1, true)
    for _, part in ipairs { "fingerprint", "os", "browser", "location" } do
      assert.matches(("(config.device.%s: longer than 1024 bytes)"):format(part), refusal { device = { [part] = label } }, 1, true)
    end
    assert.matches("bad argument #1 to 'define' (longer than 1024 bytes)",
      raised(oneentry.define, "http://127.0.0.1:9/" .. label), 1, true)
  end)

  it("S15: fits with all the others into one head", function()
    local label = ("\\"):rep(LABEL)
    local full = oneentry.define(peer.url, { token = ("t"):rep(TOKEN), userAgent = label, maxRetries = 0,
      device = { fingerprint = label, os = label, browser = label, location = label }, auth = { accessToken = ("a"):rep(TOKEN) } })
    assert(full.Orders.createOrder(("x"):rep(URL - #peer.url - #"/api/content/orders-storage/marker//orders"), {}))
    local size = 0
    for name, value in pairs(peer:requests()[1].headers) do size = size + #name + #value end
    assert.is_true(size + #peer:requests()[1].path < 60000)
    full.close()
  end)

  it("S15: is not taken from a login's answer", function()
    peer:script { fallback = { "answer", status = 201, body = ('{"accessToken":"%s"}'):format(("x"):rep(TOKEN + 1)) } }
    local user, err = api.AuthProvider.auth("email", {})
    assert.is_nil(user)
    assert.equal("invalid_response", err.code)
    assert.is_nil(api.getSession().accessToken)
  end)
end)
