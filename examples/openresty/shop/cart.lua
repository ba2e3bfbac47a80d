--- Products and the cart. A cart has a key: the idempotency key of the order that will be made of it.
local config = require "shop.config"
local html = require "shop.html"
local pages = require "shop.pages"
local replies = require "shop.replies"
local secret = require "shop.secret"

local cart = {}

local products = {}
for _, product in ipairs(config.products) do products[product.id] = product end

function cart.products(visitor)
  return replies.page(pages.products(visitor))
end

--- The cart as OneEntry wants it in an order.
function cart.order_lines(visitor)
  local lines = {}
  for i, line in ipairs(visitor.data.cart.lines) do lines[i] = { productId = line.id, quantity = line.quantity } end
  return lines
end

--- The page of the cart with OneEntry's own prices. `notice`: { alert (a text), name (what was typed), wrong ("name") }.
function cart.page(visitor, notice)
  local kept = visitor.data.cart.lines
  notice = notice or {}
  if #kept == 0 then return replies.page(pages.cart(visitor, {}, nil, notice)) end
  local preview, err = visitor.api.Orders.previewOrder { products = cart.order_lines(visitor) }
  if not preview and (not replies.refused(err) or err.statusCode == 401 or err.code ~= "http") then return nil, err end
  if not preview then
    ngx.log(ngx.ERR, "preview: ", tostring(err))
    notice = { alert = "These products cannot be ordered together at the moment." }
  end

  local price, lines = {}, {}
  for _, line in ipairs(preview and preview.orderPreview or {}) do price[line.id] = line.price end
  for i, line in ipairs(kept) do
    local sum = price[line.id] and html.money(price[line.id] * line.quantity, preview.currency) or ""
    lines[i] = { id = line.id, name = products[line.id].name, quantity = line.quantity, sum = sum }
  end
  local total = preview and html.money(preview.totalDue, preview.currency)
  return replies.page(pages.cart(visitor, lines, total, notice), notice.wrong and 422)
end

function cart.show(visitor)
  return cart.page(visitor)
end

--- Puts one more or one less of a product into the cart.
function cart.change(visitor, form)
  local id = tonumber(form.product)
  local change = ({ ["1"] = 1, ["-1"] = -1 })[form.change]
  if not products[id] or not change then return replies.to "/cart" end
  local lines = visitor.data.cart.lines
  local at = #lines + 1
  for i, line in ipairs(lines) do
    if line.id == id then at = i end
  end
  lines[at] = lines[at] or { id = id, quantity = 0 }
  lines[at].quantity = math.min(lines[at].quantity + change, config.max_quantity)
  if lines[at].quantity <= 0 then table.remove(lines, at) end
  visitor:save()
  return replies.to "/cart"
end

--- An empty cart, with a key of its own.
function cart.clear(visitor)
  visitor.data.cart = { key = secret.random(), lines = {} }
end

return cart
