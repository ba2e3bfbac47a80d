--- The pages a person sees: an overview, and the pay page behind a session's paymentUrl.
local html = require "oneentry.sandbox.host.html"
local totals = require "oneentry.sandbox.rules.totals"
local lifecycle = require "oneentry.sandbox.rules.lifecycle"

local OVERVIEW = "/__sandbox/"
local SHOWN = 50

local pages = {}

local function state(status)
  return { html.fill('<span class="state %s">%s</span>', status, status) }
end

local function money(app, amount)
  return totals.text(amount) .. " " .. app.choices.currency
end

-- The latest entities of `store[name]`, newest first.
local function latest(app, name)
  local ids = {}
  for id in pairs(app.store[name]) do ids[#ids + 1] = id end
  table.sort(ids, function(a, b) return a > b end)
  local list = {}
  for i = 1, math.min(#ids, SHOWN) do
    list[i] = app.store[name][ids[i]]
    lifecycle.settle(app, list[i].order or list[i])
  end
  return list
end

local function pay_link(session)
  return { html.fill('<a href="/__sandbox/pay/%s">pay page</a>', string.format("%d", session.id)) }
end

local function order_rows(app)
  local rows = {}
  for i, order in ipairs(latest(app, "orders")) do
    local owner = order.user.identifier .. (order.user.deleted and " (deleted)" or "")
    rows[i] = {
      string.format("%d", order.id), owner, order.account.identifier, order.status,
      money(app, order.totals.due), order.completed and "yes" or "no",
    }
  end
  return rows
end

local function session_rows(app)
  local rows = {}
  for i, session in ipairs(latest(app, "payment_sessions")) do
    rows[i] = {
      string.format("%d", session.id), string.format("%d", session.order.id), session.account.identifier,
      session.type, state(session.status), pay_link(session),
    }
  end
  return rows
end

local function code_rows(app)
  local rows = {}
  for i = #app.store.mail, math.max(1, #app.store.mail - SHOWN), -1 do
    local mail = app.store.mail[i]
    rows[#rows + 1] = { mail.to, mail.event, mail.code, mail.sent }
  end
  return rows
end

local function card(content) return '<div class="card">' .. content .. "</div>" end

local function overview(app)
  return html.page(200, "OneEntry sandbox", table.concat {
    "<h1>OneEntry sandbox</h1>",
    html.fill('<p class="soft">Offline, nothing here costs money. App token <code>%s</code></p>', app.store.app_token),
    "<h2>Orders</h2>",
    card(html.table({ "Id", "User", "Account", "Status", "To pay", "Paid" }, order_rows(app), "No orders yet.")),
    "<h2>Payment sessions</h2>",
    card(html.table({ "Id", "Order", "Account", "Type", "Status", "" }, session_rows(app), "No sessions yet.")),
    "<h2>Codes sent</h2>",
    card(html.table({ "To", "Event", "Code", "Sent" }, code_rows(app), "No codes yet.")),
  })
end

local function message_page(status, title, text)
  return html.page(status, title, html.fill(
    '<div class="card"><h1>%s</h1><p>%s</p><p><a href="%s">All orders and sessions</a></p></div>',
    title, text, OVERVIEW), true)
end

local function find_session(app, request)
  local session = app.store.payment_sessions[tonumber(request.params.id)]
  if session then lifecycle.settle(app, session.order) end
  return session
end

local function no_session()
  return message_page(404, "No such payment", "This payment session does not exist, or the sandbox was reset.")
end

local function line_rows(app, order)
  local rows = {}
  for i, line in ipairs(order.lines) do
    rows[i] = { line.product.title, string.format("%d", line.quantity), money(app, line.price * line.quantity) }
  end
  return rows
end

local BUTTONS = [[<form method="post" action="/__sandbox/pay/%s">
<button class="main" name="result" value="completed">Pay %s</button>
<button name="result" value="canceled">Cancel</button>
<button name="result" value="expired">Let it expire</button>
</form>]]

local function pay_page(app, request)
  local session = find_session(app, request)
  if not session then return no_session() end
  local order, id = session.order, string.format("%d", session.id)
  local due = money(app, order.totals.due)
  local action = html.fill('<p><a href="%s">All orders and sessions</a></p>', OVERVIEW)
  if session.status == "waiting" then action = html.fill(BUTTONS, id, due) .. action end
  return html.page(200, "Payment " .. id, card(table.concat {
    html.fill("<h1>Order %s</h1>", string.format("%d", order.id)),
    html.fill('<p class="soft">Payment session %s by %s, ', id, session.account.identifier),
    state(session.status)[1], "</p>", html.fill('<p class="sum">%s</p>', due),
    html.table({ "Product", "Quantity", "Sum" }, line_rows(app, order), "No products."), action,
  }), true)
end

-- Where the visitor goes afterwards: the account's own pages, or the overview.
local function return_url(session, result)
  local account = session.account
  return result == "completed" and account.success_url or result ~= "completed" and account.cancel_url or OVERVIEW
end

local RESULTS = { completed = true, canceled = true, expired = true }

local function pay(app, request)
  local session = find_session(app, request)
  if not session then return no_session() end
  local result = request.body.result or request.query.result
  if not RESULTS[result] then
    return message_page(400, "Unknown result", "A payment is completed, canceled or expired.")
  end
  if session.status ~= "waiting" then
    return message_page(409, "Nothing to do", "This payment session is " .. session.status .. " already.")
  end
  -- With a lost webhook the visitor has paid, but the platform never hears of it.
  if not app.store.lost_webhook then lifecycle.finish(app, session, result) end
  return { status = 303, headers = { location = return_url(session, result) }, body = "" }
end

local function to_overview()
  return { status = 303, headers = { location = "/__sandbox/" }, body = "" }
end

-- method, path, handler; `open`: no app token, no permission, not in the log
pages.routes = {
  { "GET", "/", to_overview, open = true },
  { "GET", "/__sandbox", overview, open = true },
  { "GET", "/__sandbox/pay/{id}", pay_page, open = true },
  { "POST", "/__sandbox/pay/{id}", pay, open = true, form = true },
}

return pages
