--- The pages, from values to HTML. Nothing is decided here.
local html = require "shop.html"
local config = require "shop.config"
local layout = require "shop.layout"

local fill, each, form, money = html.fill, html.each, html.form, html.money

local pages = {}

-- Screen readers read it out at once: the reason why the visitor sees this page again.
local function alert(message)
  return message and fill('<p class="alert" role="alert" id="alert">%s</p>', message) or ""
end

local LOGIN = [[<label for="login">Email</label>
<input id="login" name="login" type="email" value="%s" autocomplete="username" required maxlength="200">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200">
<button class="main">Log in</button>]]

function pages.login(visitor, message, login)
  return layout(visitor, "Log in",
    fill("%s%s", alert(message), form(visitor, "/login", "card stack", fill(LOGIN, login or ""))), true)
end

local PRODUCT = [[<li class="card product"><h2>%s</h2><p class="soft">%s</p><p class="price">%s</p>%s</li>]]
local ADD = [[<input type="hidden" name="product" value="%s"><input type="hidden" name="change" value="1">
<button class="main" aria-label="Add %s to the cart">Add to cart</button>]]

function pages.products(visitor)
  return layout(visitor, "Products", fill('<ul class="grid">%s</ul>', each(config.products, function(product)
    return fill(PRODUCT, product.name, product.text, money(product.price),
      form(visitor, "/cart", "stack", fill(ADD, product.id, product.name)))
  end)))
end

local STEP = [[<input type="hidden" name="product" value="%s"><input type="hidden" name="change" value="%s">
<button class="step" aria-label="%s">%s</button>]]
local CART = [[<div class="card"><table><caption class="hidden">In your cart</caption>
<thead><tr><th scope="col">Product</th><th scope="col">Quantity</th><th scope="col" class="number">Sum</th></tr></thead>
<tbody>%s</tbody>%s</table></div>]]
local TOTAL = '<tfoot><tr><th scope="row" colspan="2">Total</th><td class="number"><strong>%s</strong></td></tr></tfoot>'
local CHECKOUT = [[<h2>Your order</h2>
<input type="hidden" name="key" value="%s">
<label for="name">Name on the order</label>
<input id="name" name="name" value="%s" autocomplete="name" required maxlength="100"%s>
<button class="main">Order and pay %s</button>
<p class="soft">You pay on the page of our payment provider and come back here.</p>]]

local function step(visitor, line, change, label, sign)
  return form(visitor, "/cart", "inline", fill(STEP, line.id, change, label .. line.name, sign))
end

local NOTHING = '%s<div class="card"><p>%s</p><p><a href="/">See our products</a></p></div>'

--- lines: { { id, name, quantity, sum }, ... }; total: nil when this cannot be ordered.
function pages.cart(visitor, lines, total, notice)
  if #lines == 0 then
    return layout(visitor, "Your cart", fill(NOTHING, alert(notice.alert), "Your cart is empty."), true)
  end
  local rows = each(lines, function(line)
    return fill('<tr><th scope="row">%s</th><td class="steps">%s<span>%s</span>%s</td><td class="number">%s</td></tr>', line.name,
      step(visitor, line, -1, "One less: ", "−"), line.quantity, step(visitor, line, 1, "One more: ", "+"), line.sum)
  end)
  local wrong = notice.wrong == "name" and fill ' aria-invalid="true" aria-describedby="alert"' or ""
  local order = total and form(visitor, "/checkout", "card stack",
    fill(CHECKOUT, visitor.data.cart.key, notice.name or "", wrong, total)) or ""
  return layout(visitor, "Your cart",
    fill("%s%s%s", alert(notice.alert), fill(CART, rows, total and fill(TOTAL, total) or ""), order), true)
end

local ORDERS = [[<div class="card"><table><caption class="hidden">Your orders</caption>
<thead><tr><th scope="col">Order</th><th scope="col">Placed</th><th scope="col">State</th>
<th scope="col" class="number">Sum</th></tr></thead>
<tbody>%s</tbody></table></div>]]

function pages.orders(visitor, orders)
  if #orders == 0 then
    return layout(visitor, "Your orders", fill(NOTHING, "", "You have not ordered anything yet."), true)
  end
  return layout(visitor, "Your orders", fill(ORDERS, each(orders, function(order)
    return fill('<tr><th scope="row"><a href="/orders/%s">%s</a></th><td class="date">%s</td><td>%s</td><td class="number">%s</td></tr>',
      order.id, order.id, order.placed, order.state, order.sum)
  end)), true)
end

local ORDER = [[<div class="card">
<p class="state %s">%s</p><p>%s</p>
<table><caption class="hidden">What was ordered</caption>
<thead><tr><th scope="col">Product</th><th scope="col">Quantity</th><th scope="col" class="number">Sum</th></tr></thead>
<tbody>%s</tbody>%s</table>%s</div>
<p><a href="/orders">All your orders</a></p>]]

--- payment: { class, title, text, button (nil: nothing to pay), again (whether looking again makes sense) }
function pages.order(visitor, order, payment)
  local actions = ""
  if payment.button then
    actions = form(visitor, "/orders/" .. order.id .. "/pay", "stack", fill('<button class="main">%s</button>', payment.button))
  end
  if payment.again then
    actions = fill('%s<p><a href="/orders/%s">Look again</a></p>', actions, order.id)
  end
  local lines = each(order.lines, function(line)
    return fill('<tr><th scope="row">%s</th><td>%s</td><td class="number">%s</td></tr>', line.name, line.quantity, line.sum)
  end)
  return layout(visitor, "Order " .. order.id,
    fill(ORDER, payment.class, payment.title, payment.text, lines, fill(TOTAL, order.sum), actions), true)
end

local UNKNOWN = [[<div class="card"><p>The connection broke after your order was sent. It may have been placed, or it may not.</p>
<p>Please do not order again: let us look for it first. Your cart is as it was.</p>%s</div>]]

--- createOrder failed after it was sent.
function pages.unknown_order(visitor, key)
  return layout(visitor, "We do not know yet", fill(UNKNOWN, form(visitor, "/checkout/look", "stack",
    fill('<input type="hidden" name="key" value="%s"><button class="main">Look for my order</button>', key))), true)
end

--- A message with a way on. links: { { href, text }, ... }
function pages.message(visitor, title, text, links)
  return layout(visitor, title, fill('<div class="card"><p>%s</p><ul class="links">%s</ul></div>', text, each(links, function(link)
    return fill('<li><a href="%s">%s</a></li>', link[1], link[2])
  end)), true)
end

return pages
