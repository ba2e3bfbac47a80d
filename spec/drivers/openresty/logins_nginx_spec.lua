-- Web requests of one user, who has one login.
local nginx = require "support.nginx"
local sandbox = require "support.sandbox"
local shared_login = require "support.sandbox.shared_login"

local HTTP = [[
  init_by_lua_block {
    api = require("oneentry").define("%s", { token = "%s", timeout = 20, maxRetries = 0 })
    login, password = "%s", "%s"

    -- Returns the user's session as the application has stored it; its access token has expired since.
    function stored()
      local one = api.session()
      assert(one.AuthProvider.auth("email", { authData = {
        { marker = "email_reg", value = login }, { marker = "password_reg", value = password },
      } }))
      local saved = one.getSession()
      saved.accessToken = "expired"
      return saved
    end

    function get(user)
      local value, err = user.Users.getUser()
      return value and value.identifier or tostring(err)
    end

    function tell(first, second, one, other)
      local same = first.getSession().refreshToken == second.getSession().refreshToken
      ngx.print(one, " ", other, same and ", one login" or ", two logins")
    end
  }
]]

local SERVER = [[
  location /threads {
    content_by_lua_block {
      local saved = stored()
      local first, second = api.session(saved), api.session(saved)
      local threads = { ngx.thread.spawn(get, first), ngx.thread.spawn(get, second) }
      local _, one = ngx.thread.wait(threads[1])
      local _, other = ngx.thread.wait(threads[2])
      tell(first, second, one, other)
    }
  }
  location /turns {
    content_by_lua_block {
      local saved = stored()
      local first, second = api.session(saved), api.session(saved)
      local one = get(first)
      tell(first, second, one, get(second))
    }
  }
]]

describe("inside nginx two sessions of one login", function()
  local shop, web
  setup(function()
    shop = sandbox.start()
    web = nginx.start { http = HTTP:format(shop.url, shop.token, shop.login, shop.password), server = SERVER }
  end)
  teardown(function()
    web:stop()
    shop:stop()
  end)
  before_each(function() shop:reset() end)

  for _, how in ipairs { "threads", "turns" } do
    it("A4: refresh it once: " .. how, function()
      local _, text = web:get("/" .. how)
      assert.equal(("%s %s, one login"):format(shop.login, shop.login), text)
      assert.equal(1, shared_login.refreshes(shop))
    end)
  end
end)
