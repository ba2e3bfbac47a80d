--- Orders: storages, statuses, preview, create, read, update. Refunds are in refunds.lua.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"
local forms = require "oneentry.sandbox.rules.forms"
local totals = require "oneentry.sandbox.rules.totals"
local lifecycle = require "oneentry.sandbox.rules.lifecycle"
local status_of = require("oneentry.sandbox.rules.store").status

local BASE = "/api/content/orders-storage"
local NOT_CONNECTED = "Your payment account is not connected"

local orders = {}

local function find_storage(app, request)
  local storage = app.store:storage(request.params.marker)
  if not storage then http.fail(404, app.choices.text.storage_not_found) end
  return storage
end

--- The request's own order `id`; another user's is as unknown as none at all.
function orders.find(app, request, id)
  local order = app.store.orders[id]
  if not order or order.user ~= request.user then http.fail(404, app.choices.text.order_not_found) end
  lifecycle.settle(app, order)
  return order
end

local function find_in_storage(app, request)
  local storage = find_storage(app, request)
  local order = orders.find(app, request, http.id(app, request.params.id))
  if order.storage ~= storage then http.fail(404, app.choices.text.order_not_found) end
  return order, storage
end

local function is_linked(storage, account)
  for _, identifier in ipairs(storage.account_identifiers) do
    if identifier == account.identifier then return true end
  end
  return false
end

--- Refuses a payment account that cannot take money.
function orders.check_connected(account)
  if account.status ~= "connected" then http.fail(400, NOT_CONNECTED) end
end

local function find_account(app, storage, identifier)
  local account = app.store:account_by_identifier(identifier)
  if not account or not is_linked(storage, account) then http.fail(400, NOT_CONNECTED) end
  if app.choices.check_account_on_order then orders.check_connected(account) end
  return account
end

-- Requests --------------------------------------------------------------------------------------------

local function shown_storage(app, storage)
  local accounts = json.list()
  for i, identifier in ipairs(storage.account_identifiers) do accounts[i] = { identifier = identifier } end
  return json.object({
    id = storage.id, localizeInfos = http.localized(app, storage.localizeInfos), position = storage.position,
    identifier = storage.identifier, formIdentifier = storage.formIdentifier,
    generalTypeId = storage.generalTypeId, paymentAccountIdentifiers = accounts,
  }, { "id", "identifier" })
end

local function shown_status(app, status)
  return {
    id = status.id, identifier = status.identifier, localizeInfos = http.localized(app, status.localizeInfos),
    isDefault = status.isDefault, position = status.position, isUsed = status.isUsed,
  }
end

local function status_infos(app, order)
  local status = status_of(order.storage, order.status)
  return status and http.localized(app, status.localizeInfos) or json.null
end

local function total_sum(app, order)
  return app.choices.order_total_sum == "discounted" and order.totals.discounted or order.totals.raw
end

-- After create and update: formData by locale, totalSum a number.
local function shown_written(app, order)
  local products = json.list()
  for i, line in ipairs(order.lines) do products[i] = { productId = line.product.id, quantity = line.quantity } end
  return json.object({
    id = order.id, formIdentifier = order.form, paymentAccountIdentifier = order.account.identifier,
    formData = order.form_data, products = products, currency = app.choices.currency,
    totalSum = totals.units(total_sum(app, order)), bonusApplied = totals.units(order.totals.bonus),
    totalDue = totals.units(order.totals.due), discountConfig = order.discount_config,
    statusIdentifier = order.status, statusLocalizeInfos = status_infos(app, order),
    createdDate = app.store:timestamp(order.created),
  }, { "id", "formIdentifier", "paymentAccountIdentifier" })
end

