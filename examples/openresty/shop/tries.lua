--- Passwords are guessed slowly: so many wrong ones of one login from one address, and the next has to wait. Others are not
-- kept out by that, neither at the same address nor of the same login.
local secret = require "shop.secret"

local tries = {}

local counts = ngx.shared.shop_tries
local MOST, SECONDS = 10, 60

local function key(login)
  return secret.hash("tries", ngx.var.binary_remote_addr .. login:lower())
end

--- Must this visitor wait before another password is tried for this login?
function tries.too_many(login)
  return (counts:get(key(login)) or 0) >= MOST
end

--- Notes a wrong password.
function tries.wrong(login)
  counts:incr(key(login), 1, 0, SECONDS)
end

return tries
