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

  local works = {
    none = function() end,
    sleep = function() loop.sleep(name, 0.001) end,
    call = function(api) -- the loop's other coroutines run meanwhile
      local before = turns
      assert(assert(api.Payments.getSessionById(2)).id == 2)
      assert(turns > before or name == "blocking")
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

  for _, name in ipairs(loop.ways) do
    for _, place in ipairs(PLACES) do
      it(("that does not wait is done when the call returns: %s, %s"):format(name, place), function() check(name, place, "none") end)
      for _, work in ipairs { "sleep", "call" } do
        local function body() check(name, place, work) end
        local what = work == "sleep" and "sleep" or "call with the same client"
        it(("A2: may %s: %s, %s"):format(what, name, place), name == "blocking" and body or body)
      end
    end
  end
end)
