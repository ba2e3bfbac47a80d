-- The driver of copas, on the Luas for which Debian has it and the drivers' specs run it.
if _VERSION ~= "Lua 5.1" then return end -- LuaJIT calls itself so, too

local copas = require "copas"
local socket = require "socket"
local child = require "support.child"
local calls = require "support.driver.calls"
local contract = require "support.driver.contract"
local server = require "support.server"

-- For processes of their own.
local LOOP = [[
  local copas = require "copas"
  local function run(f)
    local thread = coroutine.create(f)
    copas.addthread(thread)
    while coroutine.status(thread) ~= "dead" do copas.step(10) end
  end
]]

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
  setup(function() -- closes descriptors that earlier specs have dropped: select takes them up to 1023
    collectgarbage()
    collectgarbage()
  end)

  for _, case in ipairs(contract.cases("copas", loop)) do it(case.promise, case.check) end
  for _, case in ipairs(calls.cases("copas", loop)) do it(case.promise, case.check) end
end)

describe("the driver of copas", function()
  it("is not ready where select can take no more descriptors: a call blocks, and is not lost", function()
    local peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
    local text = child.run(LOOP .. ([[
      local driver, descriptors = require "oneentry.drivers.copas", require "support.descriptors"
      local api = require "oneentry".define(%q, { token = "t", driver = "copas" })
      local files = {}
      repeat files[#files + 1] = assert(io.open "/dev/null") until #files == 1100
      local function call() print(driver.ready(), #assert(api.Payments.getAccounts())) end
      collectgarbage "stop"
      run(call)
      local open = descriptors()
      for _ = 1, 50 do driver.ready() end
      assert(descriptors() == open)
      for i = 1, #files do files[i]:close() end
      run(call)
    ]]):format(peer.url), "ulimit -n 2048 &&")
    assert.equal("false\t0\ntrue\t0\n", text)
    assert.equal(2, #peer:requests())
    peer:stop()
  end)

  it("does not use in a child of fork what its parent waits for", function()
    local text = child.run(LOOP .. [[
      local process, socket, descriptors = require "specfork", require "socket", require "support.descriptors"
      local driver = require "oneentry.drivers.copas"
      local peer = assert(socket.udp4())
      assert(peer:setsockname("127.0.0.1", 0))
      assert(peer:setpeername(peer:getsockname()))
      io.stdout:setvbuf "no"
      run(function()
        print("before", driver.wait(peer:getfd(), 0))
        local pid = process.fork()
        if pid == 0 then
          collectgarbage "stop"
          local before = descriptors()
          assert(driver.ready())
          assert(descriptors() == before + 2) -- an alarm of its own
          print("child", driver.wait(peer:getfd(), 0))
          process.exit(0)
        end
        assert(process.wait(pid) == 0)
        assert(peer:send "x")
        print("parent", driver.wait(peer:getfd(), 30))
      end)
    ]])
    assert.equal("before\tfalse\nchild\tfalse\nparent\ttrue\n", text)
  end)
end)
