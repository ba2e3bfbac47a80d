-- A registered user logs in, creates an order, opens a payment session and reads it back by order.
--
-- Runs against the project named by ONEENTRY_URL, ONEENTRY_TOKEN, ONEENTRY_LOGIN and ONEENTRY_PASSWORD, or, when
-- ONEENTRY_URL is not set, against the offline sandbox (`make sandbox`).

local oneentry = require "oneentry"

local env = os.getenv
local url = env "ONEENTRY_URL" or "http://127.0.0.1:8787"
local token = env "ONEENTRY_TOKEN" or "sandbox-app-token"

local api = oneentry.define(url, token)
local AuthProvider, Orders, Payments = api.AuthProvider, api.Orders, api.Payments

-- Every call returns its value, or nil and an error.
local function show(step, value, err)
  if err then
    io.stderr:write(step, ": ", tostring(err), "\n")
    if err.sent and not (err.code == "http" and err.statusCode < 500) then -- a 4xx is a refusal: nothing was changed
      io.stderr:write("It may have had its effect: look before you repeat it.\n")
    end
    os.exit(1)
  end
  print(step .. ":")
  print(oneentry.pretty(value))
  return value
end

show("User", AuthProvider.auth("email", {
  authData = {
    { marker = "email_reg", value = env "ONEENTRY_LOGIN" or "user@example.com" },
    { marker = "password_reg", value = env "ONEENTRY_PASSWORD" or "sandbox-password" },
  },
}))

local order = show("Order", Orders.createOrder("orders", {
  formIdentifier = "order",
  paymentAccountIdentifier = "cash",
  formData = { { marker = "name", type = "string", value = "Ada Example" } },
  products = { { productId = 15, quantity = 1 } },
}))

show("Payment session", Payments.createSession(order.id, "session"))
show("Payment sessions of the order", Payments.getSessionByOrderId(order.id))

api.close()
