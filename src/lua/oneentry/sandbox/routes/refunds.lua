--- Refund requests of an order: list, ask, withdraw.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"
local totals = require "oneentry.sandbox.rules.totals"
local orders = require "oneentry.sandbox.routes.orders"

local PATH = "/api/content/orders/{id}/refund"

local refunds = {}

local function shown(app, refund)
  local order, products = refund.order, json.object()
  for id, quantity in pairs(refund.quantities) do products[string.format("%d", id)] = { quantity = quantity } end
  return json.object({
    id = refund.id, createdDate = app.store:timestamp(refund.created), status = app.choices.refund_status,
    amount = totals.units(refund.amount), note = refund.note, products = products, orderId = order.id,
    orderStorageId = order.storage.id, userId = order.user.id,
    orderStorage = { id = order.storage.id, identifier = order.storage.identifier },
    user = { id = order.user.id, identifier = order.user.identifier },
  }, { "id", "createdDate", "status", "amount" })
end

local function of_order(app, request)
  local order = orders.find(app, request, http.id(app, request.params.id))
  return order, app.store.refunds[order.id] or {}
end

-- How many of a line can still be asked for.
local function left(line, earlier)
  local quantity = line.quantity
  for _, refund in ipairs(earlier) do quantity = quantity - (refund.quantities[line.product.id] or 0) end
  return quantity
end

local function quantities(app, order, earlier, products)
  local asked, count = {}, 0
  local function refuse() http.fail(400, app.choices.text.refund_products) end
  if not json.is_object(products) then refuse() end
  local lines = {}
  for _, line in ipairs(order.lines) do lines[string.format("%d", line.product.id)] = line end
  for id, item in pairs(products) do
    local line, quantity = lines[id], json.is_object(item) and item.quantity
    if not line or type(quantity) ~= "number" or quantity < 1 or quantity ~= math.floor(quantity) then refuse() end
    if quantity > left(line, earlier) then refuse() end
    asked[line.product.id], count = quantity, count + 1
  end
  if count == 0 then refuse() end
  return asked
end

-- Returns what was paid for these quantities: the part of the total due that they and the earlier ones make up, rounded once, without
-- what the earlier ones got. All of them together give all of it, and never more.
local function amount(order, earlier, asked)
  local raw, refunded = 0, 0
  for _, line in ipairs(order.lines) do raw = raw + line.price * (line.quantity - left(line, earlier) + (asked[line.product.id] or 0)) end
  for _, refund in ipairs(earlier) do refunded = refunded + refund.amount end
  if order.totals.raw == 0 then return 0 end
  return math.floor(raw * order.totals.due / order.totals.raw + 0.5) - refunded
end

local function list_refunds(app, request)
  local _, list = of_order(app, request)
  local items = json.list()
  for i, refund in ipairs(list) do items[i] = shown(app, refund) end
  return http.reply(app, 200, items)
end

local function create_refund(app, request)
  local store = app.store
  local order, earlier = of_order(app, request)
  if not order.completed then http.fail(404, "You cannot refund uncompleted order") end
  local asked = quantities(app, order, earlier, request.body.products)
  local note = json.given(request.body.note)
  table.insert(earlier, {
    id = store:next_id "refund", created = store:now(), order = order, quantities = asked,
    amount = amount(order, earlier, asked), note = type(note) == "string" and note or "",
  })
  store.refunds[order.id] = earlier
  return http.reply(app, 201, true)
end

local function cancel_refund(app, request)
  local order, list = of_order(app, request)
  if #list == 0 then http.fail(404, "Request not found") end
  app.store.refunds[order.id] = nil
  return http.reply(app, 200, true)
end

-- method, path, handler, needs_user
refunds.routes = {
  { "GET", PATH, list_refunds, needs_user = true },
  { "POST", PATH, create_refund, needs_user = true },
  { "DELETE", PATH, cancel_refund, needs_user = true },
}

return refunds
