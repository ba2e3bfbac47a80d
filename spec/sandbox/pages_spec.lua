-- The sandbox's own pages: overview, pay page, reset, clock and log.
local client = require "support.sandbox.app"
local json = require "oneentry.sandbox.host.json"

local refused = client.refused
local ME = "/api/content/users/me"
local FAULT = "/__sandbox/fault"

local function has(text, part) return text:find(part, 1, true) ~= nil end

describe("the overview page", function()
  it("is where the root leads", function()
    local root = client.new():raw("GET", "/")
    assert.are.equal(303, root.status)
    assert.are.equal("/__sandbox/", root.headers.location)
  end)

  it("shows orders, sessions and codes", function()
    local shop = client.new()
    local empty = shop:raw("GET", "/__sandbox/")
    assert.are.equal(200, empty.status)
    assert.are.equal("text/html; charset=utf-8", empty.headers["content-type"])
    for _, note in ipairs { "No orders yet.", "No sessions yet.", "No codes yet.", "sandbox-app-token" } do
      assert.is_true(has(empty.body, note), note)
    end
    shop:sign_in()
    shop:open_payment { couponCode = "SAVE10" }
    shop:post(client.USERS .. "/generate-code", { userIdentifier = "user@example.com", eventIdentifier = "sign_in" })
    local body = shop:raw("GET", "/__sandbox").body
    local cells = {
      "<td>116</td><td>user@example.com</td><td>stripe</td><td>upcoming</td><td>360.00 USD</td><td>no</td>",
      '<span class="state waiting">waiting</span>', '<a href="/__sandbox/pay/65">',
      "<td>user@example.com</td><td>sign_in</td><td>" .. client.last_code(shop) .. "</td>",
    }
    for _, cell in ipairs(cells) do assert.is_true(has(body, cell), cell) end
  end)

  it("needs no app token and shows the latest 50 orders", function()
    local shop = client.signed_in()
    for _ = 1, 51 do shop:create_order() end
    shop.headers = {}
    local body = shop:raw("GET", "/__sandbox/").body
    assert.is_true(has(body, "<td>166</td>"))
    assert.is_false(has(body, "<td>116</td>"))
  end)

  it("escapes what users have sent", function()
    local shop = client.new()
    local login = "<script>alert(\"1\")</script>&'@example.com"
    shop:post(client.USERS .. "/sign-up", {
      langCode = "en_US", authData = client.credentials(login, "x").authData,
    })
    shop:sign_in(login, "x")
    shop:create_order()
    shop:post(client.USERS .. "/generate-code", { userIdentifier = login, eventIdentifier = "sign_in" })
    local body = shop:raw("GET", "/__sandbox/").body
    assert.is_nil(body:find("<script", 1, true))
    local escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;@example.com"
    local _, count = body:gsub(escaped:gsub("%p", "%%%0"), "")
    assert.are.equal(2, count)
  end)
end)

