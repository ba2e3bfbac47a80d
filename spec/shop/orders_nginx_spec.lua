-- Orders and payments in the shop of examples/openresty: one cart makes one order, whatever happens on the way.
local json = require "support.fixtures.json"
local pages = require "support.shop.pages"
local shop = require "support.shop"

local ORDER = "POST /api/content/orders-storage/marker/orders/orders"
local SESSION = "POST /api/content/payments/sessions"

local has, lacks, is_page, leads_to = pages.has, pages.lacks, pages.is_page, pages.leads_to

describe("the shop's checkout", function()
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

    it("is found when the form is sent again, and among more than fit on a page", function()
      local fields = ada:log_in():fill_cart()
      web.sandbox:control("POST", "fault", { match = ORDER, drop = true, process = true })
      is_page(ada:post("/checkout", fields), 502, "We do not know yet")
      local elsewhere = web:visitor():log_in() -- the same user
      for _ = 1, 12 do elsewhere:post("/checkout", elsewhere:fill_cart(16)) end
      leads_to(ada:post("/checkout", fields), "/orders/116")
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

  it("lets nobody wait for another visitor's order", function()
    local slow, orders = shop.start(), {}
    finally(function() slow:stop() end)
    slow.sandbox:control("POST", "fault", { match = ORDER, delay = 8, times = 4 })
    for i = 1, 4 do -- more than there are workers
      local visitor = slow:visitor():log_in()
      orders[i] = visitor:send("POST", "/checkout", visitor:fill_cart())
    end
    local other = slow:visitor():log_in()
    for _ = 1, 8 do assert.equal(200, other:get("/orders").status) end
    for _, sent in ipairs(orders) do assert.is_false(sent:is_answered()) end
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
end)
