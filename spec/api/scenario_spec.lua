-- The order payment scenario against the sandbox in its own process, and what happens when it is used wrongly.
local oneentry = require "oneentry"
local sandbox = require "support.sandbox"
local server = require "support.server"
local tls = require "support.server.tls"

local function login(name, password)
  return { authData = { { marker = "email_reg", value = name }, { marker = "password_reg", value = password } } }
end

local function order(product)
  return {
    formIdentifier = "order", paymentAccountIdentifier = "cash",
    formData = { { marker = "name", type = "string", value = "Ada Example" } },
    products = { { productId = product or 15, quantity = 1 } },
  }
end

local function is_integer(value, expected)
  assert.equal(expected, value)
  if math.type then assert.equal("integer", math.type(value)) end
end

local function scenario(certificates)
  local shop, api

  setup(function() shop = sandbox.start({ tls = certificates and certificates() }) end)
  teardown(function() shop:stop() end)
  before_each(function()
    shop:reset()
    api = oneentry.define(shop.url, { token = shop.token, tls = certificates and { caFile = certificates().ca } or nil })
  end)
  after_each(function() api.close() end)

  local function sign_in()
    return assert(api.AuthProvider.auth("email", login(shop.login, shop.password)))
  end

  local function refused(status, message, value, err)
    assert.is_nil(value)
    assert.is_true(oneentry.is_error(err))
    assert.equal("http", err.code)
    assert.equal(status, err.statusCode)
    assert.is_true(err.sent)
    if message then assert.equal(message, err.message) end
  end

  it("pays for an order", function()
    local user = sign_in()
    assert.equal(shop.login, user.userIdentifier)
    assert.equal("email", user.authProviderIdentifier)
    local session = api.getSession()
    assert.equal(user.accessToken, session.accessToken)
    assert.equal(user.refreshToken, session.refreshToken)

    local created = assert(api.Orders.createOrder("orders", order()))
    is_integer(created.id, 116)
    is_integer(created.totalSum, 400)
    assert.equal("upcoming", created.statusIdentifier)
    assert.equal("cash", created.paymentAccountIdentifier)
    assert.equal("Ada Example", created.formData[1].value) -- the list of the client's language

    local payment = assert(api.Payments.createSession(created.id, "session"))
    is_integer(payment.id, 65)
    assert.equal("waiting", payment.status)
    is_integer(payment.orderId, 116)
    is_integer(payment.paymentAccountId, 1)
    assert.is_nil(payment.paymentUrl)
    assert.is_nil(payment.amount)

    local all = assert(api.Payments.getSessionByOrderId(created.id))
    assert.equal(1, #all)
    assert.same(payment, all[1])

    local log = shop:log()
    local sent = {}
    for index, request in ipairs(log) do sent[index] = request.method .. " " .. request.path end
    assert.same({
      "POST /api/content/users-auth-providers/marker/email/users/auth",
      "POST /api/content/orders-storage/marker/orders/orders",
      "POST /api/content/payments/sessions",
      "GET /api/content/payments/sessions/order/116",
    }, sent)
  end)

  it("refuses a session without the app token", function()
    local anonymous = oneentry.define(shop.url, { tls = certificates and { caFile = certificates().ca } or nil })
    refused(403, "Resource is closed", anonymous.AuthProvider.auth("email", login(shop.login, shop.password)))
    assert.is_nil(shop:log()[1].headers["x-app-token"])
    anonymous.close()
  end)

  it("refuses a wrong app token", function()
    local stranger = oneentry.define(shop.url, { token = "wrong-token", tls = certificates and { caFile = certificates().ca } or nil })
    refused(403, "Resource is closed", stranger.AuthProvider.auth("email", login(shop.login, shop.password)))
    stranger.close()
  end)

  it("refuses a wrong password, and asks once", function()
    refused(401, nil, api.AuthProvider.auth("email", login(shop.login, "wrong")))
    assert.equal(1, #shop:log())
    assert.is_nil(api.getSession().accessToken)
  end)

  it("refuses an order of nobody", function()
    refused(401, "Unauthorized", api.Orders.createOrder("orders", order()))
    assert.equal(1, #shop:log())
  end)

  it("refuses an unknown product", function()
    sign_in()
    refused(400, "Product 999 not found", api.Orders.createOrder("orders", order(999)))
    is_integer(assert(api.Orders.createOrder("orders", order())).id, 116) -- no order was made of it
  end)

  it("refuses a session for another user's order", function()
    sign_in()
    local created = assert(api.Orders.createOrder("orders", order()))
    local other = api.session()
    assert(other.AuthProvider.auth("email", login("other@example.com", "other-password")))
    refused(404, nil, other.Payments.createSession(created.id, "session"))
    refused(404, nil, other.Payments.getSessionByOrderId(created.id))
    assert.same({}, (assert(api.Payments.getSessionByOrderId(created.id))))
  end)

  -- Nothing of this may reach the server.
  local function raises(pattern, f, ...)
    local ok, message = pcall(f, ...)
    assert.is_false(ok)
    assert.is_string(message)
    assert.truthy(message:find(pattern), message)
    assert.equal(0, #shop:log())
  end

  it("raises for a colon call, and says so", function()
    raises("createOrder", api.Orders.createOrder, api.Orders, "orders", order())
    raises("dot", api.Orders.createOrder, api.Orders, "orders", order())
  end)

  it("raises for a function in a body, with the argument and the place", function()
    local body = order()
    body.products[1].quantity = print
    raises("#2 to 'createOrder'", api.Orders.createOrder, "orders", body)
    raises("products%[1%]%.quantity", api.Orders.createOrder, "orders", body)
    raises("function", api.Orders.createOrder, "orders", body)
  end)

  it("raises for missing, mistyped and surplus arguments", function()
    raises("#1 to 'createOrder'", api.Orders.createOrder)
    raises("#2 to 'createOrder'", api.Orders.createOrder, "orders")
    raises("#2 to 'createOrder'", api.Orders.createOrder, "orders", "order")
    raises("#1 to 'createSession'", api.Payments.createSession, {}, "session")
    raises("#1 to 'createSession'", api.Payments.createSession, 116.5, "session")
    raises("#2 to 'createSession'", api.Payments.createSession, 116)
    raises("createSession", api.Payments.createSession, 116, "session", true, "surplus")
  end)

  it("raises for values that are no JSON", function()
    local cycle = order()
    cycle.self = cycle
    raises("#2 to 'createOrder'", api.Orders.createOrder, "orders", cycle)
    raises("#2 to 'createOrder'", api.Orders.createOrder, "orders", { amount = 0 / 0 })
    raises("#2 to 'createOrder'", api.Orders.createOrder, "orders", { amount = 1 / 0 })
    raises("#2 to 'createOrder'", api.Orders.createOrder, "orders", { products = { [1] = {}, [3] = {} } })
  end)
end

describe("the payment scenario over http", function()
  scenario(nil)

  it("ends with code connect when the sandbox is off", function()
    local shop = sandbox.start()
    local api = oneentry.define(shop.url, shop.token)
    assert(api.AuthProvider.auth("email", login(shop.login, shop.password)))
    shop:stop()
    local value, err = api.Orders.createOrder("orders", order())
    assert.is_nil(value)
    assert.equal("connect", err.code)
    assert.is_false(err.sent)
    assert.is_nil(err.statusCode)
    api.close()
  end)

  it("raises for a url without a scheme, and for one that is none", function()
    for _, url in ipairs({ "shop.example", "127.0.0.1:8787", "//shop.example", "ftp://shop.example", "" }) do
      local ok, message = pcall(oneentry.define, url, "token")
      assert.is_false(ok, url)
      assert.truthy(tostring(message):find("#1 to 'define'", 1, true), message)
    end
  end)
end)

describe("the payment scenario over https", function()
  local certificates

  setup(function() certificates = tls.make() end)
  teardown(function() certificates:remove() end)

  describe("whose CA is given", function() scenario(function() return certificates end) end)

  for _, name in ipairs({ "untrusted", "expired", "wrong_host" }) do
    it(("sends nothing to a server with a certificate that is %s"):format(name), function()
      local peer = server.start({ tls = certificates[name] })
      local api = oneentry.define(peer.url, { token = "app-token", tls = { caFile = certificates.ca } })
      local value, err = api.AuthProvider.auth("email", login("user@example.com", "sandbox-password"))
      assert.is_nil(value)
      assert.equal("tls", err.code)
      assert.is_false(err.sent)
      assert.is_nil(err.statusCode)
      local connections = peer:connections()
      assert.is_true(#connections > 0)
      for _, connection in ipairs(connections) do assert.equal(0, connection.received) end
      api.close()
      peer:stop()
    end)
  end

  it("sends nothing to the sandbox when its CA is not given", function()
    local shop = sandbox.start({ tls = certificates })
    local api = oneentry.define(shop.url, shop.token)
    local value, err = api.AuthProvider.auth("email", login(shop.login, shop.password))
    assert.is_nil(value)
    assert.equal("tls", err.code)
    assert.is_false(err.sent)
    assert.equal(0, #shop:log())
    api.close()
    shop:stop()
  end)
end)
