--- The two state machines: payment sessions, and the orders that follow them.
--   session: waiting -> completed | canceled | expired, each of which is final
--   order:   its status follows choices.status_map; isCompleted is true once a session completes
-- Expiry is lazy: `settle` is called before anything looks at the sessions of an order.
local http = require "oneentry.sandbox.host.http"

local lifecycle = {}

local REFUSED_CANCEL = "Can't update the order. Payment sessions %s could not be canceled — the order may have been paid."

local function set_session_status(app, session, status)
  session.status = status
  session.updated = app.store:now()
end

-- Coupons and bonuses are spent when the money has come in.
local function pay(order)
  order.completed = true
  local user, result = order.user, order.totals
  user.bonus = math.max(0, user.bonus - result.bonus)
  if result.coupon and result.coupon_applied and result.coupon.single_use then result.coupon.spent = true end
end

-- The bonus that the user's other orders wait to be paid with, and whether one of those, or a paid one, has the coupon.
local function held_by_others(app, order)
  local bonus, coupon = 0, false
  for _, other in ipairs(app.store:owned("orders", order.user)) do
    lifecycle.settle(app, other)
    local last = other.sessions[#other.sessions]
    if other ~= order and last and last.status == "waiting" then bonus = bonus + other.totals.bonus end
  end
  local mine = order.totals.coupon
  if mine and mine.single_use then
    for _, other in pairs(app.store.orders) do
      local last = other.sessions[#other.sessions]
      local live = last and (last.status == "waiting" or other.completed)
      coupon = coupon or other ~= order and live and other.totals.coupon == mine and other.totals.coupon_applied
    end
    coupon = coupon or mine.spent
  end
  return bonus, coupon
end

--- Refuses to have an order paid with a coupon or a bonus that another order is paid with. Each counts once.
function lifecycle.check_funds(app, order)
  local bonus, coupon = held_by_others(app, order)
  if coupon and order.totals.coupon_applied then http.fail(400, app.choices.text.bad_coupon) end
  if order.totals.bonus > math.max(0, order.user.bonus - bonus) then http.fail(400, app.choices.text.bonus_spent) end
end

--- The amount of a waiting session follows its order.
function lifecycle.follow(app, order)
  for _, session in ipairs(order.sessions) do
    if session.status == "waiting" and session.amount then
      session.amount, session.updated = order.totals.due, app.store:now()
    end
  end
end

--- Ends a session with "completed", "canceled" or "expired", if it is waiting; the order follows.
function lifecycle.finish(app, session, status)
  if session.status ~= "waiting" then return end
  set_session_status(app, session, status)
  session.order.status = app.choices.status_map[status]
  if status == "completed" then pay(session.order) end
end

--- Expires the sessions of an order whose time is over.
function lifecycle.settle(app, order)
  for _, session in ipairs(order.sessions) do
    if session.expires and session.expires <= app.store:now() then lifecycle.finish(app, session, "expired") end
  end
end

--- A new waiting session for an order; the one that waited before is canceled.
-- `fields` are the caller's members of the session.
function lifecycle.open(app, order, fields)
  local store, session = app.store, fields
  for _, earlier in ipairs(order.sessions) do
    if earlier.status == "waiting" then set_session_status(app, earlier, "canceled") end
  end
  session.id = store:next_id "payment_session"
  session.order, session.status = order, "waiting"
  session.created, session.updated = store:now(), store:now()
  local minutes = session.account.session_timeout
  session.expires = minutes and session.created + minutes * 60
  order.status = app.choices.status_map.waiting
  table.insert(order.sessions, session)
  store:keep("payment_sessions", session, order.user)
  return session
end

--- Refuses when the order can no longer be canceled: one of its sessions is paid or has expired.
function lifecycle.check_cancel(order)
  local stuck = {}
  for _, session in ipairs(order.sessions) do
    if session.status == "completed" or session.status == "expired" then
      stuck[#stuck + 1] = string.format("%d", session.id)
    end
  end
  if #stuck > 0 then http.fail(400, REFUSED_CANCEL:format(table.concat(stuck, ", "))) end
end

--- Voids the waiting sessions of an order that has been canceled.
function lifecycle.void(app, order)
  for _, session in ipairs(order.sessions) do
    if session.status == "waiting" then set_session_status(app, session, "canceled") end
  end
end

--- The paymentUrl of a session, nil where there is none, or not yet.
function lifecycle.url(app, session)
  local gateway = session.account.gateway
  if gateway == "none" or session.type == "intent" then return nil end
  local ready = session.created + (gateway == "delayed" and app.choices.delayed_url_seconds or 0)
  if app.store:now() < ready then return nil end
  return session.origin .. "/__sandbox/pay/" .. string.format("%d", session.id)
end

return lifecycle
