--- JSON in and out of the sandbox: dkjson reads, a small writer of our own writes.
-- The writer exists because the wire format must be the same on every Lua: `400` and never `400.0`,
-- `[]` for empty lists, members in a stable order, and an object that has a member "n" stays an object.
local dkjson = require "dkjson"
local is_json = require "oneentry.sandbox.host.json_grammar"

local json = { null = dkjson.null }

local LIST = { __jsontype = "array" }
local OBJECT = { __jsontype = "object" }

--- Marks a table as a list, so that it is written as `[]` when it is empty.
function json.list(t)
  return setmetatable(t or {}, LIST)
end

--- Marks a table as an object. `order` names members that are written first, in that order.
function json.object(t, order)
  return setmetatable(t or {}, order and { __jsontype = "object", __jsonorder = order } or OBJECT)
end

local TEXT = { __jsontype = "text" }

--- A value as its JSON text, which is a fraction of what its tables take: to be kept, and written as it is.
function json.packed(v)
  return setmetatable({ text = json.encode(v) }, TEXT)
end

local function is_list(t)
  local meta = getmetatable(t)
  if meta and meta.__jsontype then return meta.__jsontype == "array" end
  return t[1] ~= nil
end

function json.is_list(v) return type(v) == "table" and v ~= json.null and is_list(v) end
function json.is_object(v) return type(v) == "table" and v ~= json.null and not is_list(v) end

--- nil for JSON's null, the value otherwise.
function json.given(v)
  if v == json.null then return nil end
  return v
end

local function number_text(n)
  if n ~= n or n == math.huge or n == -math.huge then error("not a JSON number: " .. tostring(n)) end
  if n == math.floor(n) and n > -2 ^ 53 and n < 2 ^ 53 then return string.format("%d", n) end
  local text = string.format("%.14g", n)
  if tonumber(text) ~= n then text = string.format("%.17g", n) end
  return (text:gsub(",", "."))
end

local write

local function write_list(out, t)
  out[#out + 1] = "["
  for i = 1, #t do
    if i > 1 then out[#out + 1] = "," end
    write(out, t[i])
  end
  out[#out + 1] = "]"
end

local function keys_of(t)
  local meta = getmetatable(t)
  local keys, placed = {}, {}
  for _, key in ipairs(meta and meta.__jsonorder or {}) do
    if t[key] ~= nil then keys[#keys + 1], placed[key] = key, true end
  end
  local rest = {}
  for key in pairs(t) do
    if not placed[key] then rest[#rest + 1] = key end
  end
  table.sort(rest, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(rest) do keys[#keys + 1] = key end
  return keys
end

local function write_object(out, t)
  out[#out + 1] = "{"
  for i, key in ipairs(keys_of(t)) do
    if i > 1 then out[#out + 1] = "," end
    out[#out + 1] = dkjson.quotestring(tostring(key)) .. ":"
    write(out, t[key])
  end
  out[#out + 1] = "}"
end

function write(out, v)
  local kind = type(v)
  if v == nil or v == json.null then out[#out + 1] = "null"
  elseif kind == "string" then out[#out + 1] = dkjson.quotestring(v)
  elseif kind == "number" then out[#out + 1] = number_text(v)
  elseif kind == "boolean" then out[#out + 1] = tostring(v)
  elseif getmetatable(v) == TEXT then out[#out + 1] = v.text
  elseif is_list(v) then write_list(out, v)
  else write_object(out, v) end
end

--- The JSON text of a value. A table without a mark is a list when it has a first element.
function json.encode(v)
  local out = {}
  write(out, v)
  return table.concat(out)
end

--- The value of a JSON text, or nil when it is not JSON. Lists and objects come back marked, null as `json.null`.
function json.decode(text)
  if not is_json(text) then return nil end
  return (dkjson.decode(text, 1, json.null, OBJECT, LIST))
end

return json
