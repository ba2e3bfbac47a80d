-- A coroutine that waits for a call is woken as soon as the call can go on, also when another coroutine has brought it there.
local child = require "support.child"
local loop = require "support.driver.loop"
local server = require "support.server"

-- In a process of its own, which prints what happened, in its order.
local CODE = [[
  local loop, oneentry, socket = require "support.driver.loop", require "oneentry", require "socket"
  local name, url = %q, %q
  local order = {}

  local function note(what) order[#order + 1] = what end

  local function define(config)
    config.driver, config.timeout, config.maxRetries = loop.driver(name), 10, 0
    return oneentry.define(url, config)
  end

  -- Runs the first function, which waits for a call and drives those of the others, before these.
  local function run(first, ...)
    local all = { first }
    for i, f in ipairs { ... } do
      all[1 + i] = function()
        loop.sleep(name, 0.01)
        f()
      end
    end
    loop.run(name, (table.unpack or unpack)(all))
  end

  -- A call that takes 0.8 s.
  local function long(api)
    return function()
      assert(api.Payments.getSessionById(9))
      note "long"
    end
  end

  %s
  print(table.concat(order, ", "))
]]

local LOGIN = [[
  local api = define {}
  local user = api.session()
  run(long(api), function()
    assert(user.AuthProvider.auth("email", {}))
    note "login"
  end)
]]

local REFRESH = [[
  local api = define {}
  local user = api.session { accessToken = "access-0", refreshToken = "refresh-0" }
  local function expired()
    assert(assert(user.Payments.getSessionById(1)).token == "access-1")
    note "refreshed"
  end
  run(long(api), expired, expired)
]]

-- Two wait for one future, whose hook sleeps.
local SHARED = [[
  local future, told
  local api = define { hooks = { response = function()
    if told then return end
    told = true
    loop.sleep(name, 0.05)
  end } }
  local function await()
    future = future or api.async.Payments.getSessionById(1)
    assert(future:await())
    note "awaited"
  end
  run(long(api), await, await)
]]

-- A logout would be answered after 3 s.
local CANCELLED = [[
  local future
  local api = define {}
  run(long(api), function()
    future = api.async.AuthProvider.logout("email", "refresh-0")
    note(select(2, future:await()).code)
  end, function()
    loop.sleep(name, 0.05)
    future:cancel()
  end)
]]

-- The hook of the first, which drives the calls, goes on once the other one has its answer, or after 0.7 s.
local LEADER = [[
  local answered
  local api = define { hooks = { response = function()
    if answered ~= nil then return end
    answered = false
    for _ = 1, 70 do
      if answered then break end
      loop.sleep(name, 0.01)
    end
    note "told"
  end } }
  run(function()
    assert(api.Payments.getSessionById(1))
  end, function()
    assert(api.Payments.getSessionById(2))
    answered = true
    note "answered"
  end)
]]

-- Another coroutine looks at a future of its own without pause, and so reads the answer of the one that drives the calls.
local LOOKED = [[
  local api = define {}
  local other, answered = api.async.Payments.getSessionById(9), false
  run(function()
    assert(api.Payments.getSessionById(1))
    answered = true
    note "answered"
  end, function()
    while not other:done() do
      for _ = 1, 20 do
        socket.sleep(0.002)
        other:done()
      end
      loop.sleep(name, 0.001)
    end
    note(answered and "looked" or "nobody is woken")
  end, function()
    loop.sleep(name, 0.35)
    note "0.35 s"
  end)
]]

-- Another coroutine's call blocks the thread, and so reads the answer of the one that drives the calls.
local BLOCKED = [[
  local api = define {}
  run(function()
    assert(api.Payments.getSessionById(1))
    note "answered"
  end, function()
    assert(coroutine.wrap(function() return api.Payments.getSessionById(2) end)())
    note "blocked"
    loop.sleep(name, 0.1)
    note "0.1 s"
  end)
]]

describe("who waits for a call is woken", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function()
    local tokens = '{"accessToken":"access-1","refreshToken":"refresh-1"}'
    peer:script { fallback = { "echo", refuse = "access-0", but = {
      ["1"] = { seconds = 0.05 }, ["2"] = { seconds = 0.15 }, ["9"] = { seconds = 0.8 },
      auth = { seconds = 0.1, body = tokens }, refresh = { seconds = 0.1, body = tokens },
      logout = { seconds = 3, body = "true" },
    } } }
  end)

  for _, name in ipairs(loop.ways) do
    local function it_is(what, order, code)
      if name == "blocking" then return end
      it(("%s: %s"):format(what, name), function()
        assert.equal(order .. "\n", (child.run(CODE:format(name, peer.url, code))))
      end)
    end

    it_is("when its login is over", "login, long", LOGIN)
    it_is("when the refresh that several wait for is over", "refreshed, refreshed, long", REFRESH)
    it_is("when another one has told of its future", "awaited, awaited, long", SHARED)
    it_is("when its logout is cancelled", "cancelled, long", CANCELLED)
    it_is("when who drives the calls is called back", "answered, told", LEADER)
    it_is("when another one has looked without pause", "answered, 0.35 s, looked", LOOKED)
    it_is("when another one has blocked the thread", "blocked, answered, 0.1 s", BLOCKED)
  end
end)
