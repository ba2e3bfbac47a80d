-- The sandbox's Payments: accounts, sessions, and the two state machines.
local client = require "support.sandbox.app"
local text = require("oneentry.sandbox.rules.choices").text

local refused, null, ORDERS = client.refused, client.null, client.ORDERS
local PAYMENTS = "/api/content/payments"
local SESSIONS = PAYMENTS .. "/sessions"

local function statuses(shop, order_id)
  local list = {}
  for i, session in ipairs(shop:get(SESSIONS .. "/order/" .. order_id)) do list[i] = session.status end
  return list
end

local function order(shop, id) return shop:get(ORDERS .. "/" .. (id or 116)) end

local function set_status(shop, status, account)
  return shop:put(ORDERS .. "/116", { paymentAccountIdentifier = account or "stripe", statusIdentifier = status })
end

local function refused_cancel(ids, value, status)
  refused(400, "Can't update the order. Payment sessions " .. ids ..
    " could not be canceled — the order may have been paid.", value, status)
end

describe("payment accounts", function()
  local shop = client.signed_in()

  it("are listed, without keys", function()
    local list, status = shop:get(PAYMENTS .. "/accounts")
    assert.are.equal(200, status)
    assert.are.equal(2, #list)
    assert.are.same({
      id = 1, identifier = "cash", type = "custom", localizeInfos = { en_US = { title = "Cash" } }, isVisible = true,
      isUsed = true, testMode = false, settings = { status = "connected" }, updatedDate = "2025-04-24T11:33:49.101Z",
    }, list[1])
    assert.are.equal("pk_***", list[2].testSettings.stripePublishableKey)
  end)

  it("are read by id", function()
    local account, status = shop:get(PAYMENTS .. "/accounts/2")
    assert.are.equal(200, status)
    assert.are.equal("stripe", account.identifier)
    refused(404, text.account_not_found, shop:get(PAYMENTS .. "/accounts/3"))
    refused(400, text.bad_id, shop:get(PAYMENTS .. "/accounts/stripe"))
  end)

  it("need a user", function()
    local guest = client.new()
    refused(401, "Unauthorized", guest:get(PAYMENTS .. "/accounts"))
    refused(401, "Unauthorized", guest:get(PAYMENTS .. "/accounts/1"))
    refused(401, "Unauthorized", guest:get(SESSIONS .. "/65"))
    refused(401, "Unauthorized", guest:get(SESSIONS .. "/order/116"))
    refused(401, "Unauthorized", guest:get(SESSIONS .. "/?offset=0&limit=30"))
    refused(401, "Unauthorized", guest:create_session(116))
  end)
end)

describe("createSession", function()
  local shop
  before_each(function() shop = client.signed_in() end)

  it("gives online payments an amount and an absolute url", function()
    local _, session = shop:open_payment { products = { { productId = 17, quantity = 1 } } }
    assert.are.equal(2, session.paymentAccountId)
    assert.are.equal(3.33, session.amount)
    assert.are.equal("http://shop.test:8787/__sandbox/pay/65", session.paymentUrl)
    assert.is_nil(session.clientSecret)
  end)

  it("takes scheme and host of the request, or base_url", function()
    shop:create_order { paymentAccountIdentifier = "stripe" }
    local function url(app_client, request)
      request.method, request.path, request.headers = "POST", SESSIONS, app_client.headers
      request.body = '{"orderId":116,"type":"session"}'
      return app_client.app:handle(request).body:match('"paymentUrl":"(.-)"')
    end
    assert.are.equal("https://shop.test:8787/__sandbox/pay/65", url(shop, { scheme = "https" }))
    shop.headers.host = '[::1]:9'
    assert.are.equal("http://[::1]:9/__sandbox/pay/66", url(shop, {}))
    shop.headers.host = 'evil"><script>'
    assert.are.equal("http://localhost/__sandbox/pay/67", url(shop, {}))
    local fixed = client.signed_in { base_url = "https://pay.example.com" }
    fixed:create_order { paymentAccountIdentifier = "stripe" }
    assert.are.equal("https://pay.example.com/__sandbox/pay/65", url(fixed, {}))
  end)

  it("gives intents a client secret instead of a url", function()
    shop:create_order { paymentAccountIdentifier = "stripe" }
    local session, status = shop:create_session(116, "intent")
    assert.are.equal(201, status)
    assert.are.equal("intent", session.type)
    assert.are.equal(null, session.paymentUrl)
    assert.are.equal(400, session.amount)
    assert.is_truthy(session.clientSecret:find("^pi_65_secret_"))
    assert.is_nil(shop:create_session(shop:create_order().id, "intent").clientSecret)
  end)

  it("gives some accounts their url later", function()
    shop = client.signed_in { seed = function(seed)
      seed.accounts[3] = client.copy(seed.accounts[2],
        { id = 3, identifier = "paypal", type = "custom", gateway = "delayed" })
      seed.storages[1].account_identifiers[3] = "paypal"
    end }
    local _, session = shop:open_payment { paymentAccountIdentifier = "paypal" }
    assert.are.equal(null, session.paymentUrl)
    shop:advance(4)
    assert.are.equal(null, order(shop).paymentUrl)
    shop:advance(1)
    assert.are.equal("http://shop.test:8787/__sandbox/pay/65", shop:get(SESSIONS .. "/65").paymentUrl)
    assert.are.equal("http://shop.test:8787/__sandbox/pay/65", order(shop).paymentUrl)
  end)

  it("checks type, order and account, in this order", function()
    refused(400, text.session_type, shop:create_session(999, "cash"))
    refused(400, text.session_type, shop:post(SESSIONS, { orderId = 116 }))
    refused(400, text.bad_id, shop:create_session("abc"))
    refused(400, text.bad_id, shop:create_session(116.5))
    refused(400, text.bad_id, shop:post(SESSIONS, { type = "session" }))
    refused(404, text.order_not_found, shop:create_session(999))
    shop:create_order()
    shop.app.store:account(1).status = "not_connected"
    refused(400, "Your payment account is not connected", shop:create_session(116))
  end)

  it("takes the id as a text of digits as well, and ignores automaticTaxEnabled", function()
    shop:create_order()
    local session, status = shop:post(SESSIONS, { orderId = "116", type = "session", automaticTaxEnabled = true })
    assert.are.equal(201, status)
    assert.are.equal(116, session.orderId)
  end)

  it("refuses an order that has been paid", function()
    local _, session = shop:open_payment()
    shop:pay(session.id, "completed")
    refused(400, text.already_paid, shop:create_session(116))
  end)
end)

describe("session reads", function()
  local shop
  before_each(function() shop = client.signed_in() end)

  it("list own sessions, newest first, with or without a slash", function()
    shop:open_payment()
    shop:open_payment()
    local other = shop:visitor()
    other:sign_in("other@example.com", "other-password")
    other:open_payment()
    for _, path in ipairs { SESSIONS .. "/?offset=0&limit=30", SESSIONS .. "?offset=0", SESSIONS } do
      local page, status = shop:get(path)
      assert.are.equal(200, status)
      assert.are.equal(2, page.total)
      assert.are.same({ 66, 65 }, { page.items[1].id, page.items[2].id })
    end
    assert.are.same({ 65 }, { shop:get(SESSIONS .. "/?offset=1&limit=1").items[1].id })
    assert.are.equal(67, other:get(SESSIONS).items[1].id)
  end)

  it("are 404 for unknown and for another user's sessions", function()
    local other = shop:visitor()
    other:sign_in("other@example.com", "other-password")
    other:open_payment()
    refused(404, text.session_not_found, shop:get(SESSIONS .. "/65"))
    refused(404, text.session_not_found, shop:get(SESSIONS .. "/66"))
  end)

  it("are an empty list for an order without sessions", function()
    shop:create_order()
    assert.are.equal("[]", shop:raw("GET", SESSIONS .. "/order/116").body)
    refused(404, text.order_not_found, shop:get(SESSIONS .. "/order/117"))
  end)

  it("can answer with a single object, as older servers do", function()
    shop = client.signed_in { choices = { legacy_single_object = true } }
    shop:create_order()
    assert.are.equal("null", shop:raw("GET", SESSIONS .. "/order/116").body)
    shop:create_session(116)
    shop:create_session(116)
    assert.are.equal(66, shop:get(SESSIONS .. "/order/116").id)
  end)
end)

describe("the life of a session", function()
  local shop, session
  before_each(function()
    shop = client.signed_in()
    session = select(2, shop:open_payment())
    shop:advance(1)
  end)

  it("starts waiting, and the order is unpaid", function()
    assert.are.same({ "waiting" }, statuses(shop, 116))
    local read = order(shop)
    assert.is_false(read.isCompleted)
    assert.are.equal(session.paymentUrl, read.paymentUrl)
  end)

  it("ends completed: the order is paid", function()
    shop:pay(65, "completed")
    local read = shop:get(SESSIONS .. "/65")
    assert.are.equal("completed", read.status)
    assert.are.equal("2025-04-24T11:33:49.101Z", read.createdDate)
    assert.are.equal("2025-04-24T11:33:50.101Z", read.updatedDate)
    assert.is_true(order(shop).isCompleted)
    assert.are.equal("completed", order(shop).statusIdentifier)
  end)

  for _, result in ipairs { "canceled", "expired" } do
    it("ends " .. result .. ": the order is canceled and unpaid", function()
      shop:pay(65, result)
      assert.are.same({ result }, statuses(shop, 116))
      assert.is_false(order(shop).isCompleted)
      assert.are.equal("canceled", order(shop).statusIdentifier)
    end)
  end

  it("has no way out of its three ends", function()
    for _, first in ipairs { "completed", "canceled", "expired" } do
      local _, other = shop:open_payment()
      shop:pay(other.id, first)
      for _, second in ipairs { "completed", "canceled", "expired" } do
        assert.are.equal(409, shop:pay(other.id, second).status)
      end
      assert.are.same({ first }, statuses(shop, other.orderId))
    end
  end)

  it("expires after the account's timeout, whoever looks first", function()
    local looks = {
      function() return shop:get(SESSIONS .. "/65").status end,
      function() return shop:get(SESSIONS).items[1].status end,
      function() return statuses(shop, 116)[1] end,
      function() return order(shop).statusIdentifier == "canceled" and "expired" end,
      function() return shop:get(ORDERS).items[1].statusIdentifier == "canceled" and "expired" end,
      function() return shop:raw("GET", "/__sandbox/").body:match('class="state (%a+)"') end,
      function() return shop:raw("GET", "/__sandbox/pay/65").body:match('class="state (%a+)"') end,
      function() return shop:pay(65, "completed").status == 409 and "expired" end,
    }
    for i, look in ipairs(looks) do
      shop = client.signed_in()
      shop:open_payment()
      shop:advance(15 * 60 - 1)
      assert.are.same({ "waiting" }, statuses(shop, 116))
      shop:advance(1)
      assert.are.equal("expired", look(), "look " .. i)
    end
  end)

  it("does not expire in cash", function()
    shop:create_session(shop:create_order().id)
    shop:advance(1000000)
    shop:sign_in()
    assert.are.same({ "waiting" }, statuses(shop, 117))
  end)

  it("is canceled by a second one, and the order stays open", function()
    local second = shop:create_session(116)
    assert.are.same({ "canceled", "waiting" }, statuses(shop, 116))
    assert.are.equal("upcoming", order(shop).statusIdentifier)
    assert.are.equal(second.paymentUrl, order(shop).paymentUrl)
    assert.are.equal(409, shop:pay(65, "completed").status)
    shop:pay(66, "completed")
    assert.are.same({ "canceled", "completed" }, statuses(shop, 116))
  end)

  it("can be followed by another one after it ended unpaid", function()
    shop:pay(65, "expired")
    local again, status = shop:create_session(116)
    assert.are.equal(201, status)
    assert.are.equal("upcoming", order(shop).statusIdentifier)
    shop:pay(again.id, "completed")
    assert.are.same({ "expired", "completed" }, statuses(shop, 116))
    assert.is_true(order(shop).isCompleted)
  end)

  it("is not moved by a lost webhook", function()
    shop:post("/__sandbox/fault", { lost_webhook = true })
    assert.are.equal(303, shop:pay(65, "completed").status)
    assert.are.same({ "waiting" }, statuses(shop, 116))
    shop:post("/__sandbox/fault", { lost_webhook = false })
    shop:pay(65, "completed")
    assert.are.same({ "completed" }, statuses(shop, 116))
  end)
end)

describe("canceling an order", function()
  local shop
  before_each(function() shop = client.signed_in() end)

  it("voids the waiting session", function()
    shop:open_payment()
    local changed, status = set_status(shop, "canceled")
    assert.are.equal(200, status)
    assert.are.equal("canceled", changed.statusIdentifier)
    assert.are.same({ "canceled" }, statuses(shop, 116))
    assert.are.equal("http://shop.test:8787/__sandbox/pay/65", order(shop).paymentUrl)
  end)

  it("is possible without sessions", function()
    shop:create_order()
    assert.are.equal("canceled", set_status(shop, "canceled", "cash").statusIdentifier)
  end)

  it("is refused when the order has been paid", function()
    shop:open_payment()
    shop:pay(65, "completed")
    refused_cancel("65", set_status(shop, "canceled"))
    assert.are.equal("completed", order(shop).statusIdentifier)
  end)

  it("is refused when a session has expired, also right now", function()
    shop:open_payment()
    shop:create_session(116)
    shop:pay(66, "expired")
    shop:create_session(116)
    refused_cancel("66", set_status(shop, "canceled"))
    shop:advance(15 * 60)
    set_status(shop, "upcoming")
    refused_cancel("66, 67", set_status(shop, "canceled"))
  end)

  it("leaves other statuses alone", function()
    shop:open_payment()
    assert.are.equal("completed", set_status(shop, "completed").statusIdentifier)
    assert.are.same({ "waiting" }, statuses(shop, 116))
  end)
end)

describe("orders paid in cash", function()
  it("are neither paid nor unpaid until somebody takes the money", function()
    local shop = client.signed_in()
    shop:create_order()
    shop:create_session(116)
    assert.are.equal(null, order(shop).isCompleted)
    assert.are.equal(null, order(shop).paymentUrl)
    shop:pay(65, "completed")
    assert.is_true(order(shop).isCompleted)
  end)
end)
