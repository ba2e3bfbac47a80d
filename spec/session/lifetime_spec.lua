-- A call's deadline and end, and what it leaves of the host process alone.
local oneentry = require "oneentry"
local child = require "support.child"
local server = require "support.server"
local socket = require "socket"
local tls = require "support.server.tls"

describe("a call", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function took(f)
    local before = socket.gettime()
    local value, err = f()
    return socket.gettime() - before, value, err
  end

  -- Calls f, whose value is in nobody's hands then; true: one collection has collected it. What a finalizer still has
  -- stays a weak key until the next one.
  local function is_collected(f)
    local held = setmetatable({}, { __mode = "k" })
    local function call() held[assert(f())] = true end
    collectgarbage()
    call()
    assert.is_table((next(held)))
    collectgarbage()
    return next(held) == nil
  end

  it("keeps nothing of what it has returned", function()
    local api = oneentry.define(peer.url, "t")
    peer:script { fallback = { "answer", body = '{"id":1,"list":[1]}' } }
    local function get() return api.Payments.getSessionById(1) end
    assert(get())
    assert.is_true(is_collected(get))
    local future = api.async.Payments.getSessionById(1)
    assert.is_false(is_collected(function() return future:await() end))
    assert.equal((future:await()), (future:await()))
    assert.equal(1, future:await().id)
    api.close()
  end)

  it("ends at its deadline, whatever the server does", function()
    for _, step in ipairs {
      { "silence" }, { "drip", body = ("x"):rep(1000), interval = 0.05 }, { "drip", at = "accept", bytes = "", interval = 0.05 },
    } do
      local api = oneentry.define(peer.url, { token = "t", timeout = 0.3 })
      peer:script { step, fallback = step }
      local time, value, err = took(function() return api.Payments.getSessionById(1) end)
      assert.is_nil(value)
      assert.equal("timeout", err.code)
      assert.is_true(time >= 0.29 and time < 0.55, ("took %.3f s"):format(time))
      api.close()
    end
  end)

  it("has one deadline for all its attempts", function()
    for _, fallback in ipairs { { "answer", status = 503 }, { "silence" } } do
      local api = oneentry.define(peer.url, { token = "t", timeout = 0.6, maxRetries = 10 })
      peer:script { { "delay", seconds = 0.3, status = 503 }, fallback = fallback }
      local time, _, err = took(function() return api.Payments.getSessionById(1) end)
      assert.is_true(err.statusCode == 503 or err.code == "timeout")
      assert.is_true(time < 0.85, ("took %.3f s"):format(time))
      api.close()
    end
  end)

  it("counts the time that writing its body takes", function()
    local api = oneentry.define(peer.url, { token = "t", timeout = 0.02 })
    peer:script {}
    local _, err = api.Orders.createOrder("orders", { formData = { text = ("\1"):rep(1e7) } })
    assert.same({ "timeout", false }, { err.code, err.sent })
    assert.equal(0, #peer:requests())
    api.close()
  end)

  it("uses the connection of the one before, for all sessions of a client", function()
    local api = oneentry.define(peer.url, "t")
    peer:script { fallback = { "answer", body = "[]" } }
    for _ = 1, 5 do
      api.Payments.getAccounts()
      api.session().Payments.getAccounts()
    end
    local seen = {}
    for _, request in ipairs(peer:requests()) do seen[request.connection] = true end
    assert.equal(1, (function() local n = 0 for _ in pairs(seen) do n = n + 1 end return n end)())
  end)

  it("does not take what came unasked for its answer", function()
    local api = oneentry.define(peer.url, { token = "t", maxRetries = 0 })
    peer:script { { "answer", body = "1" }, { "answer", body = "2" } }
    assert.equal(1, (api.Payments.getSessionById(1)))
    local first = peer:requests()[1].connection
    peer:act(first, { "send", bytes = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 2\r\n\r\n{}" })
    assert.equal(2, (api.Payments.getSessionById(1)))
  end)
end)

describe("a call", function()
  it("ends as soon as it has failed", function()
    local before = socket.gettime()
    local api = oneentry.define("http://127.0.0.1:1", { timeout = 3, maxRetries = 0 })
    assert.equal("connect", select(2, api.Payments.getAccounts()).code)
    assert.equal("connect", select(2, api.async.Payments.getAccounts():await()).code)
    assert.is_true(socket.gettime() - before < 1)
  end)

  it("does not wait for a resolver, nor does closing", function()
    local output, ok = child.run([[
      local socket = require "socket"
      local api = require "oneentry".define("http://shop.slow", { timeout = 0.3, maxRetries = 0 })
      local before = socket.gettime()
      local _, err = api.Payments.getAccounts()
      api.close()
      local time = socket.gettime() - before
      assert(err.code == "timeout" and err.sent == false, tostring(err))
      assert(time >= 0.29 and time < 0.55, time)
    ]], child.preload "slow_resolver")
    assert.is_true(ok, output)
  end)

  it("survives a SIGPIPE from a connection that is reset", function()
    local certificates = tls.make()
    local peer = server.start { tls = certificates.good }
    for _, reused in ipairs { false, true } do
      peer:script { reused and { "answer", body = "[]" } or { "reset" }, { "reset" } }
      local output, ok = child.run(([[
        require "specfork".fatal()
        local api = require "oneentry".define(%q, { tls = { caFile = %q }, maxRetries = 0 })
        if %s then assert(api.Payments.getAccounts()) end
        local _, err = api.Payments.createSession(1, "session")
        api.close()
        assert(err.code == "network" and err.sent, tostring(err))
      ]]):format(peer.url, certificates.ca, tostring(reused)), child.preload "specfork")
      assert.is_true(ok, output)
    end
    peer:stop()
    certificates:remove()
  end)

  it("leaves a SIGPIPE alone that is not its own", function()
    local output, ok = child.run [[
      local fork = require "specfork"
      fork.pend()
      local api = require "oneentry".define("https://127.0.0.1:1", { maxRetries = 0 })
      assert(select(2, api.Payments.getAccounts()).code == "connect")
      assert(fork.is_pending())
    ]]
    assert.is_true(ok, output)
  end)

  it("leaves no descriptor to programs that the host starts", function()
    local peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
    local output, ok = child.run(([[
      local api = require "oneentry".define(%q)
      local function inherited()
        local pipe = io.popen "readlink /proc/self/fd/*"
        local text = pipe:read "*a"
        pipe:close()
        return select(2, text:gsub("socket:%%S+", "")), select(2, text:gsub("anon_inode:%%S+", ""))
      end
      local sockets, others = inherited()
      assert(api.async.Payments.getAccounts():await())
      local sockets_now, others_now = inherited()
      -- libcurl 7.88 has a pair of sockets in each multi handle, which it leaves open.
      assert(sockets_now - sockets <= 2 and others_now == others, sockets_now .. " sockets, " .. others_now .. " others")
    ]]):format(peer.url))
    peer:stop()
    assert.is_true(ok, output)
  end)

  it("leaves no handle behind, however it ends", function()
    local output, ok = child.run([[
      local api = require "oneentry".define("http://127.0.0.1:1", { errors = { isShell = false } })
      local function pages() return tonumber(io.open "/proc/self/statm":read "*a":match "%d+ (%d+)") end
      local function some(n)
        for _ = 1, n do
          api.prepare.Payments.getAccounts()
          pcall(api.Payments.createSession, 1, "session")
        end
        collectgarbage()
        collectgarbage()
      end
      some(300)
      local before = pages()
      some(1500)
      assert(pages() - before < 500, pages() - before)
    ]], "ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=1") -- freed memory counts as freed
    assert.is_true(ok, output)
  end)
end)
