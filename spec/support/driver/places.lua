-- The places where a client calls back.
--
--   places.names                                     -- as messages name them
--   places.define(url, name, f, config)              -- a client whose callback there is f, and an id: getSessionById(id) comes
--                                                    -- there once, and ends with that id or that status
--   places.told(value, err)                          -- that id or status
--   peer:script(places.script)                       -- the answers of a scripted server, for all this
--   places.later                                     -- an id whose answer takes longer than those two
local oneentry = require "oneentry"

local places = { names = { "hooks.request", "hooks.response", "auth.saveFunction", "errors.customErrors" } }

-- The answer that the callback is of does not come before the call or future is there.
places.later = 3
places.script = { fallback = { "echo", refuse = "access-0", but = {
  ["1"] = { seconds = 0.02 }, ["3"] = { seconds = 0.2 },
  refresh = { body = '{"accessToken":"access-1","refreshToken":"refresh-1"}' },
  ["404"] = { seconds = 0.02, status = 404, body = '{"message":"none"}' },
} } }

function places.define(url, name, f, config)
  local all = { timeout = 10, maxRetries = 0 }
  for key, value in pairs(config or {}) do all[key] = value end
  local section, member = name:match "^(.*)%.(.*)$"
  local own = { [member] = f }
  if section == "auth" then
    own.accessToken, own.refreshToken = "access-0", "refresh-0"
  elseif member == "customErrors" then
    own[member] = { [404] = f }
  end
  for key, value in pairs(all[section] or {}) do own[key] = value end
  all[section] = own
  return oneentry.define(url, all), member == "customErrors" and 404 or 1
end

function places.told(value, err)
  return value and value.id or err and err.statusCode
end

return places
