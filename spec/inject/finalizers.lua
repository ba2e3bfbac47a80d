-- Has a finalizer act at every point of every kind of call at which one can run: at every allocation of Lua's. It calls the
-- same client, prepares a request, cancels or awaits a future that is under way, closes the client, or drops it. No call may
-- crash, send a url or a body that is not its own, or be sent twice. Usage: finalizers.lua [STRIDE [CALL [ACTION]]], STRIDE 1:
-- every point. `make finalizers` runs it, under the address sanitizer. The last line counts.
local doubles = require "inject.doubles"
local finalizer = require "support.finalizer"
local oneentry = require "oneentry"
local process = require "support.process"
local tls = require "support.server.tls"

local stride, only_call, only_action = tonumber(arg[1] or 1), arg[2], arg[3]

local certificates = tls.make()
local server = process.start(("%s %s %s %s"):format(process.interpreter("cqueues", "openssl.ssl.context"),
  process.quote(process.spec .. "inject/server.lua"), process.quote(certificates.good.certificate),
  process.quote(certificates.good.key)))
local http, _, port = server:read():match("^(%d+) (%d+) (%d+)$")
local control = assert(require("socket").connect("127.0.0.1", tonumber(port)))

local function tell(line)
  assert(control:send(line .. "\n"))
  return assert(control:receive("*l"))
end

-- Adds the requests of a refresh: a 401 makes them come at any time, with the token of then.
local REFRESH = "POST /api/content/users-auth-providers/marker/email/users/refresh"

-- That of the future that is always under way: it may have been sent or not when the client is closed.
local UNDER_WAY = "GET /api/content/payments/sessions/order/116 "

