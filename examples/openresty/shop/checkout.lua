--- From the cart to the pay page. One cart makes one order, whatever is clicked twice, reloaded or broken off.
--
-- OneEntry has no idempotency key. The cart's own key takes its place: it is in the form, in the order (as a
-- reference to find it by) and in placed.lua, which knows what was sent with it.
-- The session's lock (session.lua) lets one request of a visitor in at a time.
local cart = require "shop.cart"
local config = require "shop.config"
local orders = require "shop.orders"
local pages = require "shop.pages"
local placed = require "shop.placed"
local replies = require "shop.replies"

local checkout = {}

local PAGE, PAGES, FIND_SECONDS = 30, 100, 20

-- 1 to 100 characters that are valid UTF-8 and no control characters.
local function is_name(text)
  return ngx.re.find(text, [[^[^\p{Cc}]{1,100}$]], "u") ~= nil and text:find "%S" ~= nil
end

local function reference_of(order)
  for _, entry in ipairs(order.formData or {}) do
    local blocks = entry.marker == config.reference_marker and entry.value
    if type(blocks) == "table" and blocks[1] then return blocks[1].plainValue end
  end
end

-- The id of the user's order that was made with this key; false when there is none.
local function find(visitor, key)
  local offset, give_up = 0, ngx.now() + FIND_SECONDS
  for _ = 1, PAGES do
    local page, err = visitor.api.Orders.getAllOrdersByMarker(config.storage, nil, offset, PAGE)
    if not page then return nil, err end
    for _, order in ipairs(page.items) do
      if reference_of(order) == key then return order.id end
    end
    offset = offset + #page.items -- a restricted project sends fewer than were asked for
    if #page.items == 0 or offset >= page.total then return false end
    ngx.update_time()
    if ngx.now() > give_up then break end
  end
  return nil, { code = "timeout" }
end

local function keep(visitor, key, id)
  placed.set(visitor.data.login, key, { order = id })
  cart.clear(visitor)
  visitor:save()
end

local function unknown(visitor, key)
  return replies.page(pages.unknown_order(visitor, key), 502)
end

--- POST /checkout/look: what became of an order that was sent.
function checkout.look(visitor, form)
  local key = form.key
  local known = placed.get(visitor.data.login, key)
  if not known then return replies.to "/cart" end
  if known.order then return replies.to("/orders/" .. known.order) end
  local id, err = find(visitor, key)
  if id then
    keep(visitor, key, id)
    return replies.to("/orders/" .. id)
  end
  if err and err.statusCode == 401 then return nil, err end
  if err or ngx.time() - known.sent < config.settle_seconds then return unknown(visitor, key) end
  placed.forget(visitor.data.login, key)
  return cart.page(visitor, { alert = "Your order did not arrive: nothing was ordered. You can order again." })
end

--- POST /checkout: the order, then the pay page.
function checkout.place(visitor, form)
  local key, data = form.key, visitor.data
  local known = placed.get(data.login, key)
  if known and known.order then return orders.pay(visitor, { id = known.order }) end
  if known then return checkout.look(visitor, form) end
  if key ~= data.cart.key or #data.cart.lines == 0 then return replies.to "/cart" end
  if not is_name(form.name) then
    return cart.page(visitor, { alert = "Please write a name of up to 100 letters.", name = form.name, wrong = "name" })
  end

  placed.set(data.login, key, { sent = ngx.time() }) -- noted first: should this worker die now, nothing is sent twice
  local order, err = visitor.api.Orders.createOrder(config.storage, {
    formIdentifier = config.form,
    paymentAccountIdentifier = config.account,
    formData = {
      { marker = config.name_marker, type = "string", value = form.name },
      { marker = config.reference_marker, type = "text", value = { { plainValue = key } } },
    },
    products = cart.order_lines(visitor),
  })
  if order then
    keep(visitor, key, order.id)
    -- The order stands, even if the payment cannot begin now: its page has the button to pay.
    return orders.pay(visitor, { id = order.id }) or replies.to("/orders/" .. order.id)
  end
  if replies.refused(err) then
    placed.forget(data.login, key)
    return nil, err
  end
  ngx.log(ngx.ERR, "createOrder: ", tostring(err))
  return unknown(visitor, key)
end

return checkout
