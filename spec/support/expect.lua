-- A recorded request against one that was prepared or that arrived at the server.
local compare = require "support.compare"
local json = require "support.json"
local paths = require "support.paths"

local expect = {}

-- Headers that the recording has and that have to be the same.
local same = { "content-type", "x-app-token", "authorization" }

-- Headers that belong to the transport.
local free = { host = true, accept = true, ["user-agent"] = true, ["content-length"] = true, ["accept-encoding"] = true }

-- Names of the leaves of a JSON object, sorted: "a", "b.c".
local function leaves(value, prefix, out)
  for name, member in pairs(value) do
    if type(member) == "table" then
      leaves(member, prefix .. name .. ".", out)
    else
      out[#out + 1] = prefix .. name
    end
  end
  return out
end

local function device(recorded, header)
  if not recorded or not header then
    return (recorded ~= nil) ~= (header ~= nil) and ("x-device-metadata: got %s"):format(tostring(header)) or nil
  end
  local expected, got = {}, leaves(json.decode(header), "", {})
  for _, name in ipairs(recorded) do expected[#expected + 1] = name end
  table.sort(expected)
  table.sort(got)
  local due, found = table.concat(expected, " "), table.concat(got, " ")
  if due ~= found then return ("x-device-metadata: expected %s, got %s"):format(due, found) end
end

local function headers(recorded, got)
  for _, name in ipairs(same) do
    if recorded[name] ~= got[name] then
      return ("%s: expected %s, got %s"):format(name, tostring(recorded[name]), tostring(got[name]))
    end
  end
  for name in pairs(got) do
    if recorded[name] == nil and not free[name] then return "unexpected header " .. name end
  end
  return device(recorded["x-device-metadata"], got["x-device-metadata"])
end

-- Members of an error that are ours, whatever the server's error body has under these names.
local ours = { statusCode = true, message = true, code = true, sent = true, method = true, path = true,
  attempts = true, retryAfter = true, body = true }

-- The error of a failed call against { statusCode, code, sent, body }: nil when it is as expected.
function expect.failure(expected, err, oneentry)
  if not oneentry.is_error(err) then return "not an error of the module: " .. tostring(err) end
  for _, name in ipairs({ "statusCode", "code", "sent" }) do
    if expected[name] ~= err[name] then
      return ("err.%s: expected %s, got %s"):format(name, tostring(expected[name]), tostring(err[name]))
    end
  end
  if type(err.message) ~= "string" or err.message == "" then return "err.message: expected a text" end
  local body = expected.body
  if body == nil then return nil end
  local difference = compare.value(body, err.body, oneentry)
  if difference then return "err.body: " .. difference end
  if json.kind(body) ~= "object" then return nil end
  if type(body.message) == "string" and body.message ~= err.message then
    return ("err.message: expected %s, got %s"):format(body.message, err.message)
  end
  for name, member in pairs(body) do
    local lost = not ours[name] and member ~= json.null and compare.value(member, err[name], oneentry)
    if lost then return ("err.%s: %s"):format(name, lost) end
  end
end

-- nil when equal, else a text naming the first difference. `got` has method, path, headers, body (text or nil).
function expect.request(recorded, got)
  if recorded.method ~= got.method then
    return ("method: expected %s, got %s"):format(recorded.method, got.method)
  end
  if not paths.legal(got.path) then return "not a legal request target: " .. got.path end
  local due, found = paths.canonical(recorded.path), paths.canonical(got.path)
  if due ~= found then return ("path: expected %s, got %s"):format(due, found) end
  local difference = headers(recorded.headers, got.headers)
  if difference then return difference end
  local empty = got.body == nil or got.body == ""
  if recorded.body == json.null or empty then
    if recorded.body == json.null and empty then return nil end
    return ("body: expected %s, got %s"):format(json.encode(recorded.body), tostring(got.body))
  end
  return compare.json(recorded.body, json.decode(got.body))
end

return expect
