-- The driver of copas, on the Luas for which Debian has it and the drivers' specs run it.
if _VERSION ~= "Lua 5.1" then return end -- LuaJIT calls itself so, too

local copas = require "copas"
local socket = require "socket"
local child = require "support.child"
local calls = require "support.driver_calls"
local contract = require "support.driver_contract"

local function run(...)
  local threads, problem = {}, nil
  for i, f in ipairs { ... } do
    threads[i] = coroutine.create(function()
      copas.setErrorHandler(function(message) problem = message end)
      f()
    end)
  end
  for _, thread in ipairs(threads) do copas.addthread(thread) end
  for _, thread in ipairs(threads) do
    while coroutine.status(thread) ~= "dead" do copas.step() end
  end
  if problem then error(problem, 0) end
end

-- Always ready, but asked twice.
local function turn()
  local peer, asked = assert(socket.udp4()), false
  copas.receive {
    getfd = function() return peer:getfd() end,
    dirty = function() return true end,
    receive = function()
      asked = not asked
      return not asked, "timeout"
    end,
    close = function() end,
  }
  peer:close()
end

local loop = {
  run = run,
  spawn = function(f) copas.addthread(f) end,
  turn = turn,
  reports = function(f) return select(2, pcall(run, f)) end,
}

describe("the driver of copas", function()
  setup(function() -- what earlier specs have dropped: select takes descriptors up to 1023
    collectgarbage()
    collectgarbage()
  end)

  for _, case in ipairs(contract.cases("copas", loop)) do it(case.promise, case.check) end
  for _, case in ipairs(calls.cases("copas", loop)) do it(case.promise, case.check) end
end)

describe("the driver of copas", function()
  it("refuses a descriptor that select cannot take, and the loop goes on", function()
    local text = child.run([[
      local copas, socket = require "copas", require "socket"
      local driver = require "oneentry.drivers.copas"
      local files = {}
      repeat files[#files + 1] = assert(io.open "/dev/null") until #files == 1100
      copas.addthread(function() print(pcall(driver.wait, 0, 1)) end)
      for i = 1, #files do files[i]:close() end
      copas.addthread(function() print(driver.wait(0, 0)) end)
      for _ = 1, 3 do copas.step(0) end
    ]], "ulimit -n 2048 &&")
    assert.matches("^false\tcopas cannot wait for descriptor %d+: its limit is 1024\n", text)
  end)
end)
