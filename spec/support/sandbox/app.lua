--- A client of the sandbox app in process: no sockets, a clock that stands still until it is moved.
local assert = require "luassert"
local dkjson = require "dkjson"
local sandbox = require "oneentry.sandbox"

local USERS = "/api/content/users-auth-providers/marker/email/users"
local ORDERS = "/api/content/orders-storage/marker/orders/orders"

local Client = {}
Client.__index = Client

local client = { null = dkjson.null, USERS = USERS, ORDERS = ORDERS }

local function device(fingerprint)
  return dkjson.encode {
    fingerprint = fingerprint, deviceInfo = { os = "Linux", browser = fingerprint, location = "en-US" },
  }
end

local function connect(app, clock, fingerprint)
  return setmetatable({
    app = app, clock = clock,
    headers = {
      host = "shop.test:8787", ["x-app-token"] = "sandbox-app-token", ["content-type"] = "application/json",
      ["x-device-metadata"] = device(fingerprint),
    },
  }, Client)
end

--- A client of a fresh app; options as for sandbox.new.
function client.new(options)
  local clock = { now = 1745494429.101 }
  options = options or {}
  options.clock = function() return clock.now end
  return connect(sandbox.new(options), clock, "first-device")
end

--- A client signed in as user@example.com.
function client.signed_in(options)
  local shop = client.new(options)
  shop:sign_in()
  return shop
end

--- Another visitor of the same app, with a device of its own.
function Client:visitor(fingerprint)
  return connect(self.app, self.clock, fingerprint or "second-device")
end

function Client:advance(seconds)
  self.clock.now = self.clock.now + seconds
end

--- The raw answer; `body` is a text.
function Client:raw(method, path, body)
  return self.app:handle { method = method, path = path, headers = self.headers, body = body }
end

--- The decoded value and the status; `body` is a Lua value, {} an empty object. null comes back as client.null.
function Client:call(method, path, body)
  local text = body and (next(body) and dkjson.encode(body) or "{}")
  local response = self:raw(method, path, text)
  return dkjson.decode(response.body, 1, dkjson.null), response.status
end

function Client:get(path) return self:call("GET", path) end
function Client:post(path, body) return self:call("POST", path, body) end
function Client:put(path, body) return self:call("PUT", path, body) end
function Client:delete(path) return self:call("DELETE", path) end

function client.credentials(login, password)
  return { authData = { { marker = "email_reg", value = login }, { marker = "password_reg", value = password } } }
end

--- Signs in and keeps the access token; returns what auth answers.
function Client:sign_in(login, password)
  self.headers.authorization = nil
  local pair, status = self:post(USERS .. "/auth",
    client.credentials(login or "user@example.com", password or "sandbox-password"))
  if pair.accessToken then self.headers.authorization = "Bearer " .. pair.accessToken end
  return pair, status
end

--- The body of an order of one product 15 paid in cash, with `changes` made to it.
function client.order(changes)
  return client.copy({
    formIdentifier = "order", paymentAccountIdentifier = "cash",
    formData = { en_US = { { marker = "name", type = "string", value = "Christina Thomas" } } },
    products = { { productId = 15, quantity = 1 } },
  }, changes)
end

function Client:create_order(changes)
  return self:post(ORDERS, client.order(changes))
end

function Client:create_session(order_id, kind)
  return self:post("/api/content/payments/sessions", { orderId = order_id, type = kind or "session" })
end

--- A new order that is to be paid online, and its waiting session.
function Client:open_payment(changes)
  changes = changes or {}
  changes.paymentAccountIdentifier = changes.paymentAccountIdentifier or "stripe"
  local order = self:create_order(changes)
  return order, (self:create_session(order.id))
end

--- Presses a button of the pay page: "completed", "canceled" or "expired".
function Client:pay(session_id, result)
  return self:raw("POST", "/__sandbox/pay/" .. session_id, "result=" .. result)
end

function client.copy(t, changes)
  local result = {}
  for name, value in pairs(t) do result[name] = value end
  for name, value in pairs(changes or {}) do result[name] = value end
  return result
end

--- Seed with a provider whose users prove themselves with codes.
function client.with_codes(seed) seed.providers[1].isCheckCode = true end

--- The one-time code sent last.
function client.last_code(shop)
  local codes = shop:get("/__sandbox/log").codes
  return codes[#codes].code
end

function client.wrong_code(code)
  return code == "000000" and "000001" or "000000"
end

--- Asserts that a call was refused: refused(404, "text", shop:get(path)).
function client.refused(expected_status, expected_message, value, status)
  assert.are.equal(expected_status, status)
  assert.are.same(expected_message, value.message)
  assert.are.equal(expected_status, value.statusCode)
  assert.are.equal(client.null, value.pageData)
end

return client
