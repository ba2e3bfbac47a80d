-- The helper thread that wakes nginx, as Lua sees it; spec/tsan has more of it.
local child = require "support.child"
local server = require "support.server"

-- `core` is the C half of oneentry.await, which nobody else gets to see.
local preamble = [[
  local core
  package.preload["oneentry.await"] = function()
    package.preload["oneentry.await"] = nil
    package.loaded["oneentry.await"] = nil
    local await = require "oneentry.await"
    return function(c)
      core = c
      return await(c)
    end
  end
  local api = require "oneentry".define(%q, { maxRetries = 0 })
  local future = api.async.Payments.getAccounts()
  local client = core.client(future)
  local socket = require "cqueues.socket"

  local function start(idle)
    local waker = core.waker()
    local path = assert(waker:listen())
    local reader = socket.connect { path = path }
    reader:setmode("b", "bn")
    reader:settimeout(30)
    assert(reader:connect())
    assert(waker:accept(idle) == true)
    assert(not io.open(path:match "^(.*)/"))
    return waker, reader
  end
]]

local function run(code, environment)
  local peer = server.start()
  peer:script { fallback = { "answer", body = "[]" } }
  local output, ok = child.run(preamble:format(peer.url) .. code, environment)
  peer:stop()
  assert.is_true(ok, output)
  return output
end

describe("the waker", function()
  it("tells once that a client has something to do", function()
    run [[
      local waker, reader = start(1000)
      for _ = 1, 20 do
        local one = api.async.Payments.getAccounts()
        while not core.is_settled(one) do -- the answer may have come while the call was started
          assert(waker:arm(core.fd(client)))
          assert(reader:read(1) == "w")
          core.step(client)
          core.advance(one)
        end
        assert(#assert(one:await()) == 0)
      end
      waker:stop()
      assert(reader:read(1) == nil)
    ]]
  end)

  it("tells that it has had nothing to tell, and what it is told to", function()
    run [[
      local waker, reader = start(0.01)
      assert(reader:read(1) == "i")
      waker:stop()
      waker, reader = start(1e300)
      waker:wake()
      assert(reader:read(1) == "w")
    ]]
  end)

  it("says why it cannot", function()
    run([[
      local path, reason = core.waker():listen()
      assert(path == nil and reason:find("temporary directory: ", 1, true), reason)
    ]], "TMPDIR=/nowhere")
    run([[
      local path, reason = core.waker():listen()
      assert(path == nil and reason:find("temporary directory: ", 1, true), reason)
    ]], "TMPDIR=/" .. ("very"):rep(20))
    run [[
      local waker = core.waker()
      local ok, reason = waker:arm(core.fd(client))
      assert(ok == nil and reason:find("watch", 1, true), reason)
      waker:wake()
      assert(waker:listen())
      ok, reason = waker:accept(1)
      assert(ok == nil and reason:find("accept", 1, true), reason)
      waker = start(1000)
      ok, reason = waker:arm(-1)
      assert(ok == nil and reason:find("watch", 1, true), reason)
      assert(not pcall(waker.accept, waker, 0))
      assert(not pcall(waker.accept, waker))
      assert(not pcall(waker.stop, {}))
    ]]
  end)

  it("ends with its userdata, and with its state", function()
    run [[
      local function threads()
        for line in io.lines "/proc/self/status" do
          local count = line:match "Threads:%s+(%d+)"
          if count then return tonumber(count) end
        end
      end
      future:await()
      local before = threads()
      local waker, reader = start(1000)
      assert(threads() == before + 1)
      waker = nil
      collectgarbage()
      collectgarbage()
      repeat until threads() == before -- a thread that is joined may be counted for a moment
      assert(reader:read(1) == nil)
      kept = start(1000)
      os.exit(0, true)
    ]]
  end)

  it("is the parent's after a fork", function()
    run([[
      local process = require "specfork"
      local waker, reader = start(1000)
      assert(waker:arm(core.fd(client)))
      assert(reader:read(1) == "w") -- the thread's: it waits again, and holds no lock of the allocator's
      local pid = process.fork()
      if pid == 0 then
        assert(not waker:arm(core.fd(client)))
        waker:wake()
        waker:stop()
        waker, reader = start(1000)
        waker:wake()
        assert(reader:read(1) == "w")
        waker:stop()
        process.exit(0)
      end
      assert(process.wait(pid) == 0)
      assert(waker:arm(core.fd(client)))
      assert(reader:read(1) == "w") -- of the answer
      waker:stop()
      assert(reader:read(1) == nil) -- no word of the child's
    ]], "ASAN_OPTIONS=detect_leaks=0")
  end)

  it("knows how many states there are, and whether the running code may yield", function()
    run [[
      assert(core.waker():states() == 1)
      local here, inside
      coroutine.wrap(function()
        here = core.yieldable()
        string.gsub("a", "a", function() inside = core.yieldable() end)
      end)()
      assert(here == true)
      local can_tell = jit or not (_VERSION == "Lua 5.1" or _VERSION == "Lua 5.2")
      assert(inside == not can_tell)
    ]]
  end)
end)
