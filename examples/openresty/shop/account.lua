--- Logging in and out.
local client = require "shop.client"
local config = require "shop.config"
local secret = require "shop.secret"
local pages = require "shop.pages"
local replies = require "shop.replies"
local tries = require "shop.tries"

local account = {}

function account.form(visitor)
  if visitor.data then return replies.to "/" end
  return replies.page(pages.login(visitor))
end

function account.login(visitor, form)
  local login, password = form.login, form.password
  if login == "" or password == "" then
    return replies.page(pages.login(visitor, "Please fill in your email and your password.", login), 422)
  end
  if not tries.begin(login) then
    return replies.page(pages.login(visitor, "Too many wrong passwords. Please wait a minute.", login), 429)
  end
  local user = client.session()
  local ok, err = user.AuthProvider.auth(config.provider, {
    authData = { { marker = config.login_marker, value = login }, { marker = config.password_marker, value = password } },
  })
  if ok or err.code ~= "http" or err.statusCode >= 500 or err.statusCode == 429 then tries.forget(login) end
  if ok then
    visitor:renew {
      login = login, oneentry = user.getSession(),
      cart = { key = secret.random(), lines = {} },
    }
    return replies.to "/"
  end
  -- One text for both: nobody learns here who has an account.
  if err.code == "http" and err.statusCode < 500 and err.statusCode ~= 429 then
    return replies.page(pages.login(visitor, "The email or the password is not right.", login), 401)
  end
  return nil, err
end

--- Ends the session here whatever OneEntry answers; there, too, if it can be reached.
function account.logout(visitor)
  if visitor.data then
    local ok, err = visitor.api.AuthProvider.logout(config.provider, visitor.api.getSession().refreshToken)
    if not ok then ngx.log(ngx.WARN, "logout: ", tostring(err)) end
    visitor:renew()
  end
  return replies.to "/login"
end

return account
