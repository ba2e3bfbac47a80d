-- The shop of examples/openresty in Chromium. Run by `make test-browser`; what needs no browser is in
-- spec/shop/shop_nginx_spec.lua.
local browser = require "browser.browser"
local shop = require "support.shop"

local ORDER = "POST /api/content/orders-storage/marker/orders/orders"
local SESSION = "POST /api/content/payments/sessions"
local SCREENSHOT = os.getenv "SCREENSHOT"

local driver, web

setup(function()
  driver = browser.driver()
  web = shop.start { environment = "SHOP_SETTLE_SECONDS=0" }
end)
teardown(function()
  driver:stop()
  web:stop()
end)

local function check(what, tab, options)
  local function log_in(login, password)
    tab():visit(web.url .. "/")
    tab():arrives(web.url .. "/login")
    tab():type("#login", login or web.sandbox.login)
    tab():type("#password", password or web.sandbox.password)
    tab():click "button.main"
    tab():sees("h1", "Products")
  end

  -- Goes from the products to the form of the order, and fills it in.
  local function fill_cart()
    tab():click "li:nth-child(2) button"
    tab():sees("h1", "Your cart")
    tab():type("#name", "Ada Example")
  end

  local function order()
    log_in()
    fill_cart()
    tab():click "form[action='/checkout'] button"
    tab():sees("h1", "Order 116")
    tab():arrives(web.sandbox.url .. "/__sandbox/pay/65")
  end

  local function pays_once()
    tab():sees(".sum", "400.00 USD")
    tab():arrives(web.sandbox.url .. "/__sandbox/pay/65")
    assert.equal(1, web:count(ORDER))
    assert.equal(1, web:count(SESSION))
  end

  describe(what, function()
    it("really has JavaScript " .. (options.javascript == false and "off" or "on"), function()
      tab():visit "data:text/html,<title>off</title><script>document.title='on'</script>"
      assert.equal(options.javascript == false and "off" or "on", tab():title())
    end)

    it("goes from the login to a paid order", function()
      log_in()
      fill_cart()
      tab():sees("form[action='/checkout'] button", "Order and pay 400.00 USD")
      tab():click "form[action='/checkout'] button"
      tab():sees(".sum", "400.00 USD")
      tab():click "button[value=completed]"
      tab():arrives(web.url .. "/orders/116")
      tab():sees("h1", "Order 116")
      tab():sees(".state", "Paid")
      assert.same({ "Hair colouring" }, tab():all "tbody th")
      if SCREENSHOT and options.screenshot then tab():screenshot(SCREENSHOT) end
      tab():click "a[href='/orders']"
      tab():sees("tbody th", "116")
    end)

    it("comes back from a payment that was cancelled, and pays after all", function()
      order()
      tab():click "button[value=canceled]"
      tab():arrives(web.url .. "/orders/116")
      tab():sees(".state", "Payment cancelled")
      tab():click "form[action='/orders/116/pay'] button"
      tab():sees(".sum", "400.00 USD")
      tab():arrives(web.sandbox.url .. "/__sandbox/pay/66")
      tab():click "button[value=completed]"
      tab():sees(".state", "Paid")
      assert.equal(1, web:count(ORDER))
    end)

    it("makes one order of a double click", function()
      log_in()
      fill_cart()
      web.sandbox:control("POST", "fault", { match = ORDER, delay = 2 })
      tab():double_click "form[action='/checkout'] button"
      pays_once()
    end)

    it("makes one order when the visitor goes back and orders again", function()
      order()
      tab():back()
      tab():sees("h1", "Your cart")
      -- Chromium shows the page as it was; a browser that asks again shows an empty cart.
      if #tab():all "form[action='/checkout']" > 0 then
        tab():click "form[action='/checkout'] button"
      else
        tab():visit(web.sandbox.url .. "/__sandbox/pay/65")
      end
      pays_once()
    end)

    it("shows pages that a reload does not send again", function()
      log_in()
      tab():reload()
      tab():sees("h1", "Products")
      fill_cart()
      tab():reload()
      tab():sees("h1", "Your cart")
      assert.same({ "1" }, tab():all ".steps span")
    end)

    it("refuses a form of another site", function()
      log_in()
      local form = '<form method="post" action="%s/cart"><input name="product" value="15"><input name="change" value="1">'
        .. "<button>Win</button></form>"
      tab():visit("data:text/html," .. form:format(web.url))
      tab():click "button"
      tab():sees("h1", "Please try again")
      tab():visit(web.url .. "/")
      tab():sees("a[href='/cart']", "Cart (0)")
    end)

    it("gives the user an id that nobody knew before, out of reach of scripts", function()
      tab():visit(web.url .. "/login")
      local before = tab():cookie "shop"
      log_in()
      local cookie = tab():cookie "shop"
      assert.not_equal(before.value, cookie.value)
      assert.is_true(cookie.httpOnly)
      assert.equal("Lax", cookie.sameSite)
      assert.equal("/", cookie.path)
      local thief = web:visitor()
      thief.cookie = "shop=" .. before.value
      assert.equal("/login", thief:get("/orders").headers.location)
    end)

    it("shows no order of another user", function()
      order()
      local other = driver:open(options)
      finally(function() other:close() end)
      local mine = tab
      tab = function() return other end
      log_in("other@example.com", "other-password")
      tab = mine
      other:visit(web.url .. "/orders/116")
      other:sees("h1", "Not found")
      other:visit(web.url .. "/orders")
      other:sees("main p", "You have not ordered anything yet.")
    end)

    it("shows nothing after the logout, not even by going back", function()
      order()
      tab():click "button[value=completed]"
      tab():click "form[action='/logout'] button"
      tab():sees("h1", "Log in")
      tab():back()
      tab():sees("h1", "Log in")
    end)

    it("says why a login failed, and keeps the email", function()
      tab():visit(web.url .. "/login")
      tab():type("#login", "ada@example.com")
      tab():type("#password", "wrong")
      tab():click "button.main"
      tab():sees("[role=alert]", "The email or the password is not right.")
      assert.equal("ada@example.com", tab():property("#login", "value"))
    end)
  end)
