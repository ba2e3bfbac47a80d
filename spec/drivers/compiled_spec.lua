-- Compiled code of LuaJIT holds the functions that it calls for ever. No client and no session may live on by that.
local child = require "support.child"
local server = require "support.server"

-- Each loop is hot: the compiler takes it. A callback of their own tells whether a client and a session live.
local LOOPS = [[
  local oneentry, descriptors = require "oneentry", require "support.descriptors"
  local socket = require "socket"
  local URL = %q
  local held = setmetatable({}, { __mode = "k" })
  local callbacks = {} -- made before a loop runs: the compiler takes no loop that makes functions

  local function callback()
    local unique = {}
    local function called() return unique end
    held[called] = true
    return called
  end

  local function left()
    collectgarbage()
    collectgarbage()
    local n = 0
    for _ in pairs(held) do n = n + 1 end
    return n
  end

  local function client(i, driver)
    return oneentry.define(URL, { token = "t", driver = driver, hooks = { response = callbacks[i] } })
  end

  local function selectable(fd)
    return { getfd = function() return fd end, dirty = function() return false end }
  end
  local own = { wait = function(fd, seconds) return #socket.select({ selectable(fd) }, nil, seconds) == 1 end }

  local long = ("token"):rep(200)
  local function session(of, i)
    local saved = of.session {
      accessToken = long .. i, refreshToken = "r" .. i, providerMarker = "email", saveFunction = callbacks[i],
      device = { fingerprint = "f", os = "o", browser = "b", location = "l" },
    }
    held[saved] = true
    return saved
  end

  local function round(from, f)
    for i = from, from + 99 do callbacks[i] = callback() end
    f(from, from + 99)
    callbacks = {}
    collectgarbage()
  end

  -- Runs n rounds of f, which drop everything; returns how many things, descriptors and MB there are more afterwards.
  local function measure(name, n, f)
    local before = left()
    round(1, f)
    local open, size = descriptors(), collectgarbage "count"
    for i = 1, n, 100 do round(i, f) end
    local more = left() - before
    size = (collectgarbage "count" - size) / 1024
    open = descriptors() - open
    print(("%%s: %%s"):format(name, (more <= 0 and open <= 0 and size < 1) and "all gone" or
      ("%%d left, %%d descriptors, %%.1f MB more"):format(more, open, size)))
  end
]]

local function run(url, code)
  return (child.run(LOOPS:format(url) .. code))
end

describe("A0: with LuaJIT's compiler on,", function()
  local peer
  setup(function()
    peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
  end)
  teardown(function() peer:stop() end)

  it("2,000 clients that were used and dropped are gone, with their connections", function()
    assert.equal("calls: all gone\n", run(peer.url, [[
      measure("calls", 2000, function(from, to)
        for i = from, to do
          local c = client(i)
          assert(c.Payments.getSessionByOrderId(i))
        end
      end)
    ]]))
  end)

  it("20,000 sessions that were used and dropped are gone, with their tokens", function()
    assert.equal("calls: all gone\nrequests: all gone\nmembers: all gone\n", run(peer.url, [[
      local c = client(0)
      measure("calls", 2000, function(from, to)
        for i = from, to do assert(session(c, i).Payments.getSessionByOrderId(i)) end
      end)
      measure("requests", 16000, function(from, to)
        for i = from, to do assert(session(c, i).prepare.Payments.getSessionByOrderId(i)) end
      end)
      measure("members", 2000, function(from, to)
        for i = from, to do
          local s = session(c, i)
          s.Users.setAccessToken("a").setRefreshToken("b")
          assert(s.getSession().accessToken == "a")
        end
      end)
    ]]))
  end)

  it("futures and their clients are gone", function()
    assert.equal("await: all gone\nall: all gone\nsessions: all gone\ndropped: all gone\n", run(peer.url, [[
      measure("await", 300, function(from, to)
        for i = from, to do
          local f = client(i).async.Payments.getSessionByOrderId(i)
          held[f] = true
          repeat until f:done()
          assert(f:await())
        end
      end)
      measure("all", 300, function(from, to)
        for i = from, to do
          local c = client(i)
          local f = c.async.Payments.getSessionByOrderId
          assert(oneentry.all { f(i), f(i) })
        end
      end)
      local c = client(0)
      measure("sessions", 1000, function(from, to)
        for i = from, to do assert(session(c, i).async.Payments.getSessionByOrderId(i):await()) end
      end)
      measure("dropped", 1000, function(from, to)
        for i = from, to do session(c, i).async.Payments.getSessionByOrderId(i):cancel() end
      end)
    ]]))
  end)

  it("clients with a driver are gone, and closed ones", function()
    assert.equal("driver: all gone\nsessions: all gone\nclosed: all gone\n", run(peer.url, [[
      measure("driver", 400, function(from, to)
        for i = from, to do assert(client(i, own).Payments.getSessionByOrderId(i)) end
      end)
      local c = client(0, own)
      measure("sessions", 1000, function(from, to)
        for i = from, to do assert(session(c, i).Payments.getSessionByOrderId(i)) end
      end)
      measure("closed", 400, function(from, to)
        for i = from, to do client(i).close() end
      end)
    ]]))
  end)

  for name, call in pairs {
    plain = "client(1).Payments.getSessionByOrderId",
    driver = "client(1, own).Payments.getSessionByOrderId",
    future = "client(1, own).async.Payments.getSessionByOrderId",
    session = "session(client(1), 1).prepare.Payments.getSessionByOrderId",
  } do
    it("the first client of a process is gone, however often it was used: " .. name, function()
      assert.equal("0\n", run(peer.url, ([[
        callbacks[1] = callback()
        local get = %s
        for i = 1, 300 do
          local answer = assert(get(i))
          if type(answer) == "userdata" then
            assert(answer:await())
            assert(oneentry.all { get(i), get(i) })
          end
        end
        get, callbacks = nil, nil
        print(left())
      ]]):format(call)))
    end)
  end

  it("the first client of a process is gone, however often it was used: members", function()
    assert.equal("0\n", run(peer.url, [[
      callbacks[1] = callback()
      local c = client(1)
      for _ = 1, 300 do
        assert(c.getSession().device)
        c.session()
        c.Users.setAccessToken("a")
      end
      c, callbacks = nil, nil
      print(left())
    ]]))
  end)

  it("the first client of a process is gone, however often it was used: each", function()
    local items = server.start()
    items:script { fallback = { "list", count = 3000 } }
    assert.equal("3000\n0\n", run(items.url, [[
      callbacks[1] = callback()
      local list, count = client(1, own).Forms.getAllForms, 0
      for _ in oneentry.each(list, nil, 0, 1000) do count = count + 1 end
      list, callbacks = nil, nil
      print(count)
      print(left())
    ]]))
    items:stop()
  end)

  it("a method that was kept in a local, and wrong calls, hold none", function()
    assert.equal("kept: all gone\nwrong: all gone\n", run(peer.url, [[
      measure("kept", 300, function(from, to)
        for i = from, to do
          local get = client(i).Payments.getSessionByOrderId
          for _ = 1, 3 do assert(get(i)) end
        end
      end)
      measure("wrong", 1000, function(from, to)
        for i = from, to do
          local s = client(i)
          assert(not pcall(s.Payments.getSessionByOrderId))
          assert(s.Nothing == nil and s.Payments.nothing == nil)
        end
      end)
    ]]))
  end)
end)
