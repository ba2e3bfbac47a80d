-- Specs that hold for every driver.
--
--   for _, case in ipairs(contract.cases(name, loop)) do it(case.promise, case.check) end
--
-- loop.run(f, ...): runs the functions, each in a coroutine of the loop, until all have ended; raises their errors.
-- loop.spawn(f): starts one more from inside. loop.turn(): lets the loop's other coroutines run.
-- loop.reports(f): runs f so; returns the loop's report of its error.
-- An error inside may end the process (luv): the specs look at results outside.
local descriptors = require "support.descriptors"
local assert = require "luassert"
local socket = require "socket"

local unpack = table.unpack or unpack

local contract = {}

-- A datagram socket that sends to itself: readable from ring() to hush().
local function new_bell()
  local peer = assert(socket.udp4())
  assert(peer:setsockname("127.0.0.1", 0))
  assert(peer:setpeername(peer:getsockname()))
  peer:settimeout(0)
  local bell = { fd = peer:getfd() }
  function bell.ring() assert(peer:send "x") end
  function bell.hush() assert(peer:receive()) end
  function bell.close() peer:close() end
  return bell
end

function contract.cases(name, loop)
  local driver = require("oneentry.drivers." .. name)
  local cases, bells = {}, {}

  local function bell()
    bells[#bells + 1] = new_bell()
    return bells[#bells]
  end

  local function case(promise, check)
    cases[#cases + 1] = { promise = promise, check = function()
      check()
      for _, one in ipairs(bells) do one.close() end
      bells = {}
    end }
  end

  case("has its name", function()
    assert.equal(name, driver.name)
  end)

  case("is ready in a coroutine of the loop, and nowhere else", function()
    local inside
    assert.is_false(driver.ready())
    loop.run(function() inside = driver.ready() end)
    assert.is_true(inside)
    assert.is_false(driver.ready())
  end)

  if coroutine.isyieldable then
    case("is not ready below a C function, where nothing can yield", function()
      local inside
      loop.run(function()
        string.gsub("x", "x", function() inside = driver.ready() end)
      end)
      assert.is_false(inside)
    end)
  end

  case("sees at once what is readable", function()
    local one, results = bell(), {}
    one.ring()
    loop.run(function()
      for i, seconds in ipairs { 0, 0.0001, 30 } do results[i] = driver.wait(one.fd, seconds) end
    end)
    assert.same({ true, true, true }, results)
  end)

  case("wakes up when it becomes readable", function()
    local one, order = bell(), {}
    loop.run(function()
      order[1] = "waits"
      loop.spawn(function()
        for _ = 1, 5 do loop.turn() end
        order[2] = "rings"
        one.ring()
      end)
      order[3] = driver.wait(one.fd, 30)
    end)
    assert.same({ "waits", "rings", true }, order)
  end)

  case("is late after so many seconds, not before", function()
    local one, results = bell(), {}
    loop.run(function()
      for i, seconds in ipairs { 0, 0.001, 0.0505, 0.2 } do
        socket.sleep(0.02) -- the loop's own idea of now grows old
        local before = socket.gettime()
        results[i] = { driver.wait(one.fd, seconds), socket.gettime() - before, seconds }
      end
    end)
    assert.equal(4, #results)
    for _, result in ipairs(results) do
      assert.is_false(result[1])
      assert.is_true(result[2] >= result[3] - 0.0005 and result[2] < result[3] + 10, result[2])
    end
  end)

  case("does not hold up the loop", function()
    local one, turns = bell(), 0
    loop.run(function()
      loop.spawn(function()
        for _ = 1, 10 do
          loop.turn()
          turns = turns + 1
        end
        one.ring()
      end)
      driver.wait(one.fd, 30)
      turns = -turns
    end)
    assert.equal(-10, turns)
  end)

  case("lets others run also when it has nothing to wait for", function()
    local one, turns, ended = bell(), 0, false
    one.ring()
    loop.run(function()
      loop.spawn(function()
        while not ended do
          loop.turn()
          turns = turns + 1
        end
      end)
      local tries = 0
      while turns < 5 and tries < 1000000 do
        driver.wait(one.fd, 0)
        tries = tries + 1
      end
      ended = true
    end)
    assert.is_true(turns >= 5)
  end)

  case("wakes each of many with its own descriptor only", function()
    local all, woken, functions = {}, {}, {}
    for i = 1, 64 do
      all[i] = bell()
      functions[i] = function()
        local readable = driver.wait(all[i].fd, 30)
        woken[#woken + 1] = readable and i
        if i > 1 then all[i - 1].ring() end
      end
    end
    functions[65] = all[64].ring
    loop.run(unpack(functions))
    assert.equal(64, #woken)
    for i = 1, 64 do assert.equal(65 - i, woken[i]) end
  end)

  case("waits again and again for one descriptor, and leaves none behind", function()
    local one, right = bell(), 0
    local function rounds()
      for _ = 1, 200 do
        local before = driver.wait(one.fd, 0)
        one.ring()
        local after = driver.wait(one.fd, 30)
        one.hush()
        if after and not before then right = right + 1 end
      end
    end
    loop.run(rounds)
    local before = descriptors()
    loop.run(rounds)
    assert.equal(400, right)
    assert.is_true(descriptors() < before + 20) -- 200 and more would be, that of a loop or two may
  end)

  case("sees that a number belongs to another descriptor now", function()
    local numbers, results = {}, {}
    for _ = 1, 2 do collectgarbage() end -- earlier loops would give back lower numbers meanwhile
    loop.run(function()
      for i = 1, 4 do
        local one = new_bell()
        numbers[i] = one.fd
        if i % 2 == 1 then one.ring() end
        results[i] = driver.wait(one.fd, 0.01)
        if i == 2 then one.ring() end
        if i == 2 then results[i] = driver.wait(one.fd, 30) end
        one.close()
      end
    end)
    assert.same({ true, true, true, false }, results)
    for i = 2, 4 do assert.equal(numbers[1], numbers[i]) end
  end)

  case("lets errors behind it reach the loop", function()
    local one = bell()
    local report = loop.reports(function()
      driver.wait(one.fd, 0)
      error "thrown behind the wait"
    end)
    assert.matches("thrown behind the wait", report, 1, true)
  end)

  return cases
end

return contract