-- Lists the requests of a call that the server has seen, as "METHOD url body".
local function requests()
  local list = {}
  for request in tell("requests"):gmatch("[^\t]+") do list[#list + 1] = request end
  return list
end

local login = { authData = { { marker = "email_reg", value = "user@example.com" } } }
local function goods()
  return { formIdentifier = "order", formData = { { marker = "name", type = "string", value = "Ada \"\\ Example" } },
    notificationData = { email = "a@b", phonePush = {}, phoneSMS = "" }, products = oneentry.array { { productId = 15 } } }
end

local function form()
  local function field(id, kind, value)
    return { marker = "m", type = kind, value = value, fileQuery = { type = "page", entity = "editor", id = id } }
  end
  return { formIdentifier = "contact", formData = { { marker = "b", type = "button" }, field(1, "file", { data = "one" }),
    field(2, "image", { { data = "two", name = "b.png" }, { filename = "old", contentType = "x" } }) } }
end

-- More than one url takes.
local ids = {}
for i = 1, 320 do ids[i] = ("1%019d"):format(i) end

local function each_order(api)
  local list = {}
  local ok, err = pcall(function()
    for order in oneentry.each(api.Orders.getAllOrdersByMarker, "orders") do list[#list + 1] = order end
  end)
  if not ok and not oneentry.is_error(err) then error(err, 0) end
  return ok and list or nil, err
end

-- Calls of a client that is logged in; `expired`: its access token is old, and a refresh comes between.
local calls = {
  { name = "order", run = function(api) return api.Orders.createOrder("orders", goods()) end },
  { name = "update", run = function(api) return api.Users.updateUser({ notificationData = goods().notificationData }) end },
  { name = "list", run = function(api) return api.Orders.getAllOrdersByMarker("orders") end },
  { name = "login", run = function(api) return api.AuthProvider.auth("email", login) end },
  { name = "missing", run = function(api) return api.Payments.getSessionById(404) end },
  { name = "poll", run = function(api) return api.Payments.waitForSession(66) end },
  { name = "refresh", expired = true, run = function(api) return api.Orders.createOrder("later", goods()) end },
  { name = "children", run = function(api) return api.Pages.searchPage("a") end },
  { name = "ids", run = function(api) return api.Products.getProductsByIds(ids, nil, { limit = 5 }) end },
  { name = "pages", run = each_order },
  { name = "anew", expired = true, run = function(api) return api.Pages.searchPage("a") end },
  { name = "form", run = function(api) return api.FormData.postFormsData(form()) end },
  { name = "form anew", expired = true, run = function(api) return api.FormData.postFormsData(form()) end },
  { name = "future", expired = true, run = function(api)
    local future, other = api.async.Orders.createOrder("later", goods()), api.async.Orders.getAllOrdersByMarker("orders")
    local values, errors = oneentry.all({ future, other }, "settled")
    assert(#values == 2 or errors)
    return future:await()
  end },
  { name = "prepare", run = function(api) return api.prepare.Orders.createOrder("orders", goods()) end },
  { name = "filters", run = function(api)
    return api.prepare.Products.getProductsCountByPageUrl("shop/shoes", { { title = "a" }, setmetatable({}, { __pairs = function()
      return next, { attributeMarker = "price", conditionMarker = "mth", conditionValue = 5 }
    end }) })
  end },
  { name = "parameters", run = function(api)
    return api.prepare.Products.getProductsPriceByPageUrl("shop", nil, { limit = 5, ids = { 1, "x" }, sortKey = "price", a = true })
  end },
  { name = "session", run = function(api) return api.session(api.getSession()).Payments.getSessionByOrderId(116) end },
}

-- Work of the finalizer. `code`: the call may end so, besides as it does without the finalizer.
local actions = {
  { name = "call", run = function(api) -- as await: where it runs while a refresh is read, waiting would have no end
    local ok, value = pcall(api.Payments.createSession, 116, "session")
    assert(ok and (value or api.getSession()) or not ok and value:find "finalizer cannot wait", tostring(value))
  end },
  { name = "prepare", run = function(api)
    assert(api.prepare.Payments.getSessionById(7).url:find "/payments/sessions/7$")
    api.prepare.Users.updateUser({ formIdentifier = "another", notificationData = { email = "c@d" } })
  end },
  { name = "start", run = function(api, state)
    local started = api.async.Payments.getAccounts()
    if state.waits then started:await() end
  end },
  { name = "cancel", code = "cancelled", run = function(_, state) state.future:cancel() end },
  { name = "await", run = function(_, state)
    local ok, value, err = pcall(state.future.await, state.future)
    assert(ok and value and #value == 1 or not ok and state.expired and value:find "cannot wait", tostring(err or value))
  end },
  { name = "close", code = "closed", run = function(api) api.close() end },
  { name = "drop", run = function(_, state)
    state.api, state.future = nil, nil
    collectgarbage()
  end },
}

local clients = 0

local function config(state)
  return { token = "app-token", maxRetries = 0, userAgent = "client-" .. clients, device = { fingerprint = "UQ_1" }, timeout = 20,
    driver = "blocking", auth = { saveFunction = function(token) state.saved = token end },
    errors = { customErrors = { [404] = function(err) state.missing = err end } },
    hooks = { request = function() end, response = function() end } }
end

-- A client that is logged in, with a future that is under way.
local function begin(call)
  local state = { expired = call.expired }
  clients = clients + 1
  local api = oneentry.define("http://127.0.0.1:" .. http, config(state))
  tell("from client-" .. clients)
  tell "reset"
  assert(api.AuthProvider.auth("email", login))
  tell "forget"
  state.api = api
  if call.expired then tell "expire" end
  state.future = api.async.Payments.getSessionByOrderId(116)
  return state
end

local total = { points = 0, foreign = 0, doubles = 0, other = 0 }

local function finding(kind, what)
  total[kind] = total[kind] + 1
  print(what)
end

local function text_of(value)
  return type(value) == "table" and oneentry.pretty(value) or tostring(value)
end

-- Members in any order: the same letters.
local function sorted(text)
  local letters = {}
  for letter in text:gmatch "." do letters[#letters + 1] = letter end
  table.sort(letters)
  return table.concat(letters)
end

-- A request as it is compared. (libcurl writes some escapes with small letters.)
local function normal(request)
  request = request:gsub("%%%x%x", string.upper)
  local head, body = request:match "^(%S+ %S+) (.*)$"
  if head == REFRESH and body:find '^{"refreshToken":"refresh%-%d+"}$' then return head end
  return head .. " " .. (body:find "^{.*}$" and sorted(body) or body)
end

local function go(call, action)
  -- Goes on one after the other: the requests that may be sent, and their outcome.
  local state = begin(call)
  local future = state.future
  local expected = call.run(state.api)
  state.waits = true
  pcall(action.run, state.api, state)
  future:cancel()
  local allowed, where = { [REFRESH] = true, [normal(UNDER_WAY)] = true }, nil
  for _, request in ipairs(requests()) do allowed[normal(request)] = true end
  local function judge(results, n, _, problem)
    local ok, value, err = results[1], results[2], results[3]
    where = ("%s while %s, n=%d: "):format(action.name, call.name, n)
    if problem then finding("other", where .. "the finalizer: " .. tostring(problem)) end
    local code = type(err) == "table" and err.code
    if not ok then
      finding("other", where .. "raised: " .. tostring(value))
    elseif value == nil and expected ~= nil and code ~= action.code and not (call.expired and err and err.statusCode == 401) then
      finding("other", where .. "failed: " .. tostring(err))
    elseif value ~= nil and text_of(value) ~= text_of(expected) and sorted(text_of(value)) ~= sorted(text_of(expected)) then
      finding("other", where .. "another value: " .. text_of(value))
    end
    for _, request in ipairs(requests()) do
      if not allowed[normal(request)] then finding("foreign", where .. "foreign: " .. request) end
    end
    local double = doubles(tell "log", REFRESH)
    if double then finding("doubles", where .. "sent twice: " .. double) end
  end
  local points = finalizer.each(function()
    local now = begin(call)
    return function()
      local api = now.api
      return call.run(api)
    end, function() return action.run(now.api, now) end
  end, judge, stride)
  total.points = total.points + points
  print(("%-8s while %-8s %d points"):format(action.name, call.name, points))
end

for _, call in ipairs(calls) do
  for _, action in ipairs(actions) do
    if (only_call or call.name) == call.name and (only_action or action.name) == action.name then go(call, action) end
  end
end
server:stop()
certificates:remove()
local findings = total.foreign + total.doubles + total.other
print(("%d points, 0 crashes, %d foreign requests, %d double posts, %d other"):format(total.points, total.foreign,
  total.doubles, total.other))
os.exit(findings == 0 and total.points > 0 and 0 or 1, true)