end

local function in_browser(what, options)
  local tab
  describe(what, function()
    setup(function() tab = driver:open(options) end)
    teardown(function() tab:close() end)
    before_each(function()
      web:reset()
      tab:visit(web.url .. "/login")
      tab:forget()
    end)
    check("the checkout", function() return tab end, options)
  end)
end

in_browser("with JavaScript,", { width = 760, height = 620, screenshot = true })
in_browser("without JavaScript, on a phone,", { javascript = false, width = 390, height = 844 })

describe("every page", function()
  local tab

  setup(function() tab = driver:open { width = 360, height = 740 } end)
  teardown(function() tab:close() end)
  before_each(function()
    web:reset()
    tab:visit(web.url .. "/login")
    tab:forget()
  end)

  -- Visits every kind of page; calls f on each.
  local function tour(f)
    local function look(url)
      if url then tab:visit(web.url .. url) end
      f(tab:title())
    end
    look "/login"
    tab:type("#login", web.sandbox.login)
    tab:submit("#password", web.sandbox.password)
    tab:sees("h1", "Products")
    look()
    look "/cart"
    tab:visit(web.url .. "/")
    tab:click "li:nth-child(1) button"
    look()
    look "/orders"
    tab:visit(web.url .. "/cart")
    tab:submit("#name", "Ada")
    tab:click "button[value=expired]"
    tab:sees(".state", "Payment expired")
    look()
    look "/orders"
    look "/none"
    tab:visit(web.url .. "/")
    tab:click "li:nth-child(1) button"
    web.sandbox:control("POST", "fault", { match = ORDER, drop = true })
    tab:submit("#name", "Ada")
    tab:sees("h1", "We do not know yet")
    look()
  end

  it("fits on a small phone", function()
    tour(function(title)
      assert.is_true(tab:run "return document.documentElement.scrollWidth <= window.innerWidth", title)
    end)
  end)

  it("names what can be pressed or filled in, has one h1, and a title of its own", function()
    local titles = {}
    tour(function(title)
      titles[title] = true
      for _, label in ipairs(tab:labels "button, a, input:not([type=hidden]), nav, table") do
        assert.is_true(#label > 0, title)
      end
      assert.equal(1, #tab:all "h1")
      assert.equal("en", tab:attribute("html", "lang"))
    end)
    local n = 0
    for _ in pairs(titles) do n = n + 1 end
    assert.equal(7, n) -- log in, products, cart, orders, order, not found, not known
  end)

  it("can be used with the keyboard: the focus is seen, and begins with the way to the content", function()
    tour(function(title)
      tab:keys(browser.TAB)
      assert.equal("Skip to the content", tab:run "return document.activeElement.textContent", title)
      assert.is_true(tab:run "return document.activeElement.getBoundingClientRect().left >= 0", title)
      tab:keys(browser.TAB)
      assert.not_equal("none", tab:run "return getComputedStyle(document.activeElement).outlineStyle", title)
    end)
  end)
end)
