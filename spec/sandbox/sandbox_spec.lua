-- The sandbox as a whole: the documented scenario, and the checks that every request passes through.
local sandbox = require "oneentry.sandbox"
local json = require "oneentry.sandbox.host.json"
local text = require("oneentry.sandbox.rules.choices").text
local client = require "support.sandbox.app"

local refused, null = client.refused, client.null
local ME = "/api/content/users/me"

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

describe("the documented order payment", function()
  local shop = client.new()

  it("signs in and gets two well-formed tokens", function()
    local pair, status = shop:sign_in()
    assert.are.equal(201, status)
    assert.are.same({ "accessToken", "authProviderIdentifier", "refreshToken", "userIdentifier" }, sorted_keys(pair))
    assert.are.equal("user@example.com", pair.userIdentifier)
    assert.are.equal("email", pair.authProviderIdentifier)
    assert.is_truthy(pair.accessToken:find("^[%w_-]+%.[%w_-]+%.[%w_-]+$"))
    local uuid4 = "%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x"
    assert.is_truthy(pair.refreshToken:find("^1745494429101%-" .. uuid4 .. "$"))
  end)

  it("creates order 116 for 400 USD", function()
    local order, status = shop:create_order()
    assert.are.equal(201, status)
    assert.are.equal(116, order.id)
    assert.are.equal(400, order.totalSum)
    assert.are.equal(400, order.totalDue)
    assert.are.equal(0, order.bonusApplied)
    assert.are.equal("USD", order.currency)
    assert.are.equal("upcoming", order.statusIdentifier)
    assert.are.equal("Upcoming", order.statusLocalizeInfos.en_US.title)
    assert.are.equal("Christina Thomas", order.formData.en_US[1].value)
    assert.are.same({ { productId = 15, quantity = 1 } }, order.products)
    assert.are.equal("2025-04-24T11:33:49.101Z", order.createdDate)
    assert.is_nil(order.storageId or order.paymentUrl or order.isCompleted)
  end)

  it("shows the documented members of discountConfig", function()
    local config = shop:create_order().discountConfig
    assert.are.same({
      "additionalDiscountsMarkers", "bonus", "bonusApplied", "coupon", "excludedGiftProductIds", "orderDiscounts",
      "productDiscounts", "settings", "totalDue", "totalRaw", "totalSumWithDiscount",
    }, sorted_keys(config))
    assert.are.same({
      "allowGiftStacking", "allowStacking", "giftRefundPolicy", "maxBonusPaymentPercent", "maxDiscountValue",
      "minBonusAmount", "minOrderAmountForBonus",
    }, sorted_keys(config.settings))
  end)

  it("opens session 65, which waits and has neither amount nor url", function()
    local session, status = shop:create_session(116)
    assert.are.equal(201, status)
    assert.are.same({
      id = 65, createdDate = "2025-04-24T11:33:49.101Z", updatedDate = "2025-04-24T11:33:49.101Z",
      type = "session", status = "waiting", paymentAccountId = 1, orderId = 116, amount = null, paymentUrl = null,
    }, session)
  end)

  it("lists exactly that session for the order", function()
    local list, status = shop:get("/api/content/payments/sessions/order/116")
    assert.are.equal(200, status)
    assert.are.equal(1, #list)
    assert.are.same(shop:get("/api/content/payments/sessions/65"), list[1])
  end)

  it("cancels the first session when a second one is opened", function()
    shop:create_session(116)
    local list = shop:get("/api/content/payments/sessions/order/116")
    assert.are.equal(2, #list)
    assert.are.equal("canceled", list[1].status)
    assert.are.equal("waiting", list[2].status)
  end)

  it("takes a refresh token once", function()
    local pair = shop:sign_in()
    local path = client.USERS .. "/refresh"
    local _, first = shop:post(path, { refreshToken = pair.refreshToken })
    assert.are.equal(200, first)
    refused(400, text.bad_refresh, shop:post(path, { refreshToken = pair.refreshToken }))
    shop:sign_in()
  end)

  it("refuses a refund before the payment", function()
    refused(404, "You cannot refund uncompleted order",
      shop:post("/api/content/orders/116/refund", { products = { ["15"] = { quantity = 1 } } }))
  end)

  it("is closed without the app token", function()
    shop.headers["x-app-token"] = nil
    refused(403, "Resource is closed", shop:get("/api/content/payments/sessions/order/116"))
  end)
end)

describe("every request", function()
  it("has a route for each method of the four modules", function()
    local shop = client.signed_in()
    local providers, storages = "/api/content/users-auth-providers", "/api/content/orders-storage"
    local payments, users = "/api/content/payments", "/api/content/users/me"
    local routes = {
      GET = {
        providers, providers .. "/marker/email", client.USERS .. "/sessions", storages, storages .. "/marker/orders",
        client.ORDERS, client.ORDERS .. "/1", storages .. "/marker/orders/order-statuses",
        "/api/content/orders/1/refund", payments .. "/sessions", payments .. "/sessions/1",
        payments .. "/sessions/order/1", payments .. "/accounts", payments .. "/accounts/1", users,
      },
      POST = {
        client.USERS .. "/sign-up", client.USERS .. "/generate-code", client.USERS .. "/check-code",
        client.USERS .. "/activate", client.USERS .. "/auth", client.USERS .. "/refresh", client.USERS .. "/logout",
        client.USERS .. "/change-password", providers .. "/marker/email/oauth", storages .. "/orders/preview",
        client.ORDERS, "/api/content/orders/1/refund", payments .. "/sessions", users .. "/fcm-token/t",
        client.USERS .. "/logout-all",
      },
      PUT = { client.ORDERS .. "/1", users },
      DELETE = { "/api/content/orders/1/refund", users .. "/fcm-token/t", users, users .. "/account" },
    }
    local count = 0
    for method, paths in pairs(routes) do
      for _, path in ipairs(paths) do
        local value = shop:call(method, path)
        local message = type(value) == "table" and value.message
        assert.is_falsy(type(message) == "string" and message:find("^Cannot"), method .. " " .. path)
        count = count + 1
      end
    end
    assert.are.equal(36, count)
  end)

  it("is 404 for an unknown path or verb, with or without a token", function()
    local shop = client.new()
    shop.headers["x-app-token"] = nil
    refused(404, "Cannot GET /api/content/nothing", shop:get("/api/content/nothing?a=1"))
    refused(404, "Cannot DELETE /api/content/payments/sessions", shop:delete("/api/content/payments/sessions"))
  end)

  it("is 403 with a missing or wrong app token, before anything else", function()
    local shop = client.signed_in()
    for _, token in ipairs { "wrong", "Sandbox-app-token", "" } do
      shop.headers["x-app-token"] = token
      refused(403, "Resource is closed", shop:get(ME))
      refused(403, "Resource is closed", shop:post(client.USERS .. "/auth", {}))
    end
  end)

  it("asks for a client certificate instead when the project is protected that way", function()
    local shop = client.new { choices = { access = "certificate" } }
    shop.headers["x-app-token"] = nil
    refused(403, text.client_certificate, shop:get("/api/content/users-auth-providers"))
    local response = shop.app:handle {
      method = "GET", path = "/api/content/users-auth-providers", headers = {}, client_certificate = true,
    }
    assert.are.equal(200, response.status)
  end)

  it("is 400 for a body that is no JSON", function()
    local shop = client.signed_in()
    local bodies = {
      "{", "nonsense", "[1 2]", '{"a":}', '{"a":1} x', '{"a":1,}', '{"a" 1}', "{1:2}", "[1,]", "[01]", "[.5]", "[1.]", "[1e]",
      "[1e999]", "[1e99254740992]", "[tru]", "[nan]", "/**/[]", '["\\x"]', '["\\u12"]', '["\n"]', '["', ("["):rep(100000),
    }
    for _, body in ipairs(bodies) do
      local response = shop:raw("POST", "/api/content/payments/sessions", body)
      assert.are.equal(400, response.status, body:sub(1, 20))
      assert.are.equal(text.malformed_json, json.decode(response.body).message)
    end
    for _, body in ipairs { "[]", "[1]", "1", '"text"', "null", "true" } do
      local response = shop:raw("POST", "/api/content/payments/sessions", body)
      assert.are.equal(text.not_an_object, json.decode(response.body).message, body)
    end
  end)

  it("takes JSON with blanks, to a depth of 64", function()
    local shop = client.signed_in()
    local function put(body) return shop:raw("PUT", ME, body).status end
    assert.are.equal(200, put(' { "state" : { "a" :\t[ 1 , 2 ] ,\r\n"b" : null } } '))
    assert.are.same({ a = { 1, 2 } , b = null }, shop:get(ME).state)
    local deep = '{"state":{"a":' .. ("["):rep(62) .. ("]"):rep(62) .. "}}"
    assert.are.equal(200, put(deep))
    assert.are.equal(200, shop:raw("GET", ME).status)
    assert.are.equal(400, put((deep:gsub("%[%]", "[[]]"))))
  end)

  it("is 413 for a body that is too long", function()
    local shop = client.new { choices = { max_body_bytes = 100 } }
    assert.are.equal(413, shop:raw("POST", client.USERS .. "/auth", ("x"):rep(101)).status)
    assert.are.equal(400, shop:raw("POST", client.USERS .. "/auth", ("x"):rep(100)).status)
  end)

  it("is 403 where the group has no permission", function()
    local refund = "/api/content/orders/{id}/refund"
    local shop = client.signed_in { seed = function(seed)
      seed.permissions[refund] = false
      seed.permissions[ME] = { GET = true }
    end }
    refused(403, "Permission data not found. Provide the permission for requested url",
      shop:get("/api/content/orders/116/refund"))
    refused(403, "User doesn't have permissions to access the requested url or API method", shop:delete(ME))
    local _, status = shop:get(ME)
    assert.are.equal(200, status)
  end)

  it("is 401 on user routes without a live session", function()
    local shop = client.new()
    local pair = shop:sign_in()
    for _, header in ipairs { "", "Bearer", "Bearer x.y.z", "Basic " .. pair.accessToken, "Bearer " .. pair.accessToken .. "x" } do
      shop.headers.authorization = header
      refused(401, "Unauthorized", shop:get(ME))
    end
    shop.headers.authorization = nil
    refused(401, "Unauthorized", shop:get(ME))
  end)

  it("never raises: an error in a handler is a generic 500", function()
    local shop = client.signed_in()
    shop.app.store.products = nil
    refused(500, text.internal, shop:create_order())
    local log = shop:get("/__sandbox/log")
    assert.is_truthy(log.items[#log.items].error)
  end)

  it("answers HEAD like GET, without the body", function()
    local shop = client.signed_in()
    local response, full = shop:raw("HEAD", ME), shop:raw("GET", ME)
    assert.are.equal(200, response.status)
    assert.are.equal("", response.body)
    assert.are.equal(tostring(#full.body), response.headers["content-length"])
    assert.are.equal(404, shop:raw("HEAD", "/nothing").status)
  end)

  it("does not mind a slash at the end of a path, nor encoded segments", function()
    local shop = client.signed_in()
    local list, status = shop:get("/api/content/payments/sessions/?offset=0&limit=30")
    assert.are.equal(200, status)
    assert.are.same({}, list.items)
    assert.are.equal(200, shop:raw("GET", "/api/content/orders-storage/marker/%6frders").status)
  end)

  it("refuses ids that are no numbers", function()
    local shop = client.signed_in()
    refused(400, text.bad_id, shop:get("/api/content/payments/sessions/abc"))
    refused(400, text.bad_id, shop:get(client.ORDERS .. "/-1"))
    refused(404, text.order_not_found, shop:get(client.ORDERS .. "/0"))
    refused(404, text.order_not_found, shop:get(client.ORDERS .. "/99999999999999999999"))
  end)

  it("caps restricted reads at 10, defaults to 30 without the cap, and checks the numbers", function()
    local capped, free = client.signed_in(), client.signed_in { choices = { record_cap = false } }
    for _, shop in ipairs { capped, free } do
      for _ = 1, 32 do shop:create_order() end
    end
    local path = client.ORDERS .. "?langCode=en_US"
    local page = capped:get(path .. "&limit=30&offset=0")
    assert.are.equal(10, #page.items)
    assert.are.equal(32, page.total)
    assert.are.equal(147, page.items[1].id)
    assert.are.equal(2, #capped:get(path .. "&limit=5&offset=30").items)
    assert.are.equal(30, #free:get(path).items)
    assert.are.equal(0, #free:get(path .. "&limit=0").items)
    refused(400, text.bad_page:format("limit"), free:get(path .. "&limit=x"))
    refused(400, text.bad_page:format("offset"), free:get(path .. "&offset=-1"))
  end)
end)

describe("what is sent", function()
  it("has the members of an error in the platform's order", function()
    local shop = client.new()
    shop.headers["x-app-token"] = nil
    local response = shop:raw("GET", ME)
    assert.are.equal('{"statusCode":403,"timestamp":"2025-04-24T11:33:49.101Z","message":"Resource is closed","pageData":null}',
      response.body)
    assert.are.equal("application/json; charset=utf-8", response.headers["content-type"])
  end)

  it("writes integers without a fraction, empty lists as lists and nulls as null", function()
    local shop = client.signed_in()
    shop:create_order { products = {} }
    local body = shop:raw("GET", client.ORDERS .. "/116").body
    assert.is_truthy(body:find('"id":116,', 1, true))
    assert.is_truthy(body:find('"products":[]', 1, true))
    assert.is_truthy(body:find('"totalRaw":0,', 1, true))
    assert.is_truthy(body:find('"split":null', 1, true))
    assert.is_nil(body:find("%.0[,}]"))
  end)

  it("writes values back as they came", function()
    local state = '{"":{"n":3},"a":[],"b":{},"c":0.1,"d":9007199254740991,"e":null,"f":[null,1],"g":"\\"é\\u0000"}'
    local shop = client.signed_in()
    shop:raw("PUT", ME, '{"state":' .. state .. "}")
    local body = shop:raw("GET", ME).body
    assert.is_truthy(body:find('"state":' .. state, 1, true), body)
  end)

  it("sends booleans as NestJS does", function()
    local shop = client.signed_in()
    local response = shop:raw("PUT", ME, "{}")
    assert.are.equal("true", response.body)
    assert.are.equal("text/html; charset=utf-8", response.headers["content-type"])
  end)

  it("has localizeInfos nested, or flat", function()
    local nested, flat = client.signed_in(), client.signed_in { choices = { flat_localize_infos = true } }
    local path = "/api/content/orders-storage/marker/orders"
    assert.are.same({ en_US = { title = "Orders" } }, nested:get(path).localizeInfos)
    assert.are.same({ title = "Orders" }, flat:get(path).localizeInfos)
  end)
end)

describe("sandbox.new", function()
  it("raises for options and choices that do not exist", function()
    assert.has_error(function() sandbox.new { port = 1 } end, "unknown option of the sandbox: port")
    assert.has_error(function() sandbox.new { choices = { nonsense = 1 } } end, "unknown choice: nonsense")
    assert.has_error(function() sandbox.new { choices = { text = { x = "" } } } end, "unknown choice: text.x")
  end)

  it("needs no options, and has a clock of its own", function()
    local app = sandbox.new()
    local before = os.time()
    local response = app:handle { method = "GET", path = "/nowhere" }
    local second = json.decode(response.body).timestamp:match("T(.-)%.")
    assert.is_true(second == os.date("!%H:%M:%S", before) or second == os.date("!%H:%M:%S"))
  end)

  it("keeps apps apart", function()
    local one, two = client.signed_in(), client.signed_in()
    one:create_order()
    assert.are.equal(0, two:get(client.ORDERS).total)
    assert.are.equal(116, two:create_order().id)
  end)

  it("can override single texts and statuses", function()
    local shop = client.new { choices = { bad_password_status = 400, text = { bad_password = "No." } } }
    refused(400, "No.", shop:sign_in("user@example.com", "wrong"))
  end)
end)
