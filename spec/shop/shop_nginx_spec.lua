-- The shop of examples/openresty: pages, sessions and forms, and what they must withstand, without a browser.
-- Its orders are in shop/orders_nginx_spec.lua; spec/browser/ has it in Chromium.
local pages = require "support.shop.pages"
local process = require "support.process"
local eventually = require "support.eventually"
local shop = require "support.shop"
local tmp = require "support.tmp"

local AUTH = "POST /api/content/users-auth-providers/marker/email/users/auth"
local REFRESH = "POST /api/content/users-auth-providers/marker/email/users/refresh"
local LOGOUT = "POST /api/content/users-auth-providers/marker/email/users/logout"
local ORDER = "POST /api/content/orders-storage/marker/orders/orders"

local has, lacks, is_page, leads_to = pages.has, pages.lacks, pages.is_page, pages.leads_to

-- The luminance of a colour of six hexadecimal digits, as WCAG defines it.
local function luminance(digits)
  local sum, weights, i = 0, { 0.2126, 0.7152, 0.0722 }, 0
  for pair in digits:gmatch "%x%x" do
    local value = tonumber(pair, 16) / 255
    i = i + 1
    sum = sum + weights[i] * (value <= 0.04045 and value / 12.92 or ((value + 0.055) / 1.055) ^ 2.4)
  end
  return sum
end

describe("the shop", function()
  local web, ada

  setup(function() web = shop.start { environment = "SHOP_SETTLE_SECONDS=0" } end)
  teardown(function() web:stop() end)
  before_each(function()
    web:reset()
    ada = web:visitor()
  end)

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
      ada:log_in()
      ada:post("/checkout", ada:fill_cart())
      for _ = 1, 5 do
        has(ada:get("/orders").body, "user@example.com")
        has(ada.body, ">116<")
        has(other:get("/orders").body, "other@example.com")
        lacks(other.body, ">116<")
      end
      assert.equal(2, web:count(AUTH))
    end)
  end)

  it("has a page for its own mistakes, too, and goes on", function()
    ada:log_in()
    local nonsense = { items = { { id = 1 } }, total = 1 }
    web.sandbox:control("POST", "fault", { match = "GET /api/content/orders-storage/*", status = 200, body = nonsense })
    is_page(ada:get "/orders", 500, "Something went wrong")
    lacks(ada.body, "stack")
    has(web:log "error.log", "orders.lua")
    assert.equal(200, ada:get("/orders").status)
  end)

  it("logs nobody out when nginx is reloaded", function()
    ada:log_in()
    local token = ada.token
    web:reload()
    assert.equal(200, ada:get("/orders").status)
    assert.equal(token, ada.token)
  end)

  it("has colours that can be read, light and dark", function()
    local css = tmp.read(process.spec .. "../examples/openresty/shop/shop.css")
    local schemes = 0
    for block in css:gmatch ":root (%b{})" do
      local colour = {}
      for name, digits in block:gmatch "%-%-([%a-]+): #(%x+)" do
        if #digits == 3 then digits = digits:gsub("%x", "%0%0") end
        colour[name] = luminance(digits)
      end
      for _, pair in ipairs {
        { "ink", "paper" }, { "ink", "back" }, { "ink", "alert" }, { "soft", "paper" }, { "soft", "back" }, { "accent", "paper" },
        { "accent", "back" }, { "on-accent", "accent" }, { "good", "paper" }, { "bad", "paper" }, { "open", "paper" },
      } do
        local a, b = colour[pair[1]], colour[pair[2]]
        assert.is_true((math.max(a, b) + 0.05) / (math.min(a, b) + 0.05) >= 4.5, pair[1] .. " on " .. pair[2])
      end
      schemes = schemes + 1
    end
    assert.equal(2, schemes)
  end)

  it("refuses forms that are too long", function()
    is_page(ada:request("POST", "/login", "login=" .. ("x"):rep(9000)), 413, "One moment, please")
  end)

  it("slows down a flood", function()
    local busy = shop.start()
    finally(function() busy:stop() end)
    local eve = busy:visitor()
    local refused = 0
    for _, answer in ipairs(eve:get("/login"):at_once(300, "POST", "/login", { login = "", password = "" })) do
      if answer.status == 429 then
        refused = refused + 1
        has(answer.body, '<a href="/">')
      end
    end
    assert.truthy(refused > 0)
  end)

  describe("S13: one account", function()
    it("does not get a session back that has ended while a request of it was under way", function()
      ada:log_in()
      web.sandbox:control("POST", "fault", { match = ORDER, delay = 2 })
      local sent = ada:send("POST", "/checkout", ada:fill_cart())
      eventually(function() return web:count(ORDER) == 1 end)
      for _ = 1, 20 do web:visitor():log_in() end
      assert.is_false(sent:is_answered())
      assert.equal(303, sent:answer().status)
      leads_to(ada:get "/orders", "/login")
    end)

    it("has its twenty newest sessions", function()
      local visitors = {}
      for i = 1, 22 do visitors[i] = web:visitor():log_in() end
      for i, visitor in ipairs(visitors) do
        visitor:get "/cart"
        assert.equal(i <= 2 and 303 or 200, visitor.status, i)
      end
    end)

    it("keeps what it does not know of its orders, however often it logs in", function()
      local first = web:visitor():log_in()
      local fields = first:fill_cart()
      web.sandbox:control("POST", "fault", { match = ORDER, status = 500 })
      first:post("/checkout", fields)
      assert.equal(502, first.status)
      for _ = 1, 21 do web:visitor():log_in() end
      local again = web:visitor():log_in()
      again:post("/checkout/look", { key = fields.key }) -- an order that nobody had noted would lead back to the cart
      is_page(again, 200, "Your cart")
      has(again.body, "Your order did not arrive")
    end)
  end)

  it("S7: logs what the server says on one line", function()
    local forged = "x\n2026/11/27 15:00:00 [alert] 1#1: all is well\27[2J\226\128\174"
    ada:log_in()
    web.sandbox:control("POST", "fault", { match = "GET /api/content/orders-storage/*", status = 500, body = { message = forged } })
    ada:get "/orders"
    web.sandbox:control("POST", "fault", { match = "GET /api/content/orders-storage/*", status = 200,
      body = { items = { { id = 1, formData = 5, paymentUrl = "http://a\27[2J\n1#1: all is well/" } }, total = 1 } })
    ada:get "/orders"
    local log = web:log "error.log"
    has(log, [[x\n2026/11/27 15:00:00 [alert] 1#1: all is well\x1b[2J\u{202e}]])
    lacks(log, "\n2026/11/27 15:00:00 [alert]")
    lacks(log, "\27")
    lacks(log, "\226\128\174")
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
