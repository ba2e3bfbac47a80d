-- Plain values (nil, booleans, numbers, strings, tables of them) to and from one line of text: the
-- commands and answers between a spec and a helper process. Binary safe, unlike JSON.
local wire = {}

local escape = function(byte) return string.format("\\%03d", byte:byte()) end

local function encode(value, out)
  local kind = type(value)
  if kind == "string" then
    out[#out + 1] = '"' .. value:gsub('[%c"\\\127-\255]', escape) .. '"'
  elseif kind == "number" then
    out[#out + 1] = string.format("%.17g", value)
  elseif kind == "nil" or kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif kind == "table" then
    out[#out + 1] = "{"
    for key, member in pairs(value) do
      out[#out + 1] = "["
      encode(key, out)
      out[#out + 1] = "]="
      encode(member, out)
      out[#out + 1] = ","
    end
    out[#out + 1] = "}"
  else
    error("cannot send a " .. kind .. " to another process", 0)
  end
end

function wire.encode(value)
  local out = {}
  encode(value, out)
  return table.concat(out)
end

-- Raises for text that wire.encode did not write.
function wire.decode(text)
  local chunk
  if setfenv then
    chunk = assert(loadstring("return " .. text, "=wire"))
    setfenv(chunk, {})
  else
    chunk = assert(load("return " .. text, "=wire", "t", {}))
  end
  return chunk()
end

return wire
