--- From method and path to the row that handles it.
local http = require "oneentry.sandbox.host.http"

local router = {}

local function segments(path)
  local list = {}
  for segment in path:gmatch("[^/]+") do list[#list + 1] = segment end
  return list
end

-- A pattern's segments, each a text or { name } of a parameter.
local function compiled(pattern)
  local parts = segments(pattern)
  for i, part in ipairs(parts) do
    local name = part:match("^{(.*)}$")
    if name then parts[i] = { name } end
  end
  return parts
end

local function fits(pattern, path)
  if #pattern ~= #path then return nil end
  local params = {}
  for i, part in ipairs(pattern) do
    if type(part) == "table" then
      params[part[1]] = http.unescape(path[i])
    elseif part ~= path[i] then
      return nil
    end
  end
  return params
end

--- A function find(method, path) -> row, params, for rows { method, pattern, handler, ... }.
function router.new(modules)
  local rows = {}
  for _, module in ipairs(modules) do
    for _, row in ipairs(module.routes) do
      rows[#rows + 1] = { row = row, method = row[1], pattern = compiled(row[2]) }
    end
  end

  return function(method, path)
    local parts = segments(path)
    for _, entry in ipairs(rows) do
      local params = entry.method == method and fits(entry.pattern, parts)
      if params then return entry.row, params end
    end
  end
end

return router
