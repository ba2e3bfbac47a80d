-- Callbacks that throw: the answer stays, and somebody hears of the error; inside nginx: drivers/openresty/callback_errors_nginx_spec.lua.
local child = require "support.child"
local loop = require "support.driver.loop"
local places = require "support.driver.places"
local server = require "support.server"

-- In a process of its own: what it writes to stderr counts.
local CODE = [[
  local oneentry, loop, places = require "oneentry", require "support.driver.loop", require "support.driver.places"
  local name, place, url = %q, %q, %q
  local thrown = {}
  local future, api, id

  local function get()
    print(places.told(api.Payments.getSessionById(id)))
  end

  local function await()
    future = api.async.Payments.getSessionById(id)
    print(places.told(future:await()))
  end

  local function define(f, config)
    config = config or {}
    config.driver = loop.driver(name)
    config.timeout = 5
    api, id = places.define(url, place, f, config)
  end

  %s
  api.close()
]]

local SELF = "a call's own callback cannot wait for it"

local plain_51 = _VERSION == "Lua 5.1" and not package.loaded.jit

describe("what a callback throws", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function() peer:script(places.script) end)

  -- The lines that a child prints, in the order of their text: stderr and stdout are one.
  local function lines(name, place, code)
    local list = {}
    for line in child.run(CODE:format(name, place, peer.url, code)):gmatch "[^\n]+" do list[#list + 1] = line end
    table.sort(list)
    return list
  end

  local function told(place) return place == "errors.customErrors" and "404" or "1" end

  for _, name in ipairs(loop.ways) do
    for _, place in ipairs(places.names) do
      local function it_does(what, body) it(("%s: %s, %s"):format(what, name, place), body) end

      it_does("is a line on stderr that names it", function()
        assert.same({ told(place), "oneentry: " .. place .. ": it went wrong" }, lines(name, place, [[
          define(function() error("it went wrong", 0) end)
          loop.run(name, get)]]))
      end)

      it_does("is a line on stderr when a future was awaited", function()
        assert.same({ told(place), "oneentry: " .. place .. ": it went wrong" }, lines(name, place, [[
          define(function() error("it went wrong", 0) end)
          loop.run(name, await)]]))
      end)

      it_does("goes to errors.callback instead, as it was thrown, with the name", function()
        assert.same({ told(place), "true " .. place }, lines(name, place, [[
          define(function() error(thrown) end, { errors = { callback = function(problem, where)
            print(tostring(rawequal(problem, thrown)) .. " " .. where)
          end } })
          loop.run(name, get)]]))
      end)

      it_does("is not silent when errors.callback throws", function()
        local all = lines(name, place, [[
          define(function() error("it went wrong", 0) end, { errors = { callback = function() error("this too", 0) end } })
          loop.run(name, get)]])
        assert.equal(told(place), table.remove(all, 1))
        local naming = 0
        for _, line in ipairs(all) do
          if line:find("errors.callback", 1, true) then naming = naming + 1 end
        end
        assert.equal(1, naming)
      end)

      if name ~= "blocking" then
        -- On Lua 5.1 luv's loop gets that error: it resumes the coroutine of the callback itself.
        if not (name == "luv" and plain_51) then it_does("after it has waited is a line, too", function()
          assert.same({ told(place), "oneentry: " .. place .. ": it went wrong" }, lines(name, place, [[
            define(function()
              loop.sleep(name, 0.001)
              error("it went wrong", 0)
            end)
            loop.run(name, get)]]))
        end) end

        it_does("errors.callback may wait", function()
          assert.same({ told(place), "waited for " .. place }, lines(name, place, [[
            define(function() error(thrown) end, { errors = { callback = function(_, where)
              loop.sleep(name, 0.001)
              print("waited for " .. where)
            end } })
            loop.run(name, get)]]))
        end)
      end
    end

    -- A request is told of before its future is there.
    for _, place in ipairs { "hooks.response", "auth.saveFunction", "errors.customErrors" } do
      it(("tells who awaits the very future that it is told of: %s, %s"):format(name, place), function()
        assert.same({ told(place), "oneentry: " .. place .. ": " .. SELF }, lines(name, place, [[
          define(function() future:await() end)
          loop.run(name, await)]]))
      end)

      it(("tells who awaits it among others: %s, %s"):format(name, place), function()
        assert.same({ told(place), "oneentry: " .. place .. ": " .. SELF }, lines(name, place, [[
          define(function() assert(oneentry.all { future }) end)
          loop.run(name, await)]]))
      end)
    end
  end

  describe("for yielding without a driver", function()
    for _, place in ipairs(places.names) do
      for where, run in pairs { ["in a coroutine"] = "coroutine.wrap(get)()", ["outside of one"] = "get()" } do
        it(("says what to do: %s, %s"):format(place, where), function()
          local all = lines("blocking", place, ([[
            define(function() coroutine.yield() end)
            %s]]):format(run))
          assert.equal(2, #all)
          assert.equal(told(place), all[1])
          assert.matches("^oneentry: " .. place:gsub("%.", "%%.") .. ": .*driver", all[2])
        end)

        it(("is told to errors.callback: %s, %s"):format(place, where), function()
          local all = lines("blocking", place, ([[
            define(function() coroutine.yield() end, { errors = { callback = function(problem, where)
              print("told of " .. where .. ": " .. tostring(problem))
            end } })
            %s]]):format(run))
          assert.equal(2, #all)
          assert.equal(told(place), all[1])
          assert.matches("^told of " .. place:gsub("%.", "%%.") .. ": .*driver", all[2])
        end)
      end
    end
  end)
end)
