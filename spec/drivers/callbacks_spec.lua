-- Callbacks in a coroutine of an event loop, and what they may do; inside nginx: drivers/openresty/callbacks_nginx_spec.lua.
local child = require "support.child"
local loop = require "support.driver.loop"
local server = require "support.server"

-- In a process of its own: a coroutine that has been resumed in the wrong place may end it. What a callback is given is
-- kept once its work is done.
local CODE = [[
  local oneentry, loop = require "oneentry", require "support.driver.loop"
  local name, place, url = %q, %q, %q
  local kept, turns, ended = {}, 0, false
  local plain_51 = _VERSION == "Lua 5.1" and not package.loaded.jit

  local works = {
    none = function() end,
    sleep = function() loop.sleep(name, 0.001) end,
    call = function(api) -- the loop's other coroutines run meanwhile
      local before = turns
      assert(assert(api.Payments.getSessionById(2)).id == 2)
      assert(turns > before or name == "blocking" or plain_51) -- there its calls block
    end,
  }

  local api, busy
  local function callback(text)
    if busy then return end -- its own calls come here, too
    busy = true
    works.%s(api)
    busy = false
    kept[#kept + 1] = text
  end

  local config = { driver = loop.driver(name), timeout = 10, maxRetries = 0 }
  local id = 1
  if place == "saveFunction" then
    config.auth = { accessToken = "access-0", refreshToken = "refresh-0", saveFunction = callback }
  elseif place == "customErrors" then
    id = 404
    config.errors = { customErrors = { [404] = function(err) callback(tostring(err.statusCode)) end } }
  else
    config.hooks = { [place:match "%%.(.*)"] = function(event) callback(event.method) end }
  end

  loop.run(name, function()
    api = oneentry.define(url, config)
    local value, err = api.Payments.getSessionById(id)
    print(value and value.id or err.statusCode, table.concat(kept, " "))
    api.close()
    ended = true
  end, function()
    while not ended do
      turns = turns + 1
      loop.sleep(name, 0.001)
    end
  end)
]]

-- Futures whose requests are told of while no loop runs, and awaited when it does.
local ORDER = [[
  local oneentry, loop = require "oneentry", require "support.driver.loop"
  local name, url = %q, %q
  local told = {}
  local api = oneentry.define(url, { driver = loop.driver(name), timeout = 10, hooks = { request = function(event)
    if event.method == "POST" then told[#told + 1] = event.path:match "[^/]+$" end
  end } })
  local futures = {
    api.async.Users.addFCMToken "one", api.async.Payments.createSession(2, "session"),
    api.async.AuthProvider.auth("email", { authData = { { marker = "login", value = "x" } } }),
  }
  for i = 1, 2 do
    for _, future in ipairs(futures) do future:done() end
  end
  loop.run(name, function()
    for _, future in ipairs(futures) do future:await() end
    for _ = 1, 100 do
      if #told == 3 then break end
      assert(api.Payments.getSessionById(1))
      loop.sleep(name, 0.001)
    end
    api.close()
  end)
  print(#told, table.concat(told, " "))
]]

-- A callback that awaits what it is told of.
local ITSELF = [[
  local oneentry, loop = require "oneentry", require "support.driver.loop"
  local name, url = %q, %q
  local future, problem
  local api = oneentry.define(url, { driver = loop.driver(name), timeout = 10, hooks = { response = function() future:await() end },
    errors = { callback = function(what) problem = what end } })
  loop.run(name, function()
    future = api.async.Payments.getSessionById(1)
    local value = assert(future:await())
    print(value.id, problem)
    api.close()
  end)
]]

local TEXTS = { saveFunction = "refresh-1", ["hooks.request"] = "GET", ["hooks.response"] = "GET", customErrors = "404" }
local PLACES = { "saveFunction", "hooks.request", "hooks.response", "customErrors" }

describe("a callback", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function()
    peer:script { fallback = { "echo", refuse = "access-0", but = {
      refresh = { body = '{"accessToken":"access-1","refreshToken":"refresh-1"}' },
      ["2"] = { seconds = 0.05 },
      ["404"] = { status = 404, body = '{"message":"none"}' },
    } } }
  end)

  local function check(name, place, work)
    local id = place == "customErrors" and 404 or 1
    assert.equal(("%d\t%s\n"):format(id, TEXTS[place]), (child.run(CODE:format(name, place, peer.url, work))))
  end

  for _, name in ipairs(loop.names) do
    it("comes in the order of the requests, although it could not begin at first: " .. name, function()
      assert.equal("3\t{token} sessions auth\n", (child.run(ORDER:format(name, peer.url))))
    end)
  end

  for _, name in ipairs(loop.ways) do
    it("cannot wait for its own call: " .. name, function()
      assert.equal("1\ta call's own callback cannot wait for it\n", (child.run(ITSELF:format(name, peer.url))))
    end)

    for _, place in ipairs(PLACES) do
      it(("that does not wait is done when the call returns: %s, %s"):format(name, place), function() check(name, place, "none") end)
      for _, work in ipairs { "sleep", "call" } do
        local function body() check(name, place, work) end
        local what = work == "sleep" and "sleep" or "call with the same client"
        it(("A2: may %s: %s, %s"):format(what, name, place), body)
      end
    end
  end
end)
