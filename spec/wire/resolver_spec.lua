-- A resolver that answers after 4 seconds holds nobody up: not the call, not its neighbours, not the end of the program.
local child = require "support.child"
local resolver = require "support.preload.resolver"
local server = require "support.server"
local socket = require "socket"

describe("with a resolver that answers after 4 s and a deadline of 0.5 s,", function()
  local peer
  setup(function()
    peer = server.start()
    peer:script { fallback = { "echo" } }
  end)
  teardown(function() peer:stop() end)

  -- Runs the code in a process with `slow`, a client of the slow host; returns how long the process took from the end of the code
  -- to its own: three seconds and more, did it wait for the resolver.
  local function run(code)
    local output, ok = child.run(([[
      local oneentry, socket = require "oneentry", require "socket"
      local function define(url, driver)
        return oneentry.define(url, { token = "t", timeout = 0.5, maxRetries = 0, driver = driver })
      end
      local slow_url, fast_url = "http://host.slow:%d", %q
      slow = define(slow_url)
      local function expect_timeout(value, err)
        assert(value == nil and err.code == "timeout" and err.sent == false, tostring(err))
      end
      local function within(from, to, f, ...)
        local before = socket.gettime()
        local value = f(...)
        local time = socket.gettime() - before
        assert(time >= from and time < to, ("took %%.3f s"):format(time))
        return value
      end
      %s
      print(("%%.6f"):format(socket.gettime()))
    ]]):format(peer.port, peer.url, code), resolver)
    local ended = socket.gettime()
    assert.is_true(ok, output)
    return ended - assert(tonumber(output:match("(%S+)\n$")), output)
  end

  it("a call ends in time, and so does the program after it", function()
    local time = run [[
      within(0.49, 0.75, function() expect_timeout(slow.Payments.getSessionById(1)) end)
      within(0.49, 0.75, function() expect_timeout(slow.Users.addFCMToken("x")) end)
    ]]
    assert.is_true(time < 0.75, time)
  end)

  it("the host is looked up so slowly in truth", function()
    assert.is_true(run [[
      local patient = oneentry.define(slow_url, { timeout = 10, maxRetries = 0 })
      within(3.9, 9.9, function() assert(select(2, patient.Payments.getSessionById(7)).code == "dns") end)
    ]] < 0.75)
  end)

  it("futures end in time, beside others that are answered", function()
    local time = run [[
      local fast = define(fast_url)
      local futures = {}
      for i = 1, 8 do futures[i] = slow.async.Payments.getSessionById(i) end
      for i = 9, 16 do futures[i] = fast.async.Payments.getSessionById(i) end
      within(0.3, 0.75, function()
        local values, errors = oneentry.all(futures, "settled")
        for i = 1, 8 do expect_timeout(values[i], errors[i]) end
        for i = 9, 16 do assert(values[i].id == i) end
      end)
    ]]
    assert.is_true(time < 0.75, time)
  end)

  it("coroutines end in time, and their loop goes on", function()
    local time = run [[
      local cqueues = require "cqueues"
      local own, loop, turns, busy = define(slow_url, "cqueues"), cqueues.new(), 0, 5
      for i = 1, 5 do
        loop:wrap(function()
          within(0.49, 0.75, function() expect_timeout(own.Payments.getSessionById(i)) end)
          busy = busy - 1
        end)
      end
      loop:wrap(function()
        while busy == 5 do
          cqueues.sleep(0.01)
          turns = turns + 1
        end
      end)
      assert(loop:loop())
      assert(turns > 2, turns) -- none, were the loop held up
    ]]
    assert.is_true(time < 0.75, time)
  end)

  it("nothing waits for what is cancelled, closed, collected, or left in flight", function()
    for _, ending in ipairs {
      "future:cancel()", "slow.close()", "future, slow = nil, nil collectgarbage() collectgarbage()", "kept = future", "os.exit(0, true)",
    } do
      local code = ([[
        local future = slow.async.Payments.getSessionById(1)
        assert(not future:done())
        within(0, 0.25, function()
          %s
        end)
      ]]):format(ending)
      if ending:find "exit" then code = code:gsub("os.exit", 'print(("%%.6f"):format(socket.gettime())) os.exit') end
      local time = run(code)
      assert.is_true(time < 0.75, ("%s: %.3f s"):format(ending, time))
    end
  end)
end)
