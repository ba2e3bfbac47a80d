-- Coroutines of an event loop (cqueues) that wait for the calls of one client: one of them drives for all.
local oneentry = require "oneentry"
local cqueues = require "cqueues"
local driver = require "oneentry.drivers.cqueues"
local child = require "support.child"
local descriptors = require "support.descriptors"
local server = require "support.server"
local socket = require "socket"

local unpack = table.unpack or unpack -- luacheck: ignore

describe("coroutines that wait together", function()
  local peer, api, broken, slept
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  -- The driver of cqueues, but its wait can fail; `ready`: it knows where it cannot be used. `slept`: a wait of a second or more has
  -- ended because its time was over: a follower looks that often whether there is a leader, and no spec may depend on it.
  local function define(timeout, ready)
    return oneentry.define(peer.url, {
      token = "t", timeout = timeout or 10, maxRetries = 0,
      driver = {
        name = "spec", ready = ready and driver.ready,
        wait = function(fd, seconds)
          if broken then error("the loop is broken", 0) end
          local readable = driver.wait(fd, seconds)
          slept = slept or (not readable and seconds >= 1)
          return readable
        end,
      },
    })
  end

  before_each(function()
    broken, slept = false, false
    peer:script { fallback = { "echo" } }
    api = define()
  end)
  after_each(function() api.close() end)

  local function get(id, of) return (of or api).Payments.getSessionById(id) end
  local function future_of(id, of) return (of or api).async.Payments.getSessionById(id) end

  -- Runs the functions as coroutines of one loop, in no order, until all have ended; the seconds that each took.
  local function run(...)
    local loop, times = cqueues.new(), {}
    for i, f in ipairs { ... } do
      loop:wrap(function()
        local before = socket.gettime()
        f()
        times[i] = socket.gettime() - before
      end)
    end
    assert(loop:loop())
    return times
  end

  local function echo(id, of)
    return function()
      local value, err = get(id, of)
      assert(value, tostring(err))
      assert(value.id == id)
    end
  end

  -- Begins as soon as another one leads.
  local function later(f)
    return function()
      cqueues.sleep(0.01)
      f()
    end
  end

  -- `seconds` for each of the ids
  local function slow(seconds)
    local but = {}
    for id, time in pairs(seconds) do but[tostring(id)] = { seconds = time } end
    peer:script { fallback = { "echo", but = but } }
  end

  it("get each its own answer", function()
    local calls = {}
    for i = 1, 100 do calls[i] = echo(i) end
    run(unpack(calls))
    assert.equal(100, #peer:requests())
  end)

  it("are not held up when the leader is done first", function()
    slow { [1] = 0.05, [2] = 0.1, [3] = 0.15, [4] = 0.2 }
    run(echo(1), later(echo(2)), later(echo(3)), later(echo(4)))
    assert.is_false(slept)
  end)

  it("are not held up when the leader is done last", function()
    slow { [1] = 1.5, [2] = 0.05, [3] = 0.1 }
    run(echo(1), later(echo(2)), later(echo(3)))
    assert.is_false(slept)
  end)

  it("are not held up when the leader is done together with others", function()
    slow { [1] = 0.02, [2] = 0.02, [3] = 0.02, [4] = 0.02, [5] = 0.02, [6] = 0.4 }
    run(echo(1), echo(2), echo(3), echo(6), echo(4), echo(5), function()
      cqueues.sleep(0.01)
      socket.sleep(0.3) -- not the loop's way: the answers pile up
    end)
    assert.is_false(slept)
  end)

  it("end each at its deadline, whoever leads", function()
    local short, calls = define(0.4), {}
    peer:script { fallback = { "echo", behaviour = "silence" } }
    for i = 1, 20 do
      calls[i] = function()
        cqueues.sleep(i * 0.01)
        local before = socket.gettime()
        local _, err = get(i, short)
        assert(err.code == "timeout")
        local time = socket.gettime() - before
        assert(time >= 0.39 and time < 0.65, time)
      end
    end
    run(unpack(calls))
  end)

  it("go on when the loop of the leader runs no more", function()
    slow { [2] = 0.2, [3] = 0.2 }
    local first, answers = cqueues.new(), {}
    first:wrap(function() get(1) end)
    peer:script { fallback = { "echo", but = { ["1"] = { behaviour = "silence" }, ["2"] = { seconds = 0.2 } } } }
    first:step(0)
    run(function() answers[2] = get(2) end, function() answers[3] = get(3) end)
    assert.same({ 2, 3 }, { answers[2].id, answers[3].id })
    assert.equal(1, first:count())
  end)

  it("keep their deadline when the loop of the leader runs no more", function()
    local short = define(0.5)
    peer:script { fallback = { "silence" } }
    local first = cqueues.new()
    first:wrap(function() get(1, short) end)
    first:step(0)
    local codes = {}
    local function call(i)
      return function() codes[i] = select(2, get(i, short)).code end
    end
    for _, time in ipairs(run(call(1), call(2), call(3))) do assert.is_true(time < 0.75, time) end
    assert.same({ "timeout", "timeout", "timeout" }, codes)
  end)

  it("go on when the leader is collected", function()
    slow { [2] = 0.3 }
    local value
    do
      local first = cqueues.new()
      first:wrap(function() get(1) end)
      peer:script { fallback = { "echo", but = { ["1"] = { behaviour = "silence" }, ["2"] = { seconds = 0.3 } } } }
      first:step(0)
    end
    run(function()
      collectgarbage()
      collectgarbage()
      value = get(2)
    end)
    assert.equal(2, value.id)
  end)

  it("go on when an error in the driver's wait has ended the leader, or has been caught by it", function()
    for _, catches in ipairs { true, false } do
      slow { [2] = 0.2, [3] = 0.3 }
      local loop, answers, problem = cqueues.new(), {}, nil
      local function fail()
        broken = true
        local ok, reason = pcall(get, 1)
        broken = false
        assert(not ok and reason == "the loop is broken")
        if not catches then error(reason, 0) end
        cqueues.sleep(6)
      end
      loop:wrap(fail)
      for i = 2, 3 do
        loop:wrap(function() answers[i] = get(i) end)
      end
      local before = socket.gettime()
      repeat
        local _, reason = loop:step(0.1)
        problem = problem or reason
      until (answers[2] and answers[3]) or socket.gettime() - before > 5
      assert.same({ 2, 3 }, { answers[2] and answers[2].id, answers[3] and answers[3].id })
      assert.equal(catches, problem == nil)
    end
  end)

  it("may be of two loops, which take turns", function()
    local loops, count = { cqueues.new(), cqueues.new() }, 0
    local seconds = {}
    for i = 1, 20 do seconds[i] = i % 5 * 0.05 end
    slow(seconds)
    for i = 1, 20 do
      loops[i % 2 + 1]:wrap(function()
        echo(i)()
        count = count + 1
      end)
    end
    local before = socket.gettime()
    while count < 20 do
      for _, loop in ipairs(loops) do assert(loop:step(0.01)) end
      assert.is_true(socket.gettime() - before < 8)
    end
  end)

  it("go on while calls block the thread", function()
    for _, ready in ipairs { true, false } do
      local own = define(10, ready)
      slow { [1] = 0.1, [2] = 0.2, [10] = 0.15, [11] = 0.15 }
      local loop, count = cqueues.new(), 0
      for i = 1, 3 do
        loop:wrap(function()
          echo(i, own)()
          count = count + 1
        end)
      end
      loop:step(0)
      echo(10, own)()
      loop:step(0)
      echo(11, own)()
      assert(loop:loop())
      assert.equal(3, count)
    end
  end)

  it("may wait for the same future", function()
    slow { [7] = 0.2 }
    local future, values = future_of(7), {}
    run(function() values[1] = future:await() end, function() values[2] = future:await() end,
      function() values[3] = oneentry.all { future }[1] end)
    assert.is_false(slept)
    assert.equal(7, values[1].id)
    assert.is_true(values[1] == values[2] and values[2] == values[3])
  end)

  it("hear at once of a future that another one cancels", function()
    peer:script { fallback = { "echo", behaviour = "silence", but = { ["3"] = { seconds = 0.3 } } } }
    local one, two = future_of(1), future_of(2)
    local codes = {}
    run(function() codes[1] = select(2, one:await()).code end, function() codes[2] = select(2, two:await()).code end,
      echo(3), function()
        cqueues.sleep(0.1)
        two:cancel()
        one:cancel()
      end)
    assert.same({ "cancelled", "cancelled" }, codes)
    assert.is_false(slept)
  end)

  it("hear at once of the end of the client", function()
    peer:script { fallback = { "silence" } }
    local codes, calls = {}, {}
    for i = 1, 5 do
      calls[i] = function() codes[i] = select(2, get(i)).code end
    end
    calls[6] = function()
      cqueues.sleep(0.1)
      api.close()
    end
    run(unpack(calls))
    assert.is_false(slept)
    assert.same({ "closed", "closed", "closed", "closed", "closed" }, codes)
  end)

  it("hear of what another one's done() has noticed", function()
    slow { [1] = 0.1, [2] = 0.2 }
    local one = future_of(1)
    run(echo(2), function() assert(one:await().id == 1) end, function()
      while not one:done() do cqueues.sleep(0.02) end
    end)
    assert.is_false(slept)
  end)

  it("wait for several clients in one oneentry.all", function()
    local other = define()
    slow { [1] = 0.2, [2] = 0.1, [3] = 0.3 }
    local values
    run(function() values = assert(oneentry.all { future_of(1), future_of(2, other), future_of(3, other) }) end, echo(4),
      echo(5, other))
    assert.same({ 1, 2, 3 }, { values[1].id, values[2].id, values[3].id })
  end)

  it("get their answers, or an err, where no descriptor is left", function()
    peer:script { fallback = { "echo", seconds = 0.05 } }
    for spare = 0, 12 do
      local output, ok = child.run(([[
        local cqueues = require "cqueues"
        local api = require "oneentry".define(%q, { timeout = 10, maxRetries = 1, driver = "cqueues" })
        local loop, good, bad = cqueues.new(), 0, 0
        loop:wrap(function() end)
        loop:step(0)
        local files = {}
        for i = 1, 64 do files[i] = io.open "/dev/null" end
        for i = 1, %d do files[i]:close() end
        for _, get in ipairs { api.Payments.getSessionById, api.Payments.getAccountById, api.Payments.getSessionByOrderId } do
          loop:wrap(function()
            local value, err = get(1)
            if value then good = good + 1 elseif err.code == "connect" and not err.sent then bad = bad + 1 end
          end)
        end
        assert(loop:loop())
        print(good + bad)
      ]]):format(peer.url, spare), "ulimit -n 64 &&")
      assert.same({ "3\n", true }, { output, ok }, spare)
    end
  end)

  it("leave no descriptor", function()
    local function open()
      for _ = 1, 10 do collectgarbage() end
      return descriptors()
    end
    local function round(n)
      local own, calls = define(), {}
      for i = 1, n do calls[i] = echo(i, own) end
      run(unpack(calls))
      local loop = cqueues.new() -- is dropped with coroutines that wait
      for i = 1, 3 do loop:wrap(function() get(i, own) end) end
      loop:step(0)
    end
    slow { [1] = 0.05, [2] = 0.05 }
    round(3)
    local before = open()
    for _ = 1, 5 do round(20) end
    assert.equal(before, open())
  end)
end)
