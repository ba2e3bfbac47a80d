-- Many users of one client in coroutines of an event loop, whose saveFunction waits before it has stored the token; inside
-- nginx, with a real Redis: redis/tokens.lua.
local child = require "support.child"
local json = require "support.fixtures.json"
local loop = require "support.driver.loop"
local oneentry = require "oneentry"
local sandbox = require "support.sandbox"
local tmp = require "support.tmp"

local USERS = 500

-- Restores all users from a file, asks for each, and keeps in the file what saveFunction has stored. In a process of its
-- own, so that a client knows no tokens but these.
local CODE = [[
  local oneentry, loop = require "oneentry", require "support.driver.loop"
  local json, tmp = require "support.fixtures.json", require "support.tmp"
  local name = %q
  local wait, file = %s, %q
  local api = oneentry.define(%q, { token = %q, driver = loop.driver(name), timeout = 30, maxRetries = 0 })
  local stored, next_one, good, saves = json.decode(tmp.read(file)), 0, 0, 0

  local function visit(id)
    local user
    local function save(token)
      wait()
      local new = user.getSession()
      assert(new.refreshToken == token)
      stored[id], saves = new, saves + 1
    end
    local saved = stored[id]
    user = api.session {
      accessToken = saved.accessToken, refreshToken = saved.refreshToken, providerMarker = saved.providerMarker,
      device = saved.device, saveFunction = save,
    }
    local value = user.Users.getUser()
    if value and value.identifier == %q then good = good + 1 end
  end

  local function visitor()
    while next_one < #stored do
      next_one = next_one + 1
      visit(next_one)
    end
  end

  local visitors = {}
  for i = 1, 50 do visitors[i] = visitor end
  loop.run(name, (table.unpack or unpack)(visitors))
  tmp.write(file, json.encode(stored))
  io.write(good, " answers, ", saves, " stored")
]]

describe("the new tokens of 500 users are stored, and work the next time,", function()
  local shop, directory

  setup(function() shop, directory = sandbox.start(), tmp.directory() end)
  teardown(function()
    shop:stop()
    tmp.remove(directory)
  end)

  -- Each on a device of its own.
  before_each(function()
    local api, users = oneentry.define(shop.url, { token = shop.token }), {}
    for id = 1, USERS do
      local user = api.session()
      assert(user.AuthProvider.auth("email", { authData = {
        { marker = "email_reg", value = shop.login }, { marker = "password_reg", value = shop.password },
      } }))
      users[id] = user.getSession()
    end
    tmp.write(directory .. "/users", json.encode(users))
    api.close()
  end)

  local function check(name, wait)
    for _ = 1, 2 do
      shop:control("POST", "fault", { expire_access_tokens = true })
      local text = child.run(CODE:format(name, wait, directory .. "/users", shop.url, shop.token, shop.login))
      assert.equal(("%d answers, %d stored"):format(USERS, USERS), text)
    end
  end

  it("by a saveFunction that does not wait", function() check(loop.names[1], "function() end") end)

  for _, name in ipairs(loop.names) do
    it("A2: by one that sleeps: " .. name, function() check(name, "function() loop.sleep(name, 0.001) end") end)
  end
end)
