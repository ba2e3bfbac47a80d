-- The work of an injection run, and its judgement. Arguments: url, file of the authority or "", a function that tells
-- the server that the access token has expired. Returns run() and judge(), see host.c.
local url, authority, expire = ...
local doubles = require "inject.doubles"

local login = { authData = { { marker = "email_reg", value = "user@example.com" }, { marker = "password_reg", value = "secret" } } }
local goods = { formIdentifier = "order", paymentAccountIdentifier = "stripe",
  formData = { { marker = "name", type = "string", value = "Ada \"\\ Example" } },
  products = { { productId = 15, quantity = 1 }, { productId = 1e15, quantity = 0.1 } } }

local form = { formIdentifier = "contact", formModuleConfigId = 2, moduleEntityIdentifier = "blog", formData = {
  { marker = "send", type = "button" },
  { marker = "files", type = "groupOfImages", fileQuery = { type = "page", entity = "editor", id = 1 },
    value = { { data = "short", name = "a.png" }, { filename = "old", contentType = "image/png" } } },
  { marker = "file", type = "file", fileQuery = { type = "page", entity = "editor", id = 2 }, value = { data = ("long\0\n"):rep(1000) } },
} }

local paths = {
  auth = "POST /api/content/users-auth-providers/marker/email/users/auth",
  order = "POST /api/content/orders-storage/marker/orders/orders",
  later = "POST /api/content/orders-storage/marker/later/orders",
  session = "POST /api/content/payments/sessions",
  accounts = "GET /api/content/payments/accounts",
  upload = "POST /api/content/files",
  form = "POST /api/content/form-data",
}

local api, closed, customs, events, saved

