--- Passwords are guessed slowly: so many wrong ones of one login from one address, and the next has to wait. Others are not
-- kept out by that, neither at the same address nor of the same login.
local secret = require "shop.secret"

local tries = {}

local counts = ngx.shared.shop_tries
local MOST, SECONDS = 10, 60

local function key(login)
  return secret.hash("tries", ngx.var.binary_remote_addr .. login:lower())
end

--- Counts a try before it is made, so that tries made at once count, too. Returns false when this visitor has to wait.
-- The oldest counts make room for new ones. Where that is not enough, a try is not counted, and not refused: one who fills the
-- memory must not lock all others out. nginx's limit of each address stays.
function tries.begin(login)
  local count, problem = counts:incr(key(login), 1, 0, SECONDS)
  if not count then ngx.log(ngx.ERR, "a try to log in is not counted: ", problem) end
  return not count or count <= MOST
end

--- Forgets a try that was no wrong password.
function tries.forget(login)
  counts:incr(key(login), -1)
end

return tries
