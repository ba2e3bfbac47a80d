--- The switches for tests: reset, log, clock, faults. They need no token and are no part of the platform.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"
local faults = require "oneentry.sandbox.host.faults"
local tokens = require "oneentry.sandbox.rules.tokens"

local control = {}

local SECRET = { refreshToken = true, password1 = true, password2 = true, client_secret = true, code = true }

-- Enough of a token to tell two apart, too little to use it.
local function reduced(text)
  return #text > 8 and text:sub(1, 4) .. "..." .. text:sub(-4) or "..."
end

local function without_secrets(value, key)
  if SECRET[key] then return type(value) == "string" and reduced(value) or "..." end
  if type(value) ~= "table" or value == json.null then return value end
  local copy = setmetatable({}, getmetatable(value))
  for name, item in pairs(value) do
    copy[name] = key == "authData" and "..." or without_secrets(item, name)
  end
  return copy
end

local HEADERS = { "authorization", "content-type", "host", "user-agent", "x-app-token", "x-device-metadata" }

local LONGEST = 512 -- bytes of a header that are noted

local function log_headers(headers)
  local shown = json.object()
  for _, name in ipairs(HEADERS) do
    local value = headers[name]
    if value then
      local scheme, token = value:match("^(%a+)%s+(%S+)$")
      if name == "authorization" then value = scheme and scheme .. " " .. reduced(token) or reduced(value) end
      if name == "x-app-token" then value = reduced(value) end
      shown[name] = #value > LONGEST and value:sub(1, LONGEST) .. "..." or value
    end
  end
  return shown
end

--- Notes a request of the API and its answer; `request.trouble` is the text of a Lua error behind a 500. Texts are kept, and
-- counted: tables of a body would take many times as much.
function control.note(app, request, response)
  local store, size = app.store, #(request.raw_body or "")
  store.requests_seen = (store.requests_seen or 0) + 1
  local entry = json.packed(json.object({
    number = store.requests_seen, time = store:timestamp(), method = request.method,
    path = request.target, headers = log_headers(request.headers),
    body = size > app.choices.log_body_bytes and ("%d bytes"):format(size)
      or request.has_body and without_secrets(request.body, "") or json.null, status = response.status, error = request.trouble,
    user = request.user and request.user.identifier or json.null,
  }, { "number", "time", "method", "path", "status" }))
  local log = store.log
  log[#log + 1] = entry
  store.log_bytes = store.log_bytes + #entry.text
  while #log > app.choices.log_entries or store.log_bytes > app.choices.log_bytes do
    store.log_bytes = store.log_bytes - #table.remove(log, 1).text
  end
end

local function reset(app)
  app:reset()
  return http.reply(app, 200, { reset = true })
end

local function show_log(app)
  return http.reply(app, 200, json.object({
    total = app.store.requests_seen or 0, items = json.list(app.store.log), codes = json.list(app.store.mail),
  }, { "total", "items", "codes" }))
end

local YEAR_9999 = 253402300799 -- its last second, which timestamps can still show

-- Refuses members that a switch does not have.
local function only(body, ...)
  local known = {}
  for _, name in ipairs { ... } do known[name] = true end
  for name in pairs(body) do
    if not known[name] then http.fail(400, ("unknown member: %s (there is %s)"):format(name, table.concat({ ... }, ", "))) end
  end
end

local function move_clock(app, request)
  only(request.body, "advance")
  local seconds = request.body.advance
  local now = type(seconds) == "number" and app.store:now() + seconds
  if not now or now < 0 or now > YEAR_9999 then http.fail(400, "advance must be a number of seconds, up to the year 9999") end
  app.store.clock_offset = app.store.clock_offset + seconds
  return http.reply(app, 200, { now = app.store:timestamp() })
end

-- Body: a fault (host/faults.lua), or one of { clear: true }, { expire_access_tokens: true }, { lost_webhook: bool }.
local function add_fault(app, request)
  local body = request.body
  for _, name in ipairs { "clear", "expire_access_tokens", "lost_webhook" } do
    if body[name] ~= nil then
      only(body, name)
      if type(body[name]) ~= "boolean" then http.fail(400, name .. " must be true or false") end
    end
  end
  if body.clear then
    app.store.faults, app.store.lost_webhook = {}, false
  elseif body.expire_access_tokens then
    tokens.expire_access(app)
  elseif body.lost_webhook ~= nil then
    app.store.lost_webhook = body.lost_webhook == true
  else
    local ok, message = faults.add(app, body)
    if not ok then http.fail(400, message) end
  end
  return http.reply(app, 200, { faults = #app.store.faults })
end

-- Where an account's pay pages lead to afterwards. Body: { identifier, successUrl, cancelUrl }.
local function set_account(app, request)
  local body = request.body
  only(body, "identifier", "successUrl", "cancelUrl")
  local account = app.store:account_by_identifier(body.identifier)
  if not account then http.fail(404, app.choices.text.account_not_found) end
  for _, name in ipairs { "successUrl", "cancelUrl" } do
    local url = body[name]
    if url ~= nil and (type(url) ~= "string" or url:find "[%c]") then http.fail(400, name .. " must be a text of one line") end
  end
  account.success_url, account.cancel_url = body.successUrl, body.cancelUrl
  return http.reply(app, 200, { identifier = account.identifier })
end

-- method, path, handler; `open`: no app token, no permission, not in the log
control.routes = {
  { "POST", "/__sandbox/reset", reset, open = true },
  { "GET", "/__sandbox/log", show_log, open = true },
  { "POST", "/__sandbox/clock", move_clock, open = true },
  { "POST", "/__sandbox/fault", add_fault, open = true },
  { "POST", "/__sandbox/account", set_account, open = true },
}

return control
