-- The value of a reply once more, made by plain Lua: what tables and strings of that number cost where nothing is read.
--
--   local make = plain.maker(value)  -- the value may go then
--   local again = make()
local plain = {}

-- Flat lists, in the order of the value: strings are places in one text, so that each is made anew.
function plain.maker(value)
  local kinds, first, last, texts, at = {}, {}, {}, {}, 0
  local function put(kind, a, b)
    local n = #kinds + 1
    kinds[n], first[n], last[n] = kind, a, b or false
    return n
  end
  local function put_text(text)
    texts[#texts + 1] = text
    at = at + #text
    put("text", at - #text + 1, at)
  end
  local function put_value(one)
    if type(one) == "string" then return put_text(one) end
    if type(one) ~= "table" then return put("other", one) end
    if #one > 0 then
      put("list", #one)
      for i = 1, #one do put_value(one[i]) end
    else
      local n = put("object", 0)
      for name, member in pairs(one) do
        first[n] = first[n] + 1
        put_text(name)
        put_value(member)
      end
    end
  end
  put_value(value)
  local text = table.concat(texts)
  texts = nil
  return function()
    local i = 0
    local function get()
      i = i + 1
      local kind, a = kinds[i], first[i]
      if kind == "text" then return text:sub(a, last[i]) end
      if kind == "other" then return a end
      local one = {}
      if kind == "list" then
        for k = 1, a do one[k] = get() end
      else
        for _ = 1, a do
          local name = get()
          one[name] = get()
        end
      end
      return one
    end
    return get()
  end
end

return plain
