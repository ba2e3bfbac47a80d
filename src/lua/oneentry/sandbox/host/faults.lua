--- Faults that tests of clients ask for: an answer that stands in for the real one. Off until one is added.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"
local wildcard = require "oneentry.sandbox.host.wildcard"

local faults = {}

local LONGEST_DELAY = 3600 -- seconds
local TOKEN = "^[%w!#$%%&'*+%-.^_`|~]+$" -- name of a header
-- These say where an answer ends; faults of framing need a socket of their own.
local FRAMING = { ["content-length"] = true, ["transfer-encoding"] = true, connection = true }

local function whole(least, most)
  return function(value)
    local fits = type(value) == "number" and value >= least and value <= most and value == math.floor(value)
    return fits or ("a whole number from %d to %d"):format(least, most)
  end
end

local function one_line(value)
  return type(value) == "string" and not value:find "[%c]" or "a text of one line"
end

local function flag(value)
  return type(value) == "boolean" or "true or false"
end

local function header_fields(value)
  if not json.is_object(value) then return "an object of texts" end
  for name, field in pairs(value) do
    local fits = type(field) == "string" and one_line(field) == true or type(field) == "number"
    if not name:find(TOKEN) or FRAMING[name:lower()] or not fits then
      return ("an object of texts of one line, and %q is not to be used"):format(name)
    end
  end
  return true
end

-- By member: true, or what is expected.
local MEMBERS = {
  match = function(value)
    local fits = one_line(value) == true and value ~= "" and wildcard.is_pattern(value)
    return fits or ("a text of 1 to %d characters, with %d wildcards at most, each {name} a whole segment"):format(
      wildcard.MOST, wildcard.MOST_OPEN)
  end,
  status = whole(200, 599), contentType = one_line, headers = header_fields, times = whole(1, 1e9), after = whole(0, 1e9),
  process = flag, drop = flag, body = function() return true end,
  delay = function(value) return type(value) == "number" and value >= 0 and value <= LONGEST_DELAY or "seconds from 0 to 3600" end,
}

--- Adds a fault: { match, status, body, contentType, headers, times (1), after (0), process, delay, drop }.
-- `body` is a text, or a JSON value; without one the error envelope is sent. With `process` the request
-- takes effect and only its answer is replaced. `delay` (seconds) and `drop` are for the host.
-- Returns nil and a message when the description cannot be used.
function faults.add(app, fault)
  for name, value in pairs(fault) do
    if not MEMBERS[name] then return nil, "unknown member of a fault: " .. tostring(name) end
    local fits = MEMBERS[name](value)
    if fits ~= true then return nil, ("%s of a fault must be %s"):format(name, fits) end
  end
  if not fault.match then return nil, "a fault needs a match, for example \"GET /api/content/users/me\"" end
  if not (fault.status or fault.drop or fault.delay) then return nil, "a fault needs a status, a delay or drop" end
  if #app.store.faults >= app.choices.max_faults then return nil, "too many faults" end
  if type(fault.body) == "table" then fault.body = json.packed(fault.body) end
  table.insert(app.store.faults, {
    pieces = wildcard.compile(fault.match), left = fault.times or 1, skip = fault.after or 0, answer = fault,
  })
  return true
end

--- The fault that this request meets, if any; counts it.
function faults.take(app, request)
  local list, subject = app.store.faults, request.method .. " " .. request.path
  for i, fault in ipairs(list) do
    if wildcard.matches(fault.pieces, subject) then
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
    response = { status = fault.status, headers = {
      ["content-type"] = fault.contentType or content_type, ["content-security-policy"] = "default-src 'none'; sandbox",
    }, body = body }
    for name, value in pairs(fault.headers or {}) do response.headers[name:lower()] = tostring(value) end
  end
  response = response or { status = 502, headers = {}, body = "" }
  response.delay, response.drop = fault.delay, fault.drop
  return response
end

return faults
