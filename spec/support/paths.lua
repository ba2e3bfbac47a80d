-- Request targets, compared after percent-decoding each segment and each query value.
local paths = {}

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function encode(text)
  return (decode(text):gsub("[^%w%-%._~]", function(byte) return ("%%%02X"):format(byte:byte()) end))
end

-- One spelling for every target that means the same: each segment and query part decoded and encoded
-- anew. Order of query parameters and empty segments stay.
function paths.canonical(target)
  local path, query = target:match("^([^?]*)%??(.*)$")
  local out = path:gsub("[^/]+", encode)
  if query == "" then return out end
  local pairs_ = {}
  for pair in (query .. "&"):gmatch("([^&]*)&") do
    local name, value = pair:match("^([^=]*)(.*)$")
    pairs_[#pairs_ + 1] = encode(name) .. (value ~= "" and "=" .. encode(value:sub(2)) or "")
  end
  return out .. "?" .. table.concat(pairs_, "&")
end

-- Whether the text is a target as it may stand in a request line (RFC 3986).
function paths.legal(target)
  local rest = target:gsub("%%%x%x", "")
  return rest:find("^/[%w%-%._~!$&'()*+,;=:@/]*%??[%w%-%._~!$&'()*+,;=:@/?]*$") ~= nil
end

return paths
