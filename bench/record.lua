-- usage: record.lua FILE
-- Writes the traffic of the work (work.lua) as a Lua file: the requests that this module makes, and the sandbox's answers
-- to them as bytes. No network: api.prepare gives the requests, the sandbox is called in process.
local oneentry = require "oneentry"
local sandbox = require "oneentry.sandbox"
local dkjson = require "dkjson"
local products = require "products"
local work = require "work"

local BASE = "http://127.0.0.1"
local ORDERS = 30
local REASONS = { [200] = "OK", [201] = "Created" }

local app = sandbox.new { choices = { record_cap = false } }
local api = oneentry.define(BASE, app.store.app_token)

local HEAD = "HTTP/1.1 %d %s\r\ndate: Mon, 01 Jan 2024 00:00:00 GMT\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n"

local function answer_bytes(response)
  local reason = assert(REASONS[response.status], response.body)
  return HEAD:format(response.status, reason, response.headers["content-type"], #response.body) .. response.body
end

local function header_lines(headers)
  local lines = {}
  for name, value in pairs(headers) do lines[#lines + 1] = name .. ": " .. value end
  table.sort(lines)
  return lines
end

-- Stands in for the api: answers from the sandbox, and notes the exchange.
local function recorder(notes)
  local function send(module, name, ...)
    local request = api.prepare[module][name](...)
    local path = request.url:sub(#BASE + 1)
    local response = app:handle { method = request.method, path = path, headers = request.headers, body = request.body }
    notes[#notes + 1] = {
      method = request.method, path = path, headers = header_lines(request.headers), body = request.body,
      answer = answer_bytes(response), size = #response.body,
    }
    local value = dkjson.decode(response.body)
    if value.accessToken then api[module].setAccessToken(value.accessToken) end
    return value
  end
  return setmetatable({}, { __index = function(_, module)
    return setmetatable({}, { __index = function(_, name)
      return function(...) return send(module, name, ...) end
    end })
  end })
end

local function recorded(name)
  local notes = {}
  work[name](recorder(notes))
  return notes
end

-- Orders as shops have them: several products, a filled form, a payment.
local function fill()
  local shop = recorder {}
  for i = 1, ORDERS do
    local order = shop.Orders.createOrder("orders", {
      formIdentifier = "order", paymentAccountIdentifier = "stripe",
      formData = {
        { marker = "name", type = "string", value = "Ada Example " .. i },
        { marker = "phone", type = "string", value = "+1 555 0100" },
        { marker = "address", type = "string", value = "1 Example Street, 12345 Example City, second floor, left" },
        { marker = "email", type = "string", value = "ada@example.com" },
        { marker = "persons", type = "integer", value = i },
        { marker = "weight", type = "float", value = 12.5 },
        { marker = "delivery", type = "list", value = { "courier" } },
        { marker = "interval", type = "timeInterval", value = {
          { "2024-05-01T10:00:00.000Z", "2024-05-01T11:00:00.000Z" },
        } },
        { marker = "comment", type = "text", value = {
          { htmlValue = "<p>Please ring twice, the bell is slow. The gate is open until eight.</p>" },
        } },
        { marker = "document", type = "file", value = {
          { filename = "files/order/plan.pdf", downloadLink = "https://files.example.com/files/order/plan.pdf", size = 182391 },
        } },
      },
      products = {
        { productId = 14, quantity = 1 }, { productId = 15, quantity = 2 }, { productId = 16, quantity = 3 },
        { productId = 17, quantity = i }, { productId = 18, quantity = 1 },
      },
    })
    shop.Payments.createSession(order.id, "session")
  end
end

-- The scenario first for the login: when it is repeated, it logs in while it has a session.
local traffic = { token = app.store.app_token, user_agent = "oneentry-lua/" .. oneentry._VERSION }
recorded "scenario"
fill()
for _, name in ipairs { "list", "products", "short", "order", "scenario" } do traffic[name] = recorded(name) end
local page = products.page(30)
traffic.products[1].answer, traffic.products[1].size = answer_bytes { status = 200, body = page, headers = {
  ["content-type"] = "application/json" } }, #page

local function write(value)
  if type(value) ~= "table" then return ("%q"):format(value) end
  local parts = {}
  for key, item in pairs(value) do parts[#parts + 1] = "[" .. write(key) .. "]=" .. write(item) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local file = assert(io.open(arg[1], "wb"))
file:write("return ", write(traffic), "\n")
assert(file:close())
