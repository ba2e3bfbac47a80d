--- The newest sessions of a login. One account cannot fill the memory of all visitors: the oldest of its sessions ends.
local cjson = require "cjson"
local config = require "shop.config"
local secret = require "shop.secret"

local logins = {}

local sessions = ngx.shared.shop_sessions
local MOST = 20

--- Adds the session `key`; ends those that are too many. No call in it yields, so no other request of this worker comes
-- between; one of another worker may, and a list is one entry short then.
function logins.add(login, key)
  local name = secret.hash("logins", login)
  local live = { key }
  for _, other in ipairs(cjson.decode(sessions:get(name) or "[]")) do
    if other ~= key and sessions:get(other) then
      if #live < MOST then live[#live + 1] = other else sessions:delete(other) end
    end
  end
  sessions:set(name, cjson.encode(live), config.session_seconds)
end

return logins
