-- Deep comparison of what was recorded (json.decode's marked tables) with what the module gave.
local json = require "support.json"

local compare = {}

local function show(value)
  if rawequal(value, json.null) then return "null" end
  if type(value) == "table" then
    local ok, text = pcall(json.encode, value)
    return ok and #text < 200 and text or "a table"
  end
  local kind = math.type and math.type(value) or type(value)
  return ("%s (%s)"):format(type(value) == "string" and ("%q"):format(value) or tostring(value), kind)
end

local function differs(path, expected, actual)
  return ("%s: expected %s, got %s"):format(path, show(expected), show(actual))
end

-- On Lua 5.3 and later an integral number must be an integer wherever it fits one.
local function number(path, expected, actual)
  if expected ~= actual then return differs(path, expected, actual) end
  local integral = actual % 1 == 0 and actual >= -2^63 and actual < 2^63
  if math.type and integral and math.type(actual) ~= "integer" then
    return ("%s: expected the integer %d, got a float"):format(path, expected)
  end
end

local walk

local function list(path, expected, actual, null)
  if json.kind(actual) == "object" then return path .. ": expected a list, got an object" end
  for index, member in ipairs(expected) do
    local difference = walk(("%s[%d]"):format(path, index), member, actual[index], null)
    if difference then return difference end
  end
  for key, value in pairs(actual) do
    if type(key) ~= "number" or key < 1 or key > #expected or key % 1 ~= 0 then
      return ("%s: unexpected member %s = %s"):format(path, tostring(key), show(value))
    end
  end
end

local function object(path, expected, actual, null)
  if json.kind(actual) == "list" then return path .. ": expected an object, got a list" end
  local names = {}
  for name in pairs(expected) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local difference = walk(path .. "." .. name, expected[name], actual[name], null)
    if difference then return difference end
  end
  for name, value in pairs(actual) do
    if expected[name] == nil then
      return ("%s: unexpected member %s = %s"):format(path, tostring(name), show(value))
    end
  end
end

-- null.value: what stands for null in `actual`; null.absent: whether a null member of an object is absent.
function walk(path, expected, actual, null, root)
  if rawequal(expected, json.null) then
    local due = null.value
    if null.absent and not root and not path:find("%]$") then due = nil end
    if not rawequal(actual, due) then return differs(path, expected, actual) end
  elseif rawequal(actual, null.value) or type(expected) ~= type(actual) then
    return differs(path, expected, actual)
  elseif type(expected) == "number" then
    return number(path, expected, actual)
  elseif type(expected) ~= "table" then
    if expected ~= actual then return differs(path, expected, actual) end
  elseif json.kind(expected) == "list" then
    return list(path, expected, actual, null)
  else
    return object(path, expected, actual, null)
  end
end

-- Recorded against a value of the module: nil when equal, else a text that names the first difference.
-- A null member of an object is absent unless `nulls`.
function compare.value(expected, actual, oneentry, nulls)
  return walk("value", expected, actual, { value = oneentry.null, absent = not nulls }, true)
end

-- Recorded against decoded JSON text: exact, with empty lists and objects told apart.
function compare.json(expected, actual)
  return walk("body", expected, actual, { value = json.null, absent = false }, true)
end

return compare
