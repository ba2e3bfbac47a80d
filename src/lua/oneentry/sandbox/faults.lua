--- Faults that tests of clients ask for: an answer that stands in for the real one. Off until one is added.
local json = require "oneentry.sandbox.json"
local http = require "oneentry.sandbox.http"

local faults = {}

-- "POST /api/*/orders/{id}" as a Lua pattern: `{name}` is one segment, `*` is anything, the verb too.
local function to_pattern(match)
  local pattern = match:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("{[^{}]*}", "[^/]+"):gsub("%*", ".*")
  return "^" .. pattern .. "$"
end

--- Adds a fault: { match, status, body, contentType, headers, times (1), after (0), process, delay, drop }.
-- `body` is a text, or a JSON value; without one the error envelope is sent. With `process` the request
-- takes effect and only its answer is replaced. `delay` (seconds) and `drop` are for the host.
-- Returns nil and a message when the description cannot be used.
function faults.add(app, fault)
  local kinds = {
    match = "string", status = "number", contentType = "string", headers = "table", times = "number",
    after = "number", process = "boolean", delay = "number", drop = "boolean", body = true,
  }
  for name, value in pairs(fault) do
    if not kinds[name] then return nil, "unknown member of a fault: " .. tostring(name) end
    if kinds[name] ~= true and type(value) ~= kinds[name] then
      return nil, ("%s of a fault must be a %s"):format(name, kinds[name])
    end
  end
  if not fault.match then return nil, "a fault needs a match, for example \"GET /api/content/users/me\"" end
  if not (fault.status or fault.drop or fault.delay) then return nil, "a fault needs a status, a delay or drop" end
  table.insert(app.store.faults, {
    pattern = to_pattern(fault.match), left = fault.times or 1, skip = fault.after or 0, answer = fault,
  })
  return true
end

--- The fault that this request meets, if any; counts it.
function faults.take(app, request)
  local list, subject = app.store.faults, request.method .. " " .. request.path
  for i, fault in ipairs(list) do
    if subject:find(fault.pattern) then
      if fault.skip > 0 then
        fault.skip = fault.skip - 1
      else
        fault.left = fault.left - 1
        if fault.left <= 0 then table.remove(list, i) end
        return fault.answer
      end
    end
  end
end

local function body_of(app, fault)
  if type(fault.body) == "string" then return fault.body, "text/html; charset=utf-8" end
  if fault.body ~= nil then return json.encode(fault.body), "application/json; charset=utf-8" end
  local envelope = http.error_reply(app, fault.status, "Injected fault")
  return envelope.body, envelope.headers["content-type"]
end

--- The answer of a fault. `proceed()` gives the real one, called when the request is to take effect.
function faults.answer(app, fault, proceed)
  local response
  if fault.process or not (fault.status or fault.drop) then response = proceed() end
  if fault.status then
    local body, content_type = body_of(app, fault)
    response = { status = fault.status, headers = { ["content-type"] = fault.contentType or content_type }, body = body }
    for name, value in pairs(fault.headers or {}) do response.headers[name:lower()] = tostring(value) end
  end
  response = response or { status = 502, headers = {}, body = "" }
  response.delay, response.drop = fault.delay, fault.drop
  return response
end

return faults
