-- Our side of the comparison: takes requests from stdin, one JSON object a line, and answers each with a line of JSON.
--   { define = { url, config } }        a new client        -> {}
--   { module, method, args }            one call of it      -> { value } or { failure }, and { saved } by saveFunction
-- Marks tell apart values that look the same in JSON: {"$nil"}, {"$empty"} (a table that may be a list or an object),
-- {"$float"} (an integral number that is no integer where Lua has integers).
local oneentry = require "oneentry"
local dkjson = require "dkjson"

local unpack = table.unpack or unpack
local has_integers = math.type ~= nil
local saved, client = {}, nil

local encode

local function encode_number(value)
  if has_integers and math.type(value) == "integer" then return ("%d"):format(value) end
  local text = ("%.17g"):format(value)
  if has_integers and value == math.floor(value) then return '{"$float":' .. text .. "}" end
  return text
end

local function encode_table(value)
  if next(value) == nil then return '{"$empty":true}' end
  local parts = {}
  if #value > 0 then
    for i, item in ipairs(value) do parts[i] = encode(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for key, item in pairs(value) do
    assert(type(key) == "string", "a key that is no string")
    parts[#parts + 1] = dkjson.quotestring(key) .. ":" .. encode(item)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value)
  if value == nil then return '{"$nil":true}' end
  if value == oneentry.null then return "null" end
  if type(value) == "number" then return encode_number(value) end
  if type(value) == "string" then return dkjson.quotestring(value) end
  if type(value) == "table" then return encode_table(value) end
  assert(type(value) == "boolean", "a value of type " .. type(value))
  return tostring(value)
end

-- A decoded request as a caller would write it: null is oneentry.null, an empty list needs no mark.
local function argument(value)
  if value == dkjson.null then return oneentry.null end
  if type(value) ~= "table" then return value end
  if value["$undefined"] then return nil end
  local copy = {}
  for key, item in pairs(value) do copy[key] = argument(item) end
  return copy
end

local function failure(err, raised)
  if not oneentry.is_error(err) then error(err, 0) end
  return { statusCode = err.statusCode, message = err.message, code = err.code, body = err.body, raised = raised }
end

local function define(request)
  local config = argument(request.config)
  config.auth = config.auth or {}
  config.auth.saveFunction = function(token) saved[#saved + 1] = token end
  client = oneentry.define(request.url, config)
  return "{}"
end

local function call(request)
  local args = {}
  for i = 1, #request.args do args[i] = argument(request.args[i]) end
  saved = {}
  local ok, value, err = pcall(client[request.module][request.method], unpack(args, 1, #request.args))
  local answer
  if not ok then
    answer = '"failure":' .. encode(failure(value, true))
  elseif err ~= nil then
    answer = '"failure":' .. encode(failure(err, false))
  else
    answer = '"value":' .. encode(value)
  end
  return "{" .. answer .. ',"saved":' .. encode(saved) .. "}"
end

for line in io.lines() do
  local request = assert(dkjson.decode(line, 1, dkjson.null))
  print(request.define and define(request.define) or call(request))
  io.stdout:flush()
end
