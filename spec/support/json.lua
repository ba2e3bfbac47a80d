-- JSON for fixtures, independent of the module under test: null is json.null and every table is marked
-- as the list or object that it was, so that nothing of the text is lost.
local dkjson = require "dkjson"

local json = { null = dkjson.null }

function json.decode(text)
  local value, _, reason = dkjson.decode(text, 1, dkjson.null)
  if reason then error("not JSON: " .. reason .. " in " .. text:sub(1, 200), 2) end
  return value
end

-- Text of a decoded value.
json.encode = dkjson.encode

-- "list" or "object" for a table that json.decode made, else nil.
function json.kind(value)
  local meta = type(value) == "table" and getmetatable(value)
  local kind = meta and meta.__jsontype
  return kind == "array" and "list" or kind
end

-- A copy that may be changed.
function json.copy(value)
  if type(value) ~= "table" or value == json.null then return value end
  local copy = setmetatable({}, getmetatable(value))
  for key, member in pairs(value) do copy[key] = json.copy(member) end
  return copy
end

return json
