-- The shop of examples/openresty: what it must withstand, without a browser. spec/browser/ has it in one.
local json = require "support.json"
local shop = require "support.shop"

local AUTH = "POST /api/content/users-auth-providers/marker/email/users/auth"
local REFRESH = "POST /api/content/users-auth-providers/marker/email/users/refresh"
local LOGOUT = "POST /api/content/users-auth-providers/marker/email/users/logout"
local ORDER = "POST /api/content/orders-storage/marker/orders/orders"
local SESSION = "POST /api/content/payments/sessions"

local function has(text, part)
  assert.truthy(text:find(part, 1, true), ("no %q in: %s"):format(part, text))
end

local function lacks(text, part)
  assert.is_nil(text:find(part, 1, true), ("%q in: %s"):format(part, text))
end

-- A page of ours, with a link or a form that leads on.
local function is_page(visitor, status, title)
  assert.equal(status, visitor.status, visitor.body)
  has(visitor.body, "<h1>" .. title .. "</h1>")
  local main = visitor.body:match "<main.*</main>"
  assert.truthy(main:find '<a href="/' or main:find '<form method="post"', main)
end

local function leads_to(visitor, location)
  assert.equal(303, visitor.status, visitor.body)
  assert.equal(location, visitor.headers.location)
end

describe("the shop", function()
  local web, ada

  setup(function() web = shop.start { environment = "SHOP_SETTLE_SECONDS=0" } end)
  teardown(function() web:stop() end)
  before_each(function()
    web:reset()
    ada = web:visitor()
  end)

  local function order(product)
    ada:log_in()
    return ada:post("/checkout", ada:fill_cart(product))
  end

  describe("every page", function()
    it("runs no script, is in no frame, loads nothing from elsewhere, and is kept in no cache", function()
      for _, path in ipairs { "/login", "/orders", "/none" } do
        ada:get(path)
        assert.equal("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
          .. "form-action 'self' " .. web.sandbox.url, ada.headers["content-security-policy"])
        assert.equal("nosniff", ada.headers["x-content-type-options"])
        assert.equal("same-origin", ada.headers["referrer-policy"])
        assert.equal("no-store", ada.headers["cache-control"])
      end
      ada:log_in()
      for _, path in ipairs { "/", "/cart", "/orders" } do
        ada:get(path)
        lacks(ada.body, "<script")
        lacks(ada.body, "style=")
        assert.is_nil(ada.body:find "%son%a+=")
        has(ada.body, '<html lang="en">')
      end
    end)

    it("asks who is not logged in to do so", function()
      for _, path in ipairs { "/", "/cart", "/orders", "/orders/116", "/return" } do
        leads_to(web:visitor():get(path), "/login")
      end
      ada:get "/login"
      for _, path in ipairs { "/cart", "/checkout", "/checkout/look", "/orders/116/pay" } do
        leads_to(ada:post(path, { key = "x" }), "/login")
      end
      assert.same({}, web.sandbox:log())
    end)

    it("is not found, or not by this method, with a way on", function()
      is_page(ada:get "/none", 404, "Not found")
      is_page(ada:get "/checkout", 405, "Not found")
      is_page(ada:get "/orders/116x", 404, "Not found")
    end)
  end)

  describe("the cookie", function()
    it("is out of reach for scripts and other sites", function()
      local cookie = ada:get("/login").headers["set-cookie"]
      assert.truthy(cookie:match "^shop=[%w_-]+; Path=/; HttpOnly; SameSite=Lax$", cookie)
      assert.is_nil(ada:get("/login").headers["set-cookie"]) -- kept
    end)

    it("is another for everybody", function()
      local seen = {}
      for _ = 1, 20 do
        local id = web:visitor():get("/login").cookie
        assert.is_nil(seen[id])
        seen[id] = true
      end
    end)

    it("is replaced when it is none of ours", function()
      for _, planted in ipairs { "shop=", "shop=short", "shop=" .. ("/"):rep(43), "shop=" .. ("a"):rep(500) } do
        ada.cookie = planted
        assert.truthy(ada:get("/login").headers["set-cookie"])
      end
    end)

    it("is Secure and bound to the host where TLS is", function()
      local safe = shop.start { environment = "SHOP_BEHIND_TLS=1" }
      finally(function() safe:stop() end)
      local cookie = safe:visitor():get("/login").headers["set-cookie"]
      assert.truthy(cookie:match "^__Host%-shop=[%w_-]+; Path=/; HttpOnly; SameSite=Lax; Secure$", cookie)
      assert.equal(200, safe:visitor():log_in().status)
    end)
  end)

  describe("login", function()
    it("gives a new id: one that was known before is not the user's", function()
      local planted = ada:get("/login").cookie
      ada:log_in()
      assert.not_equal(planted, ada.cookie)
      local thief = web:visitor()
      thief.cookie = planted
      leads_to(thief:get "/orders", "/login")
    end)

    it("gives a new id when a user is logged in already, and ends the old one", function()
      local first = ada:log_in().cookie
      ada:post("/login", { login = web.sandbox.login, password = web.sandbox.password })
      leads_to(ada, "/")
      assert.not_equal(first, ada.cookie)
      local old = web:visitor()
      old.cookie = first
      leads_to(old:get "/orders", "/login")
    end)

    it("says the same of a wrong password and of a wrong email, and keeps the email", function()
      ada:get "/login"
      for _, login in ipairs { web.sandbox.login, "nobody@example.com" } do
        ada:post("/login", { login = login, password = "wrong" })
        is_page(ada, 401, "Log in")
        has(ada.body, "The email or the password is not right.")
        assert.equal(login, ada:field "login")
        lacks(ada.body, "wrong")
      end
    end)

    it("needs both fields", function()
      ada:get "/login"
      is_page(ada:post("/login", { login = "x@example.com" }), 422, "Log in")
      is_page(ada:post("/login", { password = "x" }), 422, "Log in")
      assert.same({}, web.sandbox:log())
    end)

    it("is not shown to who is logged in", function()
      leads_to(ada:log_in():get "/login", "/")
    end)
  end)

  describe("logout", function()
    it("ends the session here and in OneEntry", function()
      local cookie = ada:log_in().cookie
      leads_to(ada:post "/logout", "/login")
      assert.equal(1, web:count(LOGOUT))
      ada.cookie = cookie
      leads_to(ada:get "/orders", "/login")
    end)

    it("ends the session here when OneEntry fails", function()
      local cookie = ada:log_in().cookie
      web.sandbox:control("POST", "fault", { match = LOGOUT, status = 500 })
      leads_to(ada:post "/logout", "/login")
      ada.cookie = cookie
      leads_to(ada:get "/orders", "/login")
    end)
  end)

  describe("a forged form", function()
    local FORMS = { "/cart", "/checkout", "/checkout/look", "/orders/116/pay", "/logout", "/login" }

    it("is refused without the token, and with another visitor's", function()
      local thief = web:visitor():log_in("other@example.com", "other-password")
      local fields = ada:log_in():fill_cart()
      fields.product, fields.change, fields.login, fields.password = 16, 1, "other@example.com", "other-password"
      local before = #web.sandbox:log()
      for _, path in ipairs(FORMS) do
        for _, token in ipairs { "", "x", thief.token, ada.token:lower(), ada.token .. "x" } do
          fields.csrf = token
          is_page(ada:post(path, fields), 403, "Please try again")
        end
        assert.equal(403, ada:request("POST", path, "product=16").status)
        assert.equal(403, ada:request("POST", path, "").status)
      end
      assert.equal(before, #web.sandbox:log())
      ada:get "/cart"
      has(ada.body, "Cart (1)")
    end)

    it("does not end the visitor's session: a cookie that another site's form lacks is not replaced", function()
      assert.equal(403, ada:request("POST", "/cart", "product=15&change=1").status)
      assert.is_nil(ada.headers["set-cookie"])
    end)

    it("is refused with the token that the visitor had before logging in", function()
      ada:get "/login"
      local before = ada.token
      ada:log_in()
      is_page(ada:post("/cart", { product = 15, change = 1, csrf = before }), 403, "Please try again")
    end)
  end)

  describe("an order", function()
    it("leads to the pay page, and from there to its own page", function()
      order()
      leads_to(ada, web.sandbox.url .. "/__sandbox/pay/65")
      local back = ada:pay(ada.headers.location, "completed")
      leads_to(ada:get(back), "/orders/116")
      is_page(ada:get "/orders/116", 200, "Order 116")
      has(ada.body, ">Paid<")
      lacks(ada.body, "Pay now")
      lacks(ada.body, "Go to payment")
      has(ada:get("/orders").body, "<td>Paid</td>")
    end)

    it("is not paid because the address says so", function()
      order()
      leads_to(ada:get "/return?result=completed&status=completed&orderId=117", "/orders/116")
      ada:get "/orders/116?status=completed"
      has(ada.body, "Waiting for payment")
      has(ada.body, "Look again")
      lacks(ada.body, ">Paid<")
    end)

    it("is found again after the pay page when nobody knows which it was", function()
      leads_to(ada:log_in():get "/return", "/orders")
    end)

    for result, title in pairs { canceled = "Payment cancelled", expired = "Payment expired" } do
      it("can be paid after all when its payment is " .. result, function()
        order()
        leads_to(ada:get(ada:pay(ada.headers.location, result)), "/orders/116")
        is_page(ada:get "/orders/116", 200, "Order 116")
        has(ada.body, title)
        leads_to(ada:post "/orders/116/pay", web.sandbox.url .. "/__sandbox/pay/66")
        ada:pay(ada.headers.location, "completed")
        has(ada:get("/orders/116").body, ">Paid<")
        assert.equal(1, web:count(ORDER))
      end)
    end

    it("waits while OneEntry has not heard of the payment", function()
      web.sandbox:control("POST", "fault", { lost_webhook = true })
      order()
      ada:get(ada:pay(ada.headers.location, "completed"))
      has(ada:get("/orders/116").body, "Waiting for payment")
      leads_to(ada:post "/orders/116/pay", web.sandbox.url .. "/__sandbox/pay/65") -- the same payment, not a second one
    end)

    it("is not paid twice", function()
      order()
      ada:pay(ada.headers.location, "completed")
      leads_to(ada:post "/orders/116/pay", "/orders/116")
      assert.equal(1, web:count(SESSION))
    end)

    it("of another user does not exist", function()
      order()
      local other = web:visitor():log_in("other@example.com", "other-password")
      is_page(other:get "/orders/116", 404, "Not found")
      lacks(other.body, "Hair colouring")
      is_page(other:post "/orders/116/pay", 404, "Not found")
      lacks(other:get("/orders").body, "116")
      assert.equal(1, web:count(SESSION))
    end)

    it("stands when its payment cannot begin", function()
      web.sandbox:control("POST", "fault", { match = SESSION, status = 500 })
      order()
      leads_to(ada, "/orders/116")
      is_page(ada:get "/orders/116", 200, "Order 116")
      has(ada.body, "Not paid yet")
      leads_to(ada:post "/orders/116/pay", web.sandbox.url .. "/__sandbox/pay/65")
    end)

    it("needs a name, and one that is text", function()
      local fields = ada:log_in():fill_cart()
      for _, name in ipairs { "", "   ", ("x"):rep(101), "a\nb", "a\0b", "\255\254" } do
        fields.name = name
        is_page(ada:post("/checkout", fields), 422, "Your cart")
        has(ada.body, 'role="alert"')
      end
      assert.equal(0, web:count(ORDER))
      fields.name = ("é"):rep(100)
      ada:post("/checkout", fields)
      assert.equal(1, web:count(ORDER))
    end)

    it("holds what was typed, and pages show it as text", function()
      local name = [["><b>O'Hara & Søn</b>]]
      local fields = ada:log_in():fill_cart()
      fields.name = name .. ("x"):rep(100)
      ada:post("/checkout", fields)
      assert.equal(fields.name, ada:field "name")
      lacks(ada.body, "<b>")
      fields.name = name
      ada:post("/checkout", fields)
      local log = web.sandbox:log()
      for _, entry in ipairs(log) do
        if entry.body ~= json.null and entry.body.formData then
          assert.equal(name, entry.body.formData.en_US[1].value)
        end
      end
      ada:get "/login"
      local stranger = web:visitor():get "/login"
      stranger:post("/login", { login = name, password = "x" })
      lacks(stranger.body, "<b>")
      assert.equal(name, stranger:field "login")
    end)

    it("has OneEntry's prices in the cart", function()
      ada:log_in():fill_cart(15)
      ada:fill_cart(16)
      ada:fill_cart(16)
      has(ada.body, "433.00 USD")
      ada:post("/cart", { product = 15, change = -1 })
      has(ada:get("/cart").body, "33.00 USD")
      for _, wrong in ipairs { { product = 99, change = 1 }, { product = 16, change = 5 }, { product = "x" }, {} } do
        leads_to(ada:post("/cart", wrong), "/cart")
      end
      has(ada:get("/cart").body, "33.00 USD")
    end)
  end)

  describe("a form that is sent again", function()
    it("leads to the order that is there", function()
      ada:log_in()
      local fields = ada:fill_cart()
      ada:post("/checkout", fields)
      leads_to(ada, web.sandbox.url .. "/__sandbox/pay/65")
      ada:post("/checkout", fields)
      leads_to(ada, web.sandbox.url .. "/__sandbox/pay/65")
      fields.name = "Somebody else"
      ada:fill_cart(16) -- the next cart
      ada:post("/checkout", fields)
      leads_to(ada, web.sandbox.url .. "/__sandbox/pay/65")
      assert.equal(1, web:count(ORDER))
      assert.equal(1, web:count(SESSION))
      has(ada:get("/cart").body, "Cart (1)")
    end)

    it("makes one order when it comes twice at once", function()
      ada:log_in()
      local fields = ada:fill_cart()
      web.sandbox:control("POST", "fault", { match = ORDER, delay = 0.3, times = 4 })
      for _, answer in ipairs(ada:at_once(4, "POST", "/checkout", fields)) do
        assert.equal(303, answer.status, answer.body)
        assert.equal(web.sandbox.url .. "/__sandbox/pay/65", answer.location)
      end
      assert.equal(1, web:count(ORDER))
      assert.equal(1, web:count(SESSION))
    end)

    it("opens one payment when the button to pay is pressed twice at once", function()
      order()
      ada:pay(ada.headers.location, "canceled")
      web.sandbox:control("POST", "fault", { match = SESSION, delay = 0.3, times = 4 })
      for _, answer in ipairs(ada:at_once(4, "POST", "/orders/116/pay", {})) do
        assert.equal(web.sandbox.url .. "/__sandbox/pay/66", answer.location)
      end
      assert.equal(2, web:count(SESSION))
    end)

    it("is of no use once its cart is gone, or to another user", function()
      local fields = ada:log_in():fill_cart()
      local other = web:visitor():log_in("other@example.com", "other-password")
      other:fill_cart(16)
      leads_to(other:post("/checkout", { key = fields.key, name = "Eve" }), "/cart")
      leads_to(ada:post("/checkout", { key = "x", name = "Ada" }), "/cart")
      leads_to(ada:post("/checkout", { name = "Ada" }), "/cart")
      ada:post("/cart", { product = 15, change = -1 })
      leads_to(ada:post("/checkout", fields), "/cart")
      assert.equal(0, web:count(ORDER))
    end)
  end)

  describe("an order whose answer is lost", function()
    it("is looked for, found, and not made again", function()
      local fields = ada:log_in():fill_cart()
      web.sandbox:control("POST", "fault", { match = ORDER, drop = true, process = true })
      ada:post("/checkout", fields)
      is_page(ada, 502, "We do not know yet")
      assert.equal(fields.key, ada:field "key")
      has(ada.body, "Cart (1)")
      leads_to(ada:post("/checkout/look", { key = fields.key }), "/orders/116")
      has(ada:get("/orders/116").body, "Not paid yet")
      has(ada.body, "Cart (0)")
      leads_to(ada:post("/checkout", fields), web.sandbox.url .. "/__sandbox/pay/65")
      leads_to(ada:post("/checkout/look", { key = fields.key }), "/orders/116")
      assert.equal(1, web:count(ORDER))
    end)

    it("is found when the form is sent again, and among many", function()
      ada:log_in()
      for _ = 1, 12 do ada:post("/checkout", ada:fill_cart(16)) end
      web.sandbox:control("POST", "fault", { match = ORDER, drop = true, process = true })
      local fields = ada:fill_cart()
      is_page(ada:post("/checkout", fields), 502, "We do not know yet")
      leads_to(ada:post("/checkout", fields), "/orders/128")
      assert.equal(13, web:count(ORDER))
    end)

    it("can be made again once it is sure that there is none", function()
      local fields = ada:log_in():fill_cart()
      web.sandbox:control("POST", "fault", { match = ORDER, drop = true })
      is_page(ada:post("/checkout", fields), 502, "We do not know yet")
      ada:post("/checkout/look", { key = fields.key })
      is_page(ada, 200, "Your cart")
      has(ada.body, "nothing was ordered")
      leads_to(ada:post("/checkout", { key = ada:field "key", name = "Ada" }), web.sandbox.url .. "/__sandbox/pay/65")
      leads_to(ada:get "/return", "/orders/116")
    end)

    it("stays unknown while it cannot be looked for", function()
      local fields = ada:log_in():fill_cart()
      web.sandbox:control("POST", "fault", { match = ORDER, status = 504 })
      is_page(ada:post("/checkout", fields), 502, "We do not know yet")
      web.sandbox:control("POST", "fault", { match = "GET /api/content/orders-storage/*", status = 500 })
      is_page(ada:post("/checkout/look", { key = fields.key }), 502, "We do not know yet")
      web.sandbox:control("POST", "fault", { match = "GET /api/content/orders-storage/*", status = 500 })
      is_page(ada:post("/checkout", fields), 502, "We do not know yet")
      assert.equal(1, web:count(ORDER))
    end)

    it("is not made again before OneEntry's reads must show it", function()
      local slow = shop.start { environment = "SHOP_SETTLE_SECONDS=3600" }
      finally(function() slow:stop() end)
      local eve = slow:visitor():log_in()
      local fields = eve:fill_cart()
      slow.sandbox:control("POST", "fault", { match = ORDER, drop = true })
      is_page(eve:post("/checkout", fields), 502, "We do not know yet")
      is_page(eve:post("/checkout/look", { key = fields.key }), 502, "We do not know yet")
      is_page(eve:post("/checkout", fields), 502, "We do not know yet")
      assert.equal(1, slow:count(ORDER))
    end)

    it("is another matter than an order that was refused", function()
      local fields = ada:log_in():fill_cart()
      web.sandbox:control("POST", "fault", { match = ORDER, status = 400 })
      is_page(ada:post("/checkout", fields), 502, "That did not work")
      ada:post("/checkout", fields)
      leads_to(ada, web.sandbox.url .. "/__sandbox/pay/65")
    end)
  end)

  describe("the user's tokens", function()
    it("are refreshed once by requests that come at once, and kept", function()
      ada:log_in()
      for round = 1, 2 do
        web.sandbox:control("POST", "fault", { expire_access_tokens = true })
        for _, answer in ipairs(ada:at_once(6, "GET", "/orders")) do
          assert.equal(200, answer.status, answer.body)
        end
        assert.equal(round, web:count(REFRESH))
      end
    end)

    it("that are worth nothing any more end the session", function()
      local cookie = ada:log_in().cookie
      web:reset() -- OneEntry has forgotten them
      is_page(ada:get "/orders", 401, "Log in")
      has(ada.body, "your session has ended")
      assert.not_equal(cookie, ada.cookie)
      leads_to(ada:get "/orders", "/login")
      ada:log_in()
      assert.equal(200, ada:get("/orders").status)
    end)

    it("of two users stay apart", function()
      local other = web:visitor():log_in("other@example.com", "other-password")
      order()
      for _ = 1, 5 do
        has(ada:get("/orders").body, "user@example.com")
        has(ada.body, ">116<")
        has(other:get("/orders").body, "other@example.com")
        lacks(other.body, ">116<")
      end
      assert.equal(2, web:count(AUTH))
    end)
  end)

  it("answers with pages that lead on while OneEntry is out of reach", function()
    local alone = shop.start()
    finally(function() alone:stop() end)
    local eve = alone:visitor():log_in()
    local fields = eve:fill_cart()
    alone.sandbox:stop()
    is_page(eve:get "/orders", 503, "The shop is out of reach")
    has(eve.body, '<a href="/orders">Try again</a>')
    is_page(eve:get "/orders/116", 503, "The shop is out of reach")
    is_page(eve:get "/cart", 503, "The shop is out of reach")
    is_page(eve:post("/checkout", fields), 503, "The shop is out of reach") -- never sent: no doubt about it
    assert.equal(200, eve:get("/").status)
    leads_to(eve:post "/logout", "/login")
    eve:get "/login"
    is_page(eve:post("/login", { login = "a@example.com", password = "x" }), 503, "The shop is out of reach")
  end)

  it("sends nobody to a pay page at another site than the configured one", function()
    local strict = shop.start { flags = "", environment = "SHOP_PAY_ORIGIN=https://pay.example" }
    finally(function() strict:stop() end)
    local eve = strict:visitor():log_in()
    is_page(eve:post("/checkout", eve:fill_cart()), 502, "Payment is not possible")
    assert.is_nil(eve.headers.location)
    has(strict:log "error.log", "config.pay_origin is https://pay.example")
  end)

  it("refuses forms that are too long", function()
    is_page(ada:request("POST", "/login", "login=" .. ("x"):rep(9000)), 413, "One moment, please")
  end)

  it("slows down who guesses passwords", function()
    local busy = shop.start()
    finally(function() busy:stop() end)
    local eve = busy:visitor()
    local refused = 0
    for _, answer in ipairs(eve:get("/login"):at_once(60, "POST", "/login", { login = "", password = "" })) do
      if answer.status == 429 then
        refused = refused + 1
        has(answer.body, '<a href="/">')
      end
    end
    assert.truthy(refused > 0)
  end)

  it("has no secrets in its logs", function()
    local secrets = { web.sandbox.password, web.sandbox.token }
    local function note(text) secrets[#secrets + 1] = text:match "=(.*)" or text end
    note(ada:get("/login").cookie)
    note(ada.token)
    ada:post("/login", { login = web.sandbox.login, password = "a wrong one" })
    secrets[#secrets + 1] = "a wrong one"
    note(ada:log_in().cookie)
    note(ada.token)
    local fields = ada:fill_cart()
    note(fields.key)
    web.sandbox:control("POST", "fault", { match = ORDER, status = 500, body = "<html>trouble</html>" })
    ada:post("/checkout", fields)
    web:reset()
    ada:get "/orders"
    local logs = web:log "error.log" .. web:log "access.log"
    has(logs, "createOrder: ")
    has(logs, "POST /checkout")
    for _, secret in ipairs(secrets) do lacks(logs, secret) end
  end)
end)
