-- Two sessions of one client that hold the same login at a sandbox; its access token has expired.
--
--   local login = shared_login.new(shop, driver)   -- a sandbox of support/sandbox/init.lua; a driver's name or nil
--   login.first, login.second, login.api
--   login:again()             -- one more session of that login, as it was stored
--   login:check(result, ...)  -- { value, err } of their Users.getUser(): both have their answer, from one refresh, and
--                             -- hold its tokens
local assert = require "luassert"
local oneentry = require "oneentry"

local shared_login = {}
shared_login.__index = shared_login

function shared_login.new(shop, driver)
  shop:reset()
  local api = oneentry.define(shop.url, { token = shop.token, timeout = 20, maxRetries = 0, driver = driver })
  assert(api.AuthProvider.auth("email", { authData = {
    { marker = "email_reg", value = shop.login }, { marker = "password_reg", value = shop.password },
  } }))
  local stored = api.getSession()
  stored.accessToken = "expired"
  api.AuthProvider.setAccessToken(nil).setRefreshToken(nil)
  local self = setmetatable({ shop = shop, api = api, stored = stored }, shared_login)
  self.first, self.second = self:again(), self:again()
  return self
end

function shared_login:again()
  return self.api.session(self.stored)
end

function shared_login.refreshes(shop)
  local count = 0
  for _, request in ipairs(shop:log()) do
    if request.path:find("/refresh", 1, true) then count = count + 1 end
  end
  return count
end

function shared_login:check(...)
  for _, result in ipairs { ... } do
    assert.equal(self.shop.login, (result[1] or {}).identifier, tostring(result[2]))
  end
  assert.equal(1, shared_login.refreshes(self.shop))
  local one, other = self.first.getSession(), self.second.getSession()
  assert.not_equal("expired", one.accessToken)
  assert.not_equal(self.stored.refreshToken, one.refreshToken)
  assert.same({ one.accessToken, one.refreshToken }, { other.accessToken, other.refreshToken })
end

return shared_login
