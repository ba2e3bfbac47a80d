--- An offline OneEntry: the commerce part of the platform as a function from request to answer.
--
--   local app = require("oneentry.sandbox").new{}
--   local response = app:handle{ method = "GET", path = "/api/content/users/me?langCode=en_US", headers = { ... } }
--
-- A request has method, path (raw, with query), headers (lower-case names), body (text or nil), and
-- optionally scheme ("https") and client_certificate (boolean). An answer has status, headers and body.
-- No sockets, no files. Where to look: routes/ has a file per table of the API, rules/ the rules of the platform, host/ what
-- serves them; what nobody has documented is in rules/choices.lua, what a fresh sandbox contains in rules/seed.lua.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"
local store = require "oneentry.sandbox.rules.store"
local router = require "oneentry.sandbox.host.router"
local faults = require "oneentry.sandbox.host.faults"
local tokens = require "oneentry.sandbox.rules.tokens"
local control = require "oneentry.sandbox.routes.control"
local guard = require "oneentry.sandbox.host.guard"
local defaults = require "oneentry.sandbox.rules.choices"

local find_route = router.new {
  require "oneentry.sandbox.routes.auth_provider",
  require "oneentry.sandbox.routes.auth_codes",
  require "oneentry.sandbox.routes.orders",
  require "oneentry.sandbox.routes.refunds",
  require "oneentry.sandbox.routes.payments",
  require "oneentry.sandbox.routes.users",
  require "oneentry.sandbox.routes.pages",
  control,
}

local sandbox = {}

local App = {}
App.__index = App

local OPTIONS = { clock = true, choices = true, base_url = true, seed = true, host = true }

local function overridden(base, changes, where)
  local merged = {}
  for name, value in pairs(base) do merged[name] = value end
  for name, value in pairs(changes or {}) do
    if base[name] == nil then error("unknown choice: " .. where .. tostring(name), 0) end
    local nested = type(base[name]) == "table" and base[name] ~= json.null
    merged[name] = nested and overridden(base[name], value, where .. name .. ".") or value
  end
  return merged
end

--- A new sandbox. Options, all optional:
--   clock     function that returns seconds since 1970 (default os.time)
--   choices   overrides of rules/choices.lua
--   base_url  scheme and host for paymentUrl (default: those of the request)
--   seed      function that may change the seed data, called at start and at every reset
--   host      the address that the app is listened for on: the pages and switches below /__sandbox are for requests to it,
--             and to this machine's own names (default: for all)
function sandbox.new(options)
  options = options or {}
  for name in pairs(options) do
    if not OPTIONS[name] then error("unknown option of the sandbox: " .. tostring(name), 2) end
  end
  local app = setmetatable({
    choices = overridden(defaults, options.choices, ""), base_url = options.base_url, options = options,
    host = options.host,
  }, App)
  app:reset()
  return app
end

--- Forgets everything but the options.
function App:reset()
  self.store = store.new(self.options.clock or os.time, self.options.seed)
end

--- A token for `signedPrice`, as product queries of the platform hand out; `price` in currency units.
function App:sign_price(product_id, price)
  local token = "signed-" .. tokens.uuid()
  self.store.signed_prices[token] = {
    product = self.store:product(product_id), price = math.floor(price * 100 + 0.5),
    expires = self.store:now() + self.choices.signed_price_seconds,
  }
  return token
end

local function check_access(app, request)
  if app.choices.access == "certificate" then
    if not request.client_certificate then http.fail(403, app.choices.text.client_certificate) end
  elseif request.headers["x-app-token"] ~= app.store.app_token then
    http.fail(403, "Resource is closed")
  end
end

-- The body as a JSON object; an absent one is an empty object.
local function read_body(app, request, text)
  if text == nil or text == "" then return json.object() end
  request.has_body = true
  if #text > app.choices.max_body_bytes then http.fail(413, app.choices.text.too_large) end
  if request.row.form then return http.parse_form(text) end
  local body = json.decode(text)
  if body == nil then http.fail(400, app.choices.text.malformed_json) end
  if not json.is_object(body) then http.fail(400, app.choices.text.not_an_object) end
  return body
end

-- store.permissions: path pattern -> false (no record at all), or { GET = true, ... }; absent: all granted.
local function check_permission(app, row)
  local granted = app.store.permissions[row[2]]
  if granted == nil then return end
  if not granted then http.fail(403, "Permission data not found. Provide the permission for requested url") end
  if not granted[row[1]] then
    http.fail(403, "User doesn't have permissions to access the requested url or API method")
  end
end

local function check_user(app, request)
  local login = tokens.bearer(app, request)
  if not login then http.fail(401, "Unauthorized") end
  request.user = login.user
end

-- Runs f(app, request, ...) and turns whatever it raises into an answer.
local function guarded(f, app, request, ...)
  local ok, response = pcall(f, app, request, ...)
  if ok then return response end
  if http.is_refusal(response) then return http.error_reply(app, response.status, response.message) end
  request.trouble = tostring(response)
  return http.error_reply(app, 500, app.choices.text.internal)
end

local function no_route(_, request)
  http.fail(404, ("Cannot %s %s"):format(request.method, request.path))
end

-- The handler's answer, or that of a fault in its place.
local function perform(app, request, handler)
  local fault = faults.take(app, request)
  if not fault then return handler(app, request) end
  return faults.answer(app, fault, function() return guarded(handler, app, request) end)
end

-- Every request goes through here, in this order. Faults come last, but can stand in for unknown routes.
local function answer(app, request, body_text)
  if #request.path > app.choices.max_path_bytes then http.fail(414, app.choices.text.long_path) end
  local row, params = find_route(request.verb, request.path)
  if not row then return perform(app, request, no_route) end
  request.row, request.params = row, params
  if row.open then guard.check(app, request) else check_access(app, request) end
  request.body = read_body(app, request, body_text)
  if row.open then return row[3](app, request) end
  check_permission(app, row)
  if row.needs_user then check_user(app, request) end
  return perform(app, request, row[3])
end

--- Answers one request. Never raises: an error in a handler is a 500, its text is only in the control log.
function App:handle(raw)
  local path, query = http.split_target(raw.path)
  local request = {
    method = raw.method, verb = raw.method == "HEAD" and "GET" or raw.method, target = raw.path, path = path,
    query = query, headers = raw.headers or {}, raw_body = raw.body, scheme = raw.scheme, client_certificate = raw.client_certificate,
  }
  local response = guarded(answer, self, request, raw.body)
  if not (request.row and request.row.open) then control.note(self, request, response) end
  if request.method == "HEAD" then
    response.headers["content-length"], response.body = tostring(#response.body), ""
  end
  return response
end

return sandbox