describe("the pay page", function()
  local shop
  before_each(function()
    shop = client.signed_in()
    shop:open_payment { products = { { productId = 17, quantity = 3 } } }
    shop.headers = { ["content-type"] = "application/json" } -- a visitor has no tokens
  end)

  it("shows the order, with buttons and without JavaScript", function()
    local page = shop:raw("GET", "/__sandbox/pay/65")
    assert.are.equal(200, page.status)
    local parts = {
      "Order 116", "Cotton pad", "9.99 USD", '<form method="post" action="/__sandbox/pay/65">', "Pay 9.99 USD",
      'name="result" value="completed"', 'name="result" value="canceled"', 'name="result" value="expired"',
    }
    for _, part in ipairs(parts) do assert.is_true(has(page.body, part), part) end
    assert.is_nil(page.body:lower():find("<script", 1, true))
    assert.is_true(has(page.headers["content-security-policy"], "default-src 'none'"))
  end)

  it("escapes product titles", function()
    shop.app.store:product(17).title = '<img src=x onerror="1">'
    local body = shop:raw("GET", "/__sandbox/pay/65").body
    assert.is_false(has(body, "<img"))
    assert.is_true(has(body, "&lt;img src=x onerror=&quot;1&quot;&gt;"))
  end)

  it("sends the visitor to the overview when the account has no pages of its own", function()
    for i, result in ipairs { "completed", "canceled", "expired" } do
      if i > 1 then
        shop = client.signed_in()
        shop:open_payment()
      end
      local answer = shop:pay(65, result)
      assert.are.equal(303, answer.status)
      assert.are.equal("/__sandbox/", answer.headers.location)
    end
  end)

  it("sends the visitor to the account's pages", function()
    shop = client.signed_in { seed = function(seed)
      seed.accounts[2].success_url = "https://shop.example.com/thanks"
      seed.accounts[2].cancel_url = "https://shop.example.com/basket"
    end }
    local pages = {
      completed = "https://shop.example.com/thanks", canceled = "https://shop.example.com/basket",
      expired = "https://shop.example.com/basket",
    }
    for result, url in pairs(pages) do
      local _, session = shop:open_payment()
      assert.are.equal(url, shop:pay(session.id, result).headers.location)
    end
  end)

  it("sends the visitor to the pages that were set by hand", function()
    local body = '{"identifier":"stripe","successUrl":"https://shop.example.com/a","cancelUrl":"https://shop.example.com/b"}'
    assert.are.equal(200, shop:raw("POST", "/__sandbox/account", body).status)
    assert.are.equal("https://shop.example.com/b", shop:pay(65, "canceled").headers.location)
    assert.are.equal(404, shop:raw("POST", "/__sandbox/account", '{"identifier":"none"}').status)
    assert.are.equal(400, shop:raw("POST", "/__sandbox/account", '{"identifier":"stripe","successUrl":5}').status)
    assert.are.equal(400, shop:raw("POST", "/__sandbox/account", '{"identifier":"stripe","cancelUrl":"x\\r\\ny"}').status)
  end)

  it("takes the result from the query as well", function()
    assert.are.equal(303, shop:raw("POST", "/__sandbox/pay/65?result=canceled").status)
    assert.is_true(has(shop:raw("GET", "/__sandbox/pay/65").body, '<span class="state canceled">'))
  end)

  it("has no buttons once the session is over, and refuses a second result", function()
    shop:pay(65, "completed")
    assert.is_false(has(shop:raw("GET", "/__sandbox/pay/65").body, "<form"))
    local again = shop:pay(65, "canceled")
    assert.are.equal(409, again.status)
    assert.is_true(has(again.body, "completed already"))
  end)

  it("is changed by POST only", function()
    assert.are.equal(200, shop:raw("GET", "/__sandbox/pay/65?result=completed").status)
    assert.is_true(has(shop:raw("GET", "/__sandbox/pay/65").body, '<span class="state waiting">'))
  end)

  it("refuses unknown sessions and results", function()
    for _, id in ipairs { "64", "x", "%3Cscript%3E" } do
      assert.are.equal(404, shop:raw("GET", "/__sandbox/pay/" .. id).status)
      assert.are.equal(404, shop:pay(id, "completed").status)
    end
    for _, result in ipairs { "waiting", "", "<b>" } do assert.are.equal(400, shop:pay(65, result).status) end
    assert.are.equal(400, shop:raw("POST", "/__sandbox/pay/65").status)
  end)
end)

describe("reset", function()
  it("forgets everything, faults and the clock included", function()
    local shop = client.signed_in()
    local tester = shop:visitor()
    tester.headers = { ["content-type"] = "application/json" } -- none of the switches needs a token
    shop:create_order()
    assert.are.equal("2025-04-24T11:35:29.101Z", tester:post("/__sandbox/clock", { advance = 100 }).now)
    tester:post(FAULT, { match = "* *", status = 500, times = 100 })
    local _, status = tester:post("/__sandbox/reset")
    assert.are.equal(200, status)
    assert.are.equal(0, tester:get("/__sandbox/log").total)
    refused(401, "Unauthorized", shop:get(ME))
    local order = shop:sign_in() and shop:create_order()
    assert.are.equal(116, order.id)
    assert.are.equal("2025-04-24T11:33:49.101Z", order.createdDate)
  end)

  it("brings back what was changed in the seed", function()
    local shop = client.signed_in { seed = function(seed) seed.products[2].price = 1234 end }
    shop:put(ME, { state = { a = 1 } })
    shop:post("/__sandbox/reset")
    shop:sign_in()
    assert.are.same({}, shop:get(ME).state)
    assert.are.equal(12.34, shop:create_order().totalSum)
  end)
end)

