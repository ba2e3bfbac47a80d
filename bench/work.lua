-- The work that is measured, as calls of an api: work.NAME(api). The recording and both peers use this one list.
local work = {}

local CREDENTIALS = {
  authData = {
    { marker = "email_reg", value = "user@example.com" },
    { marker = "password_reg", value = "sandbox-password" },
  },
}
local ORDER = {
  formIdentifier = "order",
  paymentAccountIdentifier = "cash",
  formData = { { marker = "name", type = "string", value = "Ada Example" } },
  products = { { productId = 15, quantity = 1 } },
}

-- The order payment scenario: four calls.
function work.scenario(api)
  assert(api.AuthProvider.auth("email", CREDENTIALS))
  local order = assert(api.Orders.createOrder("orders", ORDER))
  assert(api.Payments.createSession(order.id, "session"))
  assert(api.Payments.getSessionByOrderId(order.id))
end

-- A page of 30 orders, and the same call beyond the last of them: the difference is the cost of the list.
function work.list(api)
  assert(api.Orders.getAllOrdersByMarker("orders"))
end

-- A page of 30 products: record.lua has the server answer so, whatever is asked.
function work.products(api)
  assert(api.Orders.getAllOrdersByMarker("orders", nil, 1))
end

-- A page of one order.
function work.order(api)
  assert(api.Orders.getAllOrdersByMarker("orders", nil, 0, 1))
end

function work.short(api)
  assert(api.Orders.getAllOrdersByMarker("orders", nil, 90))
end

return work
