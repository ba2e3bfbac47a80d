--- Is a text JSON, to the letter? dkjson reads more than that (`[1 2]`, comments), the platform does not.
local MAX_DEPTH = 64

local value

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

-- Each of these gets the position where its piece starts and returns the one after it, or nil.
local function string_at(text, at)
  at = at + 1
  while true do
    at = text:find('[%z\1-\31"\\]', at)
    local char = at and text:sub(at, at)
    if char == '"' then return at + 1 end
    if char ~= "\\" then return nil end
    if text:find('^["\\/bfnrt]', at + 1) then at = at + 2
    elseif text:find("^u%x%x%x%x", at + 1) then at = at + 6
    else return nil end
  end
end

local function number_at(text, at)
  local _, last = text:find("^-?%d+", at)
  if not last or text:find("^-?0%d", at) then return nil end
  if text:find("^%.", last + 1) then
    _, last = text:find("^%.%d+", last + 1)
    if not last then return nil end
  end
  if text:find("^[eE]", last + 1) then
    _, last = text:find("^[eE][-+]?%d+", last + 1)
    if not last then return nil end
  end
  local number = tonumber(text:sub(at, last)) -- nil on LuaJIT for an exponent of many digits
  return number and math.abs(number) < math.huge and last + 1 or nil
end

-- The items between two brackets: `item` reads one, from a position where no blank is.
local function items_at(text, at, closing, item)
  at = skip(text, at + 1)
  if text:sub(at, at) == closing then return at + 1 end
  while true do
    at = item(at)
    if not at then return nil end
    at = skip(text, at)
    local char = text:sub(at, at)
    if char == closing then return at + 1 end
    if char ~= "," then return nil end
    at = skip(text, at + 1)
  end
end

local function list_at(text, at, depth)
  return items_at(text, at, "]", function(start) return value(text, start, depth + 1) end)
end

local function object_at(text, at, depth)
  return items_at(text, at, "}", function(start)
    if text:sub(start, start) ~= '"' then return nil end
    start = string_at(text, start)
    start = start and skip(text, start)
    if not start or text:sub(start, start) ~= ":" then return nil end
    return value(text, skip(text, start + 1), depth + 1)
  end)
end

function value(text, at, depth)
  if depth > MAX_DEPTH then return nil end
  local char = text:sub(at, at)
  if char == "{" then return object_at(text, at, depth) end
  if char == "[" then return list_at(text, at, depth) end
  if char == '"' then return string_at(text, at) end
  if char:find("[-%d]") then return number_at(text, at) end
  local _, last = text:find("^%l+", at)
  local word = last and text:sub(at, last)
  if word == "true" or word == "false" or word == "null" then return last + 1 end
end

--- True when the whole text is one JSON value, not nested too deeply, with numbers that a double can hold.
return function(text)
  local after = value(text, skip(text, 1), 1)
  return after ~= nil and skip(text, after) > #text
end
