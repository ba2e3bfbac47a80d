-- Sessions of one login, each in a coroutine of an event loop; inside nginx: drivers/openresty/logins_nginx_spec.lua.
local loop = require "support.driver.loop"
local sandbox = require "support.sandbox"
local shared_login = require "support.sandbox.shared_login"

describe("two sessions of one login, in two coroutines,", function()
  local shop
  setup(function() shop = sandbox.start() end)
  teardown(function() shop:stop() end)

  for _, name in ipairs(loop.names) do
    it("A4: refresh it once: " .. name, function()
      local login, results = shared_login.new(shop, name), {}
      loop.run(name, function()
        results[1] = { login.first.Users.getUser() }
      end, function()
        results[2] = { login.second.Users.getUser() }
      end)
      assert.equal(2, #results)
      login:check(results[1], results[2])
      login.api.close()
    end)
  end
end)
