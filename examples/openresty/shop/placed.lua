--- The known orders of a login, by the key of the cart that made them (checkout.lua):
--   { sent = time }   createOrder was sent and nobody knows what became of it
--   { order = id }    the order exists; the same form leads to it again
-- They stand apart from the sessions, so that no number of logins can push them out.
local cjson = require "cjson"
local config = require "shop.config"
local secret = require "shop.secret"

local placed = {}

local orders = ngx.shared.shop_placed

local function name(login, key)
  return secret.hash("placed", login .. "\n" .. key)
end

function placed.get(login, key)
  local text = orders:get(name(login, key))
  return text and cjson.decode(text)
end

--- Raises when there is no room: what is not noted must not be sent.
function placed.set(login, key, what)
  local ok, err = orders:safe_set(name(login, key), cjson.encode(what), config.session_seconds)
  if not ok then error("the order was not noted: " .. err, 0) end
end

function placed.forget(login, key)
  orders:delete(name(login, key))
end

return placed
