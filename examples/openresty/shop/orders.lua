--- The visitor's orders and their payments. What is paid is what OneEntry says of the order's payment sessions,
-- never what the address says that the visitor comes back with.
local config = require "shop.config"
local html = require "shop.html"
local pages = require "shop.pages"
local replies = require "shop.replies"

local orders = {}

-- The payment session that counts: the one that is paid, else the newest; false without any.
local function current_session(visitor, id)
  local sessions, err = visitor.api.Payments.getSessionByOrderId(id)
  if not sessions then return nil, err end
  if type(sessions) ~= "table" then return false end -- older servers send a single session, or null
  if sessions.id then return sessions end
  local current = false
  for _, session in ipairs(sessions) do
    if session.status == "completed" then return session end
    if not current or session.id > current.id then current = session end
  end
  return current
end

local STATES = {
  completed = { class = "good", title = "Paid", text = "Thank you! Your payment has arrived." },
  waiting = {
    class = "open", title = "Waiting for payment", button = "Go to payment", again = true,
    text = "We have not heard of your payment yet. If you have just paid, please look again in a moment.",
  },
  canceled = {
    class = "bad", title = "Payment cancelled", button = "Pay now",
    text = "You have not paid. Your order is kept, and you can still pay for it.",
  },
  expired = {
    class = "bad", title = "Payment expired", button = "Pay now",
    text = "The time for this payment is over, and you have not paid. You can start it again.",
  },
}
local UNPAID = {
  class = "open", title = "Not paid yet", button = "Pay now",
  text = "Your order is placed. What is missing is your payment.",
}

function orders.list(visitor)
  local page, err = visitor.api.Orders.getAllOrdersByMarker(config.storage)
  if not page then return nil, err end
  local list = {}
  for i, order in ipairs(page.items) do
    local status = type(order.statusLocalizeInfos) == "table" and order.statusLocalizeInfos.title or order.statusIdentifier
    list[i] = {
      id = order.id, placed = order.createdDate:sub(1, 10), sum = html.money(order.totalSum, order.currency),
      state = order.isCompleted and "Paid" or status or "",
    }
  end
  return replies.page(pages.orders(visitor, list))
end

--- GET /orders/{id}. Another user's order is "not found" to OneEntry, and so it is here.
function orders.show(visitor, _, id)
  local order, err = visitor.api.Orders.getOrderByMarkerAndId(config.storage, id)
  if not order then return nil, err end
  local session
  session, err = current_session(visitor, id)
  if session == nil then return nil, err end
  local lines = {}
  for i, line in ipairs(order.products) do
    lines[i] = { name = line.title, quantity = line.quantity, sum = html.money(line.price * line.quantity, order.currency) }
  end
  return replies.page(pages.order(visitor, { id = id, lines = lines, sum = html.money(order.totalSum, order.currency) },
    session and STATES[session.status] or UNPAID))
end

--- Begins the payment of an order, or goes on with the one that waits: two clicks lead to one pay page.
function orders.pay(visitor, order)
  local id = order.id
  local session, err = current_session(visitor, id)
  if session == nil then return nil, err end
  local state = session and session.status
  if state ~= "waiting" and state ~= "completed" then
    session, err = visitor.api.Payments.createSession(id, "session")
    if not session then return nil, err end
  end
  visitor.data.paying = id
  visitor:save()
  if state == "completed" or not session.paymentUrl then return replies.to("/orders/" .. id) end
  return replies.to_payment(visitor, session.paymentUrl)
end

--- GET /return, from the pay page. All we want to know is which order to look at, and that we know ourselves.
function orders.returned(visitor)
  return replies.to(visitor.data.paying and "/orders/" .. visitor.data.paying or "/orders")
end

return orders
