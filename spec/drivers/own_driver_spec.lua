-- Anybody's event loop: a driver is a table with one function, wait(fd, seconds).
local oneentry = require "oneentry"
local own_loop = require "support.driver.own_loop"
local server = require "support.server"
local socket = require "socket"

local CALLS, DELAY = 64, 0.5

local run, selectable = own_loop.run, own_loop.selectable

describe("a driver of one's own", function()
  local peer
  setup(function()
    collectgarbage() -- closes descriptors that earlier specs have dropped: select takes them up to 1023
    collectgarbage()
    peer = server.start()
  end)
  teardown(function() peer:stop() end)

  local function answers_each()
    local steps = {}
    for i = 1, CALLS do steps[i] = { "delay", seconds = DELAY, body = ('{"id":%d,"orderId":116,"status":"waiting"}'):format(i) } end
    peer:script(steps)
  end

  local function check_each(sessions)
    local ids = {}
    for i = 1, CALLS do ids[i] = sessions[i].id end
    table.sort(ids)
    for i = 1, CALLS do assert.equal(i, ids[i]) end
    assert.equal(CALLS, #peer:requests())
  end

  local function client(driver)
    return oneentry.define(peer.url, { driver = driver, maxRetries = 0 })
  end

  it("keeps nothing of what a call has returned", function()
    local api = client(own_loop.driver)
    peer:script { fallback = { "answer", body = '{"id":1,"list":[1]}' } }
    local held = setmetatable({}, { __mode = "k" }) -- a weak key stays while a finalizer still has it
    local function call() held[assert(api.Payments.getSessionById(1))] = true end
    run { function()
      call()
      assert.is_table((next(held)))
      collectgarbage()
      assert.is_nil((next(held)))
    end }
    api.close()
  end)

  it("that blocks waits for 64 futures at once", function()
    local waits = 0
    local api = client {
      wait = function(fd, seconds)
        waits = waits + 1
        assert(fd >= 0 and seconds >= 0 and seconds < math.huge)
        return #socket.select({ selectable(fd) }, nil, seconds) == 1
      end,
    }
    answers_each()
    local futures, before = {}, socket.gettime()
    for i = 1, CALLS do futures[i] = api.async.Payments.getSessionById(i) end
    check_each(assert(oneentry.all(futures)))
    assert.is_true(socket.gettime() - before < DELAY * CALLS / 2)
    assert.is_true(waits > 0)
  end)

  it("that yields to a loop has 64 coroutines wait at once, and others run", function()
    local api = client(own_loop.driver)
    local sessions, functions, left, turns = {}, {}, CALLS, 0
    for i = 1, CALLS do
      functions[i] = function()
        sessions[i] = assert(api.Payments.getSessionById(i))
        left = left - 1
      end
    end
    functions[CALLS + 1] = function()
      while left > 0 do
        turns = turns + 1
        own_loop.sleep(0.02)
      end
    end
    answers_each()
    local before = socket.gettime()
    run(functions)
    check_each(sessions)
    assert.is_true(socket.gettime() - before < DELAY * CALLS / 2)
    assert.is_true(turns >= 5)
  end)

  it("may wake up early, with either answer", function()
    for _, answer in ipairs { true, false } do
      local waits = 0
      local api = client {
        wait = function(fd, seconds)
          waits = waits + 1
          if waits < 20 then return answer end
          return #socket.select({ selectable(fd) }, nil, seconds) == 1
        end,
      }
      peer:script { { "delay", seconds = 0.1, body = "[]" } }
      assert.same({}, (assert(api.Payments.getSessionByOrderId(1))))
    end
  end)

  it("that is not ready is left alone: the call blocks", function()
    local api = client {
      ready = function() return false end,
      wait = function() error "not ready" end,
    }
    peer:script { { "delay", seconds = 0.05, body = "[]" } }
    assert.same({}, (assert(api.Payments.getSessionByOrderId(1))))
  end)

  it("that raises has the caller know, and the next call works", function()
    local broken = true
    local api = client {
      wait = function(fd, seconds)
        if broken then error("the loop is closed", 0) end
        return #socket.select({ selectable(fd) }, nil, seconds) == 1
      end,
    }
    peer:script { { "answer", body = "[]" }, { "answer", body = "[]" } }
    assert.has_error(function() api.Payments.getSessionByOrderId(1) end, "the loop is closed")
    broken = false
    assert.same({}, (assert(api.Payments.getSessionByOrderId(2))))
  end)

  if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") then -- below pcall nothing yields on PUC 5.1
    it("that raises in one coroutine has the others go on", function()
      local victim, session, problem
      local api = client {
        wait = function(fd, seconds)
          local readable = coroutine.yield(selectable(fd), seconds)
          if coroutine.running() == victim then error("no more", 0) end
          return readable
        end,
      }
      peer:script { fallback = { "delay", seconds = 0.1, body = '{"id":65,"orderId":116,"status":"waiting"}' } }
      run {
        function()
          victim = coroutine.running()
          problem = select(2, pcall(api.Payments.getSessionById, 1))
          while not session do own_loop.sleep(0.02) end
        end,
        function() session = assert(api.Payments.getSessionById(2)) end,
      }
      assert.equal("no more", problem)
      assert.equal(65, session.id)
    end)
  end

  it("is a table with wait, or a name", function()
    for _, driver in ipairs { {}, { wait = 5 }, 5, true, "", "cqueue" } do
      local ok, message = pcall(oneentry.define, peer.url, { driver = driver })
      assert.is_false(ok)
      assert.matches("bad argument #2 to 'define' (config.driver: ", message, 1, true)
      assert.matches("expected", message, 1, true)
    end
  end)
end)
