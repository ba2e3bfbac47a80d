--- Payments: sessions and accounts. What happens to a session afterwards is in rules/lifecycle.lua.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"
local totals = require "oneentry.sandbox.rules.totals"
local tokens = require "oneentry.sandbox.rules.tokens"
local orders = require "oneentry.sandbox.routes.orders"
local lifecycle = require "oneentry.sandbox.rules.lifecycle"

local BASE = "/api/content/payments"

local payments = {}

local function shown_session(app, session)
  return json.object({
    id = session.id, createdDate = app.store:timestamp(session.created),
    updatedDate = app.store:timestamp(session.updated), type = session.type, status = session.status,
    paymentAccountId = session.account.id, orderId = session.order.id,
    amount = session.amount and totals.units(session.amount) or json.null,
    paymentUrl = lifecycle.url(app, session) or json.null, clientSecret = session.client_secret,
  }, { "id", "createdDate", "updatedDate", "type", "status", "paymentAccountId", "orderId", "amount", "paymentUrl" })
end

local function shown_account(app, account)
  return json.object({
    id = account.id, identifier = account.identifier, localizeInfos = http.localized(app, account.localizeInfos),
    type = account.type, isVisible = account.isVisible, isUsed = account.isUsed, testMode = account.testMode,
    settings = { status = account.status }, testSettings = account.test_settings, updatedDate = account.updatedDate,
  }, { "id", "identifier" })
end

local function create_session(app, request)
  local body, text = request.body, app.choices.text
  if body.type ~= "session" and body.type ~= "intent" then http.fail(400, text.session_type) end
  local order = orders.find(app, request, http.id(app, body.orderId))
  orders.check_connected(order.account)
  if order.completed then http.fail(400, text.already_paid) end
  lifecycle.check_funds(app, order)
  local online = order.account.gateway ~= "none"
  local session = lifecycle.open(app, order, {
    type = body.type, account = order.account, origin = app.base_url or http.origin(request),
    amount = online and order.totals.due or nil, automatic_tax = json.given(body.automaticTaxEnabled),
  })
  if online and session.type == "intent" then
    session.client_secret = string.format("pi_%d_secret_%s", session.id, tokens.uuid())
  end
  return http.reply(app, 201, shown_session(app, session))
end

local function list_sessions(app, request)
  local own, items = app.store:owned("payment_sessions", request.user), json.list()
  for i, session in ipairs(http.page(app, request, own, true)) do
    lifecycle.settle(app, session.order)
    items[i] = shown_session(app, session)
  end
  return http.reply(app, 200, { items = items, total = #own })
end

local function get_session(app, request)
  local session = app.store.payment_sessions[http.id(app, request.params.id)]
  if not session or session.order.user ~= request.user then http.fail(404, app.choices.text.session_not_found) end
  lifecycle.settle(app, session.order)
  return http.reply(app, 200, shown_session(app, session))
end

local function sessions_of_order(app, request)
  local order = orders.find(app, request, http.id(app, request.params.id))
  local shown = json.list()
  for i, session in ipairs(order.sessions) do shown[i] = shown_session(app, session) end
  if app.choices.legacy_single_object then return http.reply(app, 200, shown[#shown] or json.null) end
  return http.reply(app, 200, shown)
end

local function list_accounts(app)
  local shown = json.list()
  for i, account in ipairs(app.store.accounts) do shown[i] = shown_account(app, account) end
  return http.reply(app, 200, shown)
end

local function get_account(app, request)
  local account = app.store:account(http.id(app, request.params.id))
  if not account then http.fail(404, app.choices.text.account_not_found) end
  return http.reply(app, 200, shown_account(app, account))
end

-- method, path, handler, needs_user
payments.routes = {
  { "POST", BASE .. "/sessions", create_session, needs_user = true },
  { "GET", BASE .. "/sessions", list_sessions, needs_user = true },
  { "GET", BASE .. "/sessions/{id}", get_session, needs_user = true },
  { "GET", BASE .. "/sessions/order/{id}", sessions_of_order, needs_user = true },
  { "GET", BASE .. "/accounts", list_accounts, needs_user = true },
  { "GET", BASE .. "/accounts/{id}", get_account, needs_user = true },
}

return payments