describe("the clock", function()
  it("is advanced", function()
    local shop = client.signed_in()
    local value, status = shop:post("/__sandbox/clock", { advance = 86399 })
    assert.are.equal(200, status)
    assert.are.equal("2025-04-25T11:33:48.101Z", value.now)
    assert.are.equal(16, shop:get(ME).id)
    shop:post("/__sandbox/clock", { advance = 0.9 })
    refused(401, "Unauthorized", shop:get(ME))
    for _, seconds in ipairs { "1", 1e300, -1e300, -1745580830 } do
      refused(400, "advance must be a number of seconds, up to the year 9999",
        shop:post("/__sandbox/clock", { advance = seconds }))
    end
    local rest = 253402300799 - 1745580829
    assert.are.equal("9999-12-31T23:59:58", shop:post("/__sandbox/clock", { advance = rest - 1 }).now:sub(1, 19))
  end)
end)

describe("the log", function()
  it("has what was asked and answered, with secrets reduced", function()
    local shop = client.new()
    local pair = shop:sign_in()
    shop:post(client.USERS .. "/refresh", { refreshToken = pair.refreshToken })
    shop:get("/api/content/nothing?a=1")
    local raw = shop:raw("GET", "/__sandbox/log").body
    for _, secret in ipairs { "sandbox-password", pair.accessToken, pair.refreshToken, "sandbox-app-token" } do
      assert.is_false(has(raw, secret), secret)
    end
    local log = json.decode(raw)
    assert.are.equal(3, log.total)
    local last = log.items[3]
    assert.are.same({ 3, "GET", "/api/content/nothing?a=1", 404, json.null },
      { last.number, last.method, last.path, last.status, last.body })
    assert.are.equal("sand...oken", last.headers["x-app-token"])
    assert.are.equal("Bearer " .. pair.accessToken:sub(1, 4) .. "..." .. pair.accessToken:sub(-4), last.headers.authorization)
    assert.are.equal(pair.refreshToken:sub(1, 4) .. "..." .. pair.refreshToken:sub(-4), log.items[2].body.refreshToken)
  end)

  it("keeps the latest entries and counts all", function()
    local shop = client.new { choices = { log_entries = 3 } }
    for _ = 1, 5 do shop:get(ME) end
    local log = shop:get("/__sandbox/log")
    assert.are.equal(5, log.total)
    assert.are.same({ 3, 4, 5 }, { log.items[1].number, log.items[2].number, log.items[3].number })
  end)

  it("does not list its own requests", function()
    local shop = client.new()
    shop:get("/__sandbox/log")
    shop:raw("GET", "/__sandbox/")
    assert.are.equal(0, shop:get("/__sandbox/log").total)
  end)
end)

it("S6: the log holds the beginning of a long header", function()
  local shop = client.new()
  shop.headers["user-agent"] = ("x"):rep(300000)
  shop:get(ME)
  local items = shop:get("/__sandbox/log").items
  assert.are.equal(("x"):rep(512) .. "...", items[#items].headers["user-agent"])
end)

describe("S6: of bodies full of small lists", function()
  local body = '{"a":[' .. ("[],"):rep(20000) .. "[]]}"

  -- MB that are kept after so many bodies.
  local function kept(send, shop)
    local function megabytes()
      for _ = 1, 3 do collectgarbage() end
      return collectgarbage "count" / 1024
    end
    send(shop)
    local before = megabytes()
    for _ = 1, 20 do send(shop) end
    return megabytes() - before
  end

  it("the log keeps no more than their text", function()
    local shop = client.signed_in()
    local function send() assert.are.equal(404, shop:raw("POST", "/api/content/no/such/route", body).status) end
    assert.is_true(kept(send) < 2)
    send = function() assert.are.equal(400, shop:raw("POST", client.ORDERS, body).status) end
    assert.is_true(kept(send) < 2)
    local items = shop:get("/__sandbox/log").items
    assert.are.equal(20001, #items[#items].body.a)
  end)

  it("faults keep no more than their text", function()
    local shop = client.new()
    local fault = '{"match":"GET /evil","status":200,"body":' .. body .. "}"
    assert.is_true(kept(function() assert.are.equal(200, shop:raw("POST", FAULT, fault).status) end) < 2)
    assert.are.equal(body, shop:raw("GET", "/evil").body)
  end)
end)

it("S6: a path is refused when it is too long, and slashes at its end take no time", function()
  local shop = client.new()
  local path = "/" .. ("x"):rep(4095)
  assert.are.equal(404, shop:raw("GET", path .. "?" .. ("y"):rep(10000)).status)
  refused(414, "URI too long", shop:get(path .. "x"))
  local began = os.clock()
  refused(414, "URI too long", shop:get("/" .. ("/"):rep(300000) .. "x"))
  assert.is_true(os.clock() - began < 1)
end)
