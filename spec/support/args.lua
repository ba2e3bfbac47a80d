-- Arguments and configuration of a recorded call as Lua values.
local json = require "support.json"

local args = {}

local function convert(value, oneentry)
  if value == json.null then return oneentry.null end
  if type(value) ~= "table" then return value end
  if value["$undefined"] then return nil end
  local copy = {}
  for key, member in pairs(value) do copy[key] = convert(member, oneentry) end
  if json.kind(value) == "list" and #value == 0 then return oneentry.array(copy) end
  return copy
end

-- The arguments' number and a table of them; left-out arguments are nil.
function args.convert(list, oneentry)
  local values = {}
  for index = 1, #list do values[index] = convert(list[index], oneentry) end
  return #list, values
end

-- The config table of a recorded client. `saved` collects what saveFunction gets, `handled` what the
-- handlers for statuses get as { status, error }.
function args.config(recorded, oneentry, saved, handled)
  local config = convert(recorded, oneentry)
  if config.auth and config.auth.saveFunction then
    config.auth.saveFunction = function(token) saved[#saved + 1] = token == nil and "nil" or token end
  end
  if config.errors and config.errors.customErrors then
    local handlers = {}
    for _, status in ipairs(config.errors.customErrors) do
      handlers[tonumber(status)] = function(err) handled[#handled + 1] = { tonumber(status), err } end
    end
    config.errors.customErrors = handlers
  end
  return config
end

return args