local function payment_url(app, order)
  local last = order.sessions[#order.sessions]
  return last and lifecycle.url(app, last) or json.null
end

local function completed(order)
  if order.completed then return true end
  if order.account.gateway == "none" then return json.null end
  return false
end

-- On reads: a flat formData, sums as texts.
local function shown_item(app, request, order)
  local products = json.list()
  for i, line in ipairs(order.lines) do
    products[i] = {
      id = line.product.id, title = line.product.title, sku = line.product.sku, previewImage = json.null,
      price = totals.units(line.price), quantity = line.quantity, isGift = false,
    }
  end
  return json.object({
    id = order.id, storageId = order.storage.id, createdDate = app.store:timestamp(order.created),
    statusIdentifier = order.status, statusLocalizeInfos = status_infos(app, order),
    formIdentifier = order.form, formData = forms.flat(order.form_data, request.query.langCode),
    attributeSetIdentifier = order.storage.attributeSetIdentifier,
    totalSum = totals.text(total_sum(app, order)), currency = app.choices.read_currency,
    paymentAccountIdentifier = order.account.identifier,
    paymentAccountLocalizeInfos = http.localized(app, order.account.localizeInfos),
    products = products, paymentUrl = payment_url(app, order), isCompleted = completed(order),
  }, { "id", "storageId" })
end

-- Handlers -------------------------------------------------------------------------------------------

local function list_storages(app, request)
  local shown = json.list()
  for i, storage in ipairs(http.page(app, request, app.store.storages)) do shown[i] = shown_storage(app, storage) end
  return http.reply(app, 200, shown)
end

local function get_storage(app, request)
  return http.reply(app, 200, shown_storage(app, find_storage(app, request)))
end

local function list_statuses(app, request)
  local storage, shown = find_storage(app, request), json.list()
  for i, status in ipairs(http.page(app, request, storage.statuses)) do shown[i] = shown_status(app, status) end
  return http.reply(app, 200, shown)
end

local function list_orders(app, request)
  local storage, own, items = find_storage(app, request), {}, json.list()
  for _, order in ipairs(app.store:owned("orders", request.user)) do
    if order.storage == storage then own[#own + 1] = order end
  end
  for i, order in ipairs(http.page(app, request, own, true)) do
    lifecycle.settle(app, order)
    items[i] = shown_item(app, request, order)
  end
  return http.reply(app, 200, { items = items, total = #own })
end

local function get_order(app, request)
  local order = find_in_storage(app, request)
  local shown = shown_item(app, request, order)
  shown.discountConfig = order.discount_config
  shown.totalSumRaw = totals.text(order.totals.raw)
  shown.isPartial, shown.paymentStrategy, shown.split = json.null, "once", json.null
  return http.reply(app, 200, shown)
end

local function preview(app, request)
  local body = request.body
  local lines = totals.lines(app, body.products)
  local result = totals.compute(app, request.user, lines, body)
  local items = json.list()
  for i, line in ipairs(lines) do
    items[i] = {
      id = line.product.id, price = totals.units(line.price), quantity = line.quantity,
      discountPrice = line.discounted and totals.units(line.discounted) or json.null, isGift = false,
    }
  end
  return http.reply(app, app.choices.preview_status, {
    totalSum = totals.units(result.raw), totalSumWithDiscount = totals.units(result.discounted),
    bonusApplied = totals.units(result.bonus), totalDue = totals.units(result.due),
    currency = app.choices.currency, discountConfig = totals.discount_config(app, request.user, result),
    orderPreview = items,
  })
end

local function default_status(storage)
  for _, status in ipairs(storage.statuses) do
    if status.isDefault then return status.identifier end
  end
end

local function set_lines(app, order, lines, input)
  order.lines = lines
  order.totals = totals.compute(app, order.user, lines, input)
  order.discount_config = totals.discount_config(app, order.user, order.totals)
end

-- Are these the lines that the order has?
local function same_lines(order, lines)
  local quantities = {}
  for _, line in ipairs(order.lines) do quantities[line.product] = line.quantity end
  for _, line in ipairs(lines) do
    if quantities[line.product] ~= line.quantity then return false end
  end
  return #lines == #order.lines
end

-- New lines for an order that exists. One that is paid keeps its own; a session that waits asks for the new amount.
local function change_lines(app, order, lines, input)
  if order.completed then
    if not same_lines(order, lines) then http.fail(400, app.choices.text.order_paid) end
    return
  end
  local before = { order.lines, order.totals, order.discount_config }
  set_lines(app, order, lines, input)
  local last = order.sessions[#order.sessions]
  if not (last and last.status == "waiting") then return end
  local ok, refusal = pcall(lifecycle.check_funds, app, order)
  if not ok then
    order.lines, order.totals, order.discount_config = before[1], before[2], before[3]
    error(refusal, 0)
  end
  lifecycle.follow(app, order)
end

local function check_form(app, storage, identifier)
  if identifier ~= storage.formIdentifier then
    http.fail(400, app.choices.text.form_mismatch:format(tostring(identifier)))
  end
end

local function create_order(app, request)
  local store, body = app.store, request.body
  local storage = find_storage(app, request)
  check_form(app, storage, body.formIdentifier)
  if json.given(body.paymentAccountIdentifier) == nil then http.fail(400, app.choices.text.account_missing) end
  local order = {
    user = request.user, storage = storage, form = storage.formIdentifier, sessions = {},
    account = find_account(app, storage, body.paymentAccountIdentifier),
    form_data = forms.check(app, storage.formIdentifier, body.formData),
  }
  set_lines(app, order, totals.lines(app, body.products), body)
  local status = status_of(storage, body.statusIdentifier)
  order.status = status and status.identifier or default_status(storage)
  order.id, order.created = store:next_id "order", store:now()
  store:keep("orders", order, order.user)
  return http.reply(app, 201, shown_written(app, order))
end

local function update_order(app, request)
  local body = request.body
  local order, storage = find_in_storage(app, request)
  if json.given(body.paymentAccountIdentifier) == nil then http.fail(400, app.choices.text.order_without_payment) end
  check_form(app, storage, json.given(body.formIdentifier) or storage.formIdentifier)
  local account = find_account(app, storage, body.paymentAccountIdentifier)
  local form_data = order.form_data
  if json.given(body.formData) then form_data = forms.check(app, storage.formIdentifier, body.formData) end
  local status = json.given(body.statusIdentifier) or order.status
  if not status_of(storage, status) then
    http.fail(400, app.choices.text.unknown_status:format(tostring(status)))
  end
  local canceling = status == storage.cancel_status and order.status ~= status
  if canceling then lifecycle.check_cancel(order) end

  if json.given(body.products) then change_lines(app, order, totals.lines(app, body.products), body) end
  order.account, order.form_data, order.status = account, form_data, status
  if canceling then lifecycle.void(app, order) end
  return http.reply(app, 200, shown_written(app, order))
end

-- method, path, handler, needs_user
orders.routes = {
  { "GET", BASE, list_storages, needs_user = true },
  { "GET", BASE .. "/marker/{marker}", get_storage, needs_user = true },
  { "GET", BASE .. "/marker/{marker}/orders", list_orders, needs_user = true },
  { "GET", BASE .. "/marker/{marker}/orders/{id}", get_order, needs_user = true },
  { "POST", BASE .. "/orders/preview", preview, needs_user = true },
  { "POST", BASE .. "/marker/{marker}/orders", create_order, needs_user = true },
  { "PUT", BASE .. "/marker/{marker}/orders/{id}", update_order, needs_user = true },
  { "GET", BASE .. "/marker/{marker}/order-statuses", list_statuses },
}

return orders