local function config()
  return {
    token = "app-token", timeout = 60, connectTimeout = 30, maxRetries = 1,
    tls = authority ~= "" and { caFile = authority } or nil,
    auth = { saveFunction = function(token) saved[#saved + 1] = "saved " .. token end },
    errors = { customErrors = { [404] = function(err) customs = err.message .. "!" end } },
    hooks = { response = function(event) events[#events + 1] = event.method .. " " .. tostring(event.status) end },
  }
end

-- Does the whole scenario. True, or nil, err and the name of the call that failed; raises only without memory.
local function run()
  saved, events = {}, {}
  local oneentry = require "oneentry"
  api = oneentry.define(url, config())
  local value, err = api.AuthProvider.auth("email", login)
  if not value then return nil, err, "auth" end
  local order
  order, err = api.Orders.createOrder("orders", goods)
  if not order then return nil, err, "order" end
  if order.id ~= 116 then return nil, "the order has another id" end
  value, err = api.Payments.createSession(order.id, "session")
  if not value then return nil, err, "session" end
  if value.id ~= 65 then return nil, "the payment session has another id" end
  value, err = api.Payments.getSessionByOrderId(order.id)
  if not value then return nil, err, "sessions" end
  if value[1].orderId ~= 116 then return nil, "the list of sessions is another" end
  expire()
  order, err = api.Orders.createOrder("later", goods)
  if not order then return nil, err, "later" end
  if order.totalSum ~= 400.5 or order.formData[1].marker ~= "name" then return nil, "the later order is another" end
  value, err = api.Orders.getAllOrdersByMarker("orders")
  if not value then return nil, err, "orders" end
  if value.items[1].id ~= 116 then return nil, "the list of orders is another" end
  value, err = api.Pages.searchPage "a"
  if not value then return nil, err, "pages" end
  if #value ~= 3 or value[3].id ~= 3 or value[3].template.id ~= 9 then return nil, "the pages are others" end
  value, err = api.FormData.postFormsData(form)
  if not value then return nil, err, "form" end
  local entries = value.formData.formData
  if #entries ~= 2 or entries[1].value[2].filename ~= "old" or entries[2].value[1].size ~= 6000 then
    return nil, "the form is another: " .. oneentry.pretty(value)
  end
  value, err = api.FileUploading.getFile(1, "page", "editor", "a.bin")
  if not value then return nil, err, "file" end
  if value ~= ("bytes\0"):rep(1000) then return nil, "the file is another" end
  value, err = api.Products.getProductsByIds { 2, "7", 1, 2 }
  if not value then return nil, err, "ids" end
  if #value ~= 2 or value[1].id ~= 2 or value[2].id ~= 1 then return nil, "the products are others" end
  local count = 0
  value, err = pcall(function()
    for one in oneentry.each(api.Orders.getAllOrdersByMarker, "orders") do count = count + one.id end
  end)
  if not value and not oneentry.is_error(err) then error(err, 0) end
  if not value then return nil, err, "each" end
  if count ~= 116 then return nil, "each order is another" end
  local query = { limit = 5, ids = { 1, 2.5 }, sortKey = "price" }
  value = api.prepare.Products.getProductsPriceByPageUrl("shop/a b", nil, query).url
  if value ~= url .. "/api/content/products/page/shop/a%20b/prices?langCode=en_US&ids=1%2C2.5&limit=5&sortKey=price" then
    return nil, "the url is another: " .. value
  end
  local prices = setmetatable({}, { __pairs = function() return next, { conditionMarker = "exs" } end })
  value = api.prepare.Products.getProductsCount({ { title = "a" }, prices }).body
  if value ~= '[{"title":"a"},{"conditionMarker":"exs"}]' then return nil, "the filters are others: " .. value end
  local kept = api.getSession()
  local other = api.session({ accessToken = kept.accessToken, providerMarker = "email", device = kept.device })
  value, err = other.Payments.getSessionById(404)
  if value then return nil, "a 404 is a value" end
  if err.statusCode ~= 404 then return nil, err, "missing" end
  api.close()
  closed = true
  return true
end

local function unwell(client)
  local accounts, err = client.Payments.getAccounts()
  if closed and client == api then
    if accounts or err.code ~= "closed" then return "a closed client answers " .. tostring(err) end
  elseif not accounts or #accounts ~= 2 then
    return "a client fails later: " .. tostring(err)
  end
end

-- Called when everything works again: returns the fault in the way run ended, or nothing. `memory`: an allocation failed.
local function judge(fired, memory, log, ok, value, err, name)
  if type(package.loaded.oneentry) ~= "table" then package.loaded.oneentry = nil end -- the mark of a require that failed
  local oneentry = require "oneentry"
  local double = doubles(log)
  if double then return "DOUBLE POST " .. double end
  if not ok then
    local text = tostring(value) -- without memory, Lua cannot look whether a module's file is there, or load it
    local expected = text:find "memory" or text:find "^module 'cjson' not found" or text:find "'oneentry[.%a]*' not found"
    if not (fired and memory and expected) then return "raised: " .. text end
  elseif value then
    if table.concat(saved, ",") ~= "saved refresh-1,saved refresh-2" and not memory then return "tokens were not saved" end
    if customs ~= "No such session; at all!" and not memory then return "customErrors was not called" end
    -- A read that fails on its way is told of, and made again.
    if (#events < 21 or #events > 23) and not memory then return #events .. " events" end
  elseif not fired or not oneentry.is_error(err) then
    return "failed: " .. tostring(err)
  elseif type(err.message) ~= "string" or err.message == "" or type(err.sent) ~= "boolean" then
    return "an error without message or sent"
  elseif memory and (err.code == "invalid_response" or err.code == "http" and name ~= "later") then
    return "the server is blamed: " .. tostring(err) -- its answers were right
  elseif not err.sent and paths[name] and (log:find(paths[name], 1, true) or name == "form" and log:find(paths.upload, 1, true)) then
    return "err.sent is false, the server has it: " .. paths[name] .. ": " .. tostring(err)
  end
  for _, token in ipairs(saved or {}) do
    if not token:find "^saved refresh%-%d$" then return "saveFunction got " .. token end
  end
  local wrong = api and unwell(api)
  if not wrong and (not api or authority == "") then
    local fresh = oneentry.define(url, { tls = authority ~= "" and { caFile = authority } or nil })
    wrong = unwell(fresh)
    fresh.close()
  end
  return wrong
end

return run, judge
