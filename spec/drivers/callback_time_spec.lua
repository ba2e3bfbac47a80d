-- Callbacks that take their time: nobody but their own call waits for them, and futures hold nobody up; inside nginx:
-- drivers/openresty/callback_time_nginx_spec.lua.
local child = require "support.child"
local loop = require "support.driver.loop"
local places = require "support.driver.places"
local server = require "support.server"

-- In a process of its own: a callback that never returns is left by its end.
local CODE = [[
  local loop, places = require "support.driver.loop", require "support.driver.places"
  local gettime = require "socket".gettime
  local name, place, url = %q, %q, %q
  local api, id, guest

  local function define(f, config)
    config = config or {}
    config.driver = loop.driver(name)
    api, id = places.define(url, place, f, config)
    guest = api.session()
  end

  -- Other calls of the client are made meanwhile, and bring it forward; they refresh nothing.
  local function until_true(condition)
    local limit = gettime() + 2
    while not condition() and gettime() < limit do
      assert(guest.Payments.getSessionById(2))
      loop.sleep(name, 0.001)
    end
  end

  local function finish(...)
    print(...)
    io.stdout:flush()
    os.exit(0)
  end

  %s
]]

-- One callback waits for ever: none of 20 other calls does.
local NEVER = [[
  local inside, returned, left = 0, false, 20

  define(function()
    inside = inside + 1
    if inside == 1 then loop.sleep(name) end
  end)

  local function first()
    api.Payments.getSessionById(id)
    returned = true
  end

  local function other()
    for _ = 1, 2000 do
      if inside > 0 then break end
      loop.sleep(name, 0.001)
    end
    assert(assert(api.Payments.getSessionById(100 + left)).token == (place == "auth.saveFunction" and "access-1" or ""))
    left = left - 1
    if left == 0 then
      assert(api.Payments.getSessionById(places.later))
      finish(returned and "the first has returned" or "the first waits", inside > 0)
    end
  end

  local all = { first }
  for i = 1, 20 do all[1 + i] = other end
  loop.run(name, (table.unpack or unpack)(all))
]]

-- The hook that is told of a refresh waits for ever: those who come to wait for it, too, have it sent.
local NEVER_SENT = [[
  local inside, left = 0, 20

  define(function(event)
    if not event.path:find "/refresh$" then return end
    inside = inside + 1
    loop.sleep(name)
  end, { auth = { accessToken = "access-0", refreshToken = "refresh-0" } })

  local function other()
    while inside == 0 do loop.sleep(name, 0.001) end
    assert(assert(api.Payments.getSessionById(100 + left)).token == "access-1")
    left = left - 1
    if left == 0 then finish(inside) end
  end

  local all = { function() api.Payments.getSessionById(id) end }
  for i = 1, 20 do all[1 + i] = other end
  loop.run(name, (table.unpack or unpack)(all))
]]

-- Nobody awaits the future, and its callback waits for ever, in a coroutine of its own.
local NEVER_UNAWAITED = [[
  local inside = 0
  define(function(what)
    if type(what) == "table" and what.method == "GET" then return end
    inside = inside + 1
    loop.sleep(name)
  end)
  loop.run(name, function()
    local future = api.async.Users.addFCMToken(tostring(id))
    until_true(function() return inside > 0 end)
    assert(guest.Payments.getSessionById(2))
    finish(inside, future ~= nil)
  end)
]]

