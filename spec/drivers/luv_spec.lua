-- The driver of luv, which no system has for Lua 5.5 yet.
if _VERSION == "Lua 5.5" and not pcall(require, "luv") then return end

local uv = require "luv"
local child = require "support.child"
local calls = require "support.driver.calls"
local contract = require "support.driver.contract"

local function resume(thread)
  assert(coroutine.resume(thread))
end

-- Runs f in a later round of the loop: 0 ms would be in this one.
local function soon(thread)
  local timer = uv.new_timer()
  timer:start(1, 0, function()
    timer:close()
    resume(thread)
  end)
end

local function spawn(f)
  soon(coroutine.create(f))
end

local function run(...)
  for _, f in ipairs { ... } do spawn(f) end
  uv.run()
end

local loop = {
  run = run,
  spawn = spawn,
  turn = function()
    soon(coroutine.running())
    coroutine.yield()
  end,
  -- luv itself ends the process.
  reports = function()
    local text, ok = child.run [[
      local uv = require "luv"
      local driver = require "oneentry.drivers.luv"
      coroutine.wrap(function()
        driver.wait(require "socket".udp4():getfd(), 0)
        error "thrown behind the wait"
      end)()
      uv.run()
      print "went on"
    ]]
    assert.is_false(ok)
    assert.not_matches("went on", text)
    return text
  end,
}

describe("the driver of luv", function()
  for _, case in ipairs(contract.cases("luv", loop)) do it(case.promise, case.check) end
  for _, case in ipairs(calls.cases("luv", loop)) do it(case.promise, case.check) end

  it("closes its handles, so that the loop ends", function()
    local left = {}
    local peer = require "socket".udp4()
    run(function() require "oneentry.drivers.luv".wait(peer:getfd(), 0) end)
    peer:close()
    uv.walk(function(handle) left[#left + 1] = tostring(handle) end)
    assert.same({}, left)
  end)

  it("is not the first to load luv in a coroutine, where luv would call back", function()
    assert.equal("false\tnil\ntrue\tfalse\n", (child.run [[
      coroutine.wrap(function()
        local driver = require "oneentry.drivers.luv"
        print(driver.ready(), package.loaded.luv)
      end)()
      local uv, wrap = require "luv", coroutine.wrap
      wrap(function()
        local driver = require "oneentry.drivers.luv"
        print(driver.ready(), driver.wait(require "socket".udp4():getfd(), 0))
      end)()
      uv.run()
    ]]))
  end)
end)
