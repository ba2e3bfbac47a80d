-- A hundred users over the connections of one client, their calls mixed, tokens expiring, refreshes failing: the
-- sandbox tells whose token each request carried.
local oneentry = require "oneentry"
local sandbox = require "support.sandbox"

local USERS = 100
local CALLS = 1500

describe("many users of one client", function()
  local shop, api, users
  local seed = 20

  local function random(n)
    seed = (seed * 16807) % 2147483647
    return seed % n + 1
  end

  setup(function()
    shop = sandbox.start()
    api = oneentry.define(shop.url, { token = shop.token, maxRetries = 0 })
    users = {}
    for i = 1, USERS do
      local login = ("user-%d@example.com"):format(i)
      local auth_data = { { marker = "email_reg", value = login }, { marker = "password_reg", value = "password-" .. i } }
      assert(api.AuthProvider.signUp("email", { formIdentifier = "reg", authData = auth_data, notificationData = { email = login } }))
      local user = { login = login, saved = {} }
      user.api = api.session { saveFunction = function(token) user.saved[#user.saved + 1] = token end }
      assert(user.api.AuthProvider.auth("email", { authData = auth_data }))
      users[i] = user
    end
  end)
  teardown(function()
    api.close()
    shop:stop()
  end)

  local calls = {
    function(user) return user.api.Users.addFCMToken(user.login) end,
    function(user) return user.api.Users.deleteFCMToken(user.login) end,
    function(user)
      local me, err = user.api.Users.getUser()
      if me then assert.equal(user.login, me.identifier) end
      return me, err
    end,
  }

  -- The sandbox's log holds its last thousand requests: adds those that are new.
  local function read_log(requests)
    for _, request in ipairs(shop:log()) do requests[request.number] = request end
  end

  it("keeps them apart, and refreshes once per expiry", function()
    local requests = {}
    local expiries, due, refused, failures = 0, 0, 0, 0
    local seen_expiry = {}
    for _, user in ipairs(users) do
      seen_expiry[user] = 0
      assert.equal(1, #user.saved)
    end
    for i = 1, CALLS do
      if i % 300 == 150 then
        shop:control("POST", "fault", { expire_access_tokens = true })
        expiries = expiries + 1
      elseif i % 100 == 0 then
        shop:control("POST", "fault", { match = "POST *users/refresh", status = 503 })
        failures = failures + 1
      end
      if i % 200 == 0 then read_log(requests) end
      local user = users[random(USERS)]
      local expired = seen_expiry[user] < expiries
      local value, err = calls[random(#calls)](user)
      if value == nil then
        assert.is_true(expired)
        assert.equal(401, err.statusCode)
        refused = refused + 1
      elseif expired then
        seen_expiry[user] = expiries
        due = due + 1
      end
    end
    local refreshes, failed, others = 0, 0, 0
    read_log(requests)
    for _, request in pairs(requests) do
      local about = request.path:match "/fcm%-token/([^?]+)"
      if request.path:find "/refresh$" then
        if request.status == 503 then failed = failed + 1 else refreshes = refreshes + 1 end
      elseif about and request.status ~= 401 then
        others = others + 1
        assert.equal((about:gsub("%%40", "@")), request.user)
      end
    end
    assert.is_true(expiries == 5 and due > 200 and others > 800)
    assert.equal(due, refreshes)
    assert.equal(refused, failed)
    assert.is_true(refused > 5 and refused <= failures)
    local saved = 0
    for _, user in ipairs(users) do saved = saved + #user.saved - 1 end
    assert.equal(due, saved)
  end)
end)