-- The coroutine is dropped while it is in a hook, and its call has a token to be saved.
local DROPPED = [[
  local inside, saved = false, {}
  define(function(event)
    if not event.path:find "/refresh$" then return end
    inside = true
    coroutine.yield()
  end, { auth = { accessToken = "access-0", refreshToken = "refresh-0", saveFunction = function(token) saved[#saved + 1] = token end } })
  local function drop(wait)
    local thread = coroutine.create(wait)
    local ok, waiter, seconds = coroutine.resume(thread)
    while ok and not inside do
      local readable = require "socket".select({ waiter }, nil, seconds)
      ok, waiter, seconds = coroutine.resume(thread, readable[1] ~= nil)
    end
    assert(ok, waiter)
  end
  %s
  local before = #saved
  loop.run(name, function() assert(guest.Payments.getSessionById(2)) end)
  finish(before, table.concat(saved, " "))
]]

-- A call at each place, each of a client of its own; the callback sleeps longer than the call may take.
local SLOW = [[
  local lines, functions = {}, {}
  for i, where in ipairs(places.names) do
    functions[i] = function()
      local done = 0
      local own, number = places.define(url, where, function()
        loop.sleep(name, 0.8)
        done = done + 1
      end, { timeout = 0.5, driver = loop.driver(name) })
      local value, err = own.Payments.getSessionById(number)
      lines[i] = ("%s: %s, done %d"):format(where, places.told(value, err) or err.code, done)
    end
  end
  loop.run(name, (table.unpack or unpack)(functions))
  finish(table.concat(lines, "\n"))
]]

-- The callback of a refresh sleeps longer than the refresh may take.
local SLOW_REFRESH = [[
  local done = 0
  local own = places.define(url, "auth.saveFunction", function() end, {
    timeout = 0.5, driver = loop.driver(name), hooks = { request = function(event)
      if not event.path:find "refresh" then return end
      loop.sleep(name, 0.8)
      done = done + 1
    end },
  })
  loop.run(name, function()
    local value, err = own.Payments.getSessionById(1)
    finish(value and value.token or tostring(err), done)
  end)
]]

-- The call whose callback is told of the refresh is cancelled, before that is sent; the next call wants it when its time
-- would be over.
local LEFT_REFRESH = [[
  local told = false
  local own = places.define(url, "auth.saveFunction", function() end, {
    timeout = 0.5, driver = loop.driver(name), hooks = { request = function(event)
      if told or not event.path:find "refresh" then return end
      told = true
      loop.sleep(name, 1)
    end },
  })
  local future
  loop.run(name, function()
    future = own.async.Payments.getSessionById(1)
    future:await()
  end, function()
    while not told do loop.sleep(name, 0.001) end
    future:cancel()
    loop.sleep(name, 0.6)
    local value, err = own.Payments.getSessionById(1)
    finish(value and value.token or tostring(err))
  end)
]]

-- Nobody awaits the future: the next calls of the client bring it forward. Its method tells it from theirs.
local UNAWAITED = [[
  local told = 0
  define(function(what)
    if type(what) == "table" and what.method == "GET" then return end
    loop.sleep(name, 0.001)
    told = told + 1
  end)
  loop.run(name, function()
    local future = api.async.Users.addFCMToken(tostring(id))
    until_true(function() return future:done() and told > 0 end)
    finish(told, future:done())
  end)
]]

-- The callback goes on when async and done have returned.
local AT_ONCE = [[
  local begun, ended, released = 0, 0, false
  define(function(what)
    if type(what) == "table" and what.method == "GET" then return end
    begun = begun + 1
    while not released do loop.sleep(name, 0.001) end
    ended = ended + 1
  end)
  loop.run(name, function()
    local future = api.async.Users.addFCMToken(tostring(id))
    until_true(function()
      future:done()
      return begun > 0
    end)
    local before = begun .. " " .. ended
    released = true
    local value, err = future:await()
    until_true(function() return ended == begun end) -- in a coroutine of its own
    finish(before, begun .. " " .. ended, value ~= nil or err.statusCode)
  end)
]]

-- A future's callback is done when its await returns.
local BY_AWAIT = [[
  local begun, ended = 0, 0
  define(function()
    begun = begun + 1
    loop.sleep(name, 0.01)
    ended = ended + 1
  end)
  loop.run(name, function()
    local value, err = api.async.Users.addFCMToken(tostring(id)):await()
    finish(begun, ended, value ~= nil or err.statusCode)
  end)
]]

-- Without coroutines it is called where its reason is seen, by async or done.
local BLOCKING = [[
  local told = 0
  define(function() told = told + 1 end)
  local future = api.async.Users.addFCMToken(tostring(id))
  local at_once = told
  local limit = gettime() + 2
  while not future:done() and gettime() < limit do loop.sleep(name, 0.001) end
  finish(at_once, told)
]]

describe("a callback", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function() peer:script(places.script) end)

  local function run(name, place, code)
    return (child.run(CODE:format(name, place, peer.url, code)))
  end

  local function outcome(place) return place == "errors.customErrors" and "404" or "true" end

  for _, name in ipairs(loop.ways) do
    for _, place in ipairs(places.names) do
      local function it_does(what, body) it(("%s: %s, %s"):format(what, name, place), body) end

      if name ~= "blocking" then
        it_does("A2: that never returns holds up no other call", function()
          assert.equal("the first waits\ttrue\n", run(name, place, NEVER))
        end)

        it_does("A2: of a future may sleep while that is awaited", function()
          assert.equal(("1\t1\t%s\n"):format(outcome(place)), run(name, place, BY_AWAIT))
        end)

        if place ~= "errors.customErrors" then
          it_does("A2: of a future that nobody awaits is called, and may sleep", function()
            assert.equal("1\ttrue\n", run(name, place, UNAWAITED))
          end)
        end
      end
    end

    if name ~= "blocking" then
      it("A2: that never returns holds up no other call when it is told of a refresh: " .. name, function()
        assert.equal("1\n", run(name, "hooks.request", NEVER_SENT))
      end)
    end

    it("takes its time, not that of the call: " .. name, function()
      local lines = {}
      for i, place in ipairs(places.names) do
        lines[i] = ("%s: %s, done 1\n"):format(place, place == "errors.customErrors" and "404" or "1")
      end
      assert.equal(table.concat(lines), run(name, "hooks.request", SLOW))
    end)
  end

  for _, name in ipairs(loop.ways) do
    it("about a refresh takes its time, not that of the refresh: " .. name, function()
      assert.equal("access-1\t1\n", run(name, "hooks.request", SLOW_REFRESH))
    end)

    if name ~= "blocking" then
      it("about a refresh whose call is cancelled leaves that its time for the next: " .. name, function()
        assert.equal("access-1\n", run(name, "hooks.request", LEFT_REFRESH))
      end)
    end
  end

  for _, name in ipairs(loop.names) do
    for _, place in ipairs { "hooks.request", "hooks.response", "auth.saveFunction" } do
      it(("A2: that waits has async and done return at once: %s, %s"):format(name, place), function()
        assert.equal("1 0\t1 1\ttrue\n", run(name, place, AT_ONCE))
      end)
    end

    for _, place in ipairs { "hooks.response", "auth.saveFunction" } do
      it(("A2: of a future that nobody awaits holds up nobody when it never returns: %s, %s"):format(name, place), function()
        assert.equal("1\ttrue\n", run(name, place, NEVER_UNAWAITED))
      end)
    end
  end

  local function check_dropped()
    assert.equal("0\trefresh-1\n", run("own", "hooks.response", DROPPED:format [[
      drop(function() api.Payments.getSessionById(id) end)
      collectgarbage()
      collectgarbage()
    ]]))
  end
  it("of a coroutine that is gone is called in another one", check_dropped)

  it("of a coroutine that is gone is called in another one when its future is cancelled", function()
    assert.equal("0\trefresh-1\n", run("own", "hooks.response", DROPPED:format [[
      local future = api.async.Payments.getSessionById(id)
      drop(function() future:await() end)
      future:cancel()
    ]]))
  end)

  it("of a future that nobody awaits is called where its reason is seen: blocking", function()
    assert.equal("1\t1\n", run("blocking", "hooks.request", BLOCKING))
    assert.equal("0\t1\n", run("blocking", "hooks.response", BLOCKING))
    assert.equal("0\t1\n", run("blocking", "auth.saveFunction", BLOCKING))
  end)
end)
