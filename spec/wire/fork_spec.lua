-- fork: parent and child go on with connections of their own.
local child = require "support.child"
local server = require "support.server"
local unaccepting = require "support.server.unaccepting"
local tls = require "support.server.tls"

-- The child forgets handles that it inherits, rather than frees them: libcurl would talk on the parent's connections.
local environment = "ASAN_OPTIONS=detect_leaks=0"

describe("a client that is there before fork", function()
  it("is used by parent and child without disturbing each other", function()
    local peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
    local output, ok = child.run(([[
      local process = require "specfork"
      local api = require "oneentry".define(%q, { maxRetries = 0 })
      local function call(who) assert(api.Users.addFCMToken(who)) end
      call "before"
      local pid = process.fork()
      if pid == 0 then
        call "child"
        call "child"
        api.close()
        api = nil
        collectgarbage()
        process.exit(0)
      end
      assert(process.wait(pid) == 0)
      call "parent"
      call "parent"
    ]]):format(peer.url), environment)
    assert.is_true(ok, output)
    local connections = {}
    for _, request in ipairs(peer:requests()) do
      local who = request.path:match "[^/]+$"
      connections[who] = connections[who] or {}
      connections[who][request.connection] = true
    end
    peer:stop()
    assert.equal(next(connections.before), next(connections.parent))
    assert.is_nil(next(connections.parent, (next(connections.parent))))
    assert.not_equal(next(connections.before), next(connections.child))
    assert.is_nil(next(connections.child, (next(connections.child))))
  end)

  it("leaves none of the parent's connections open in the child", function()
    local peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
    local output, ok = child.run(([[
      local process = require "specfork"
      local function run(command)
        local pipe = io.popen(command)
        local text = pipe:read "*a"
        pipe:close()
        return text
      end
      local api = require "oneentry".define(%q, { maxRetries = 0 })
      assert(api.Payments.getAccounts())
      local inode
      for line in io.lines "/proc/self/net/tcp" do
        local port, number = line:match "^%%s*%%d+: %%x+:%%x+ %%x+:(%%x+) 01 %%S+ %%S+ %%S+ +%%d+ +%%d+ (%%d+)"
        if port and tonumber(port, 16) == %d then inode = number end
      end
      assert(run "readlink /proc/$PPID/fd/*":find("socket:[" .. inode .. "]", 1, true))
      local pid = process.fork()
      if pid == 0 then
        assert(api.Payments.getAccounts())
        process.exit(run "readlink /proc/$PPID/fd/*":find("socket:[" .. inode .. "]", 1, true) and 1 or 0)
      end
      assert(process.wait(pid) == 0, "the child still holds it")
      assert(api.Payments.getAccounts())
    ]]):format(peer.url, peer.port), environment)
    peer:stop()
    assert.is_true(ok, output)
  end)

  it("closes no file of the child's that has the number of a connection that came to nothing", function()
    local full = unaccepting()
    local output, ok = child.run(([[
      local process = require "specfork"
      local api = require "oneentry".define("http://127.0.0.1:%d", { connectTimeout = 0.1, maxRetries = 0 })
      local files = {}
      assert(select(2, api.Payments.getAccounts()).code == "timeout")
      for i = 1, 8 do files[i] = assert(io.open "/dev/null") end
      local pid = process.fork()
      if pid == 0 then
        api.Payments.getAccounts()
        local lost = 0
        for i = 1, 8 do lost = lost + (files[i]:read "*a" and 0 or 1) end
        process.exit(lost)
      end
      assert(process.wait(pid) == 0, "a file is closed")
    ]]):format(full.port), environment)
    full.close()
    assert.is_true(ok, output)
  end)

  it("is closed by a child without a word of TLS", function()
    local certificates = tls.make()
    local peer = server.start { tls = certificates.good }
    peer:script { fallback = { "answer", body = "[]" } }
    local output, ok = child.run(([[
      local process = require "specfork"
      local api = require "oneentry".define(%q, { maxRetries = 0, tls = { caFile = %q } })
      assert(api.Payments.getAccounts())
      local pid = process.fork()
      if pid == 0 then
        api.close()
        process.exit(0)
      end
      assert(process.wait(pid) == 0)
      assert(api.Payments.getAccounts())
    ]]):format(peer.url, certificates.ca), environment)
    local requests = peer:requests()
    peer:stop()
    certificates:remove()
    assert.is_true(ok, output)
    assert.equal(requests[1].connection, requests[2].connection)
  end)

  it("may be finding out whether the server speaks HTTP/2: the child finds out for itself", function()
    local authority = tls.make()
    local peer = server.start { tls = authority.good }
    peer:script { fallback = { "echo" } }
    local output, ok = child.run(([[
      local process = require "specfork"
      local oneentry = require "oneentry"
      local api = oneentry.define(%q, { maxRetries = 0, timeout = 20, tls = { caFile = %q } })
      local function start()
        local futures = {}
        for i = 1, 4 do futures[i] = api.async.Payments.getSessionById(i) end
        return futures
      end
      local futures = start()
      local pid = process.fork()
      if pid == 0 then
        local values, err = oneentry.all(start())
        process.exit(values and values[4].id == 4 and 0 or 1)
      end
      local status = process.wait(pid)
      assert(oneentry.all(futures))
      print(status)
    ]]):format(peer.url, authority.ca), environment)
    peer:stop()
    authority:remove()
    assert.same({ "0\n", true }, { output, ok })
  end)

  it("is closed by a child without a word on the wire, and collected at its end", function()
    local peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
    local output, ok = child.run(([[
      local process = require "specfork"
      local api = require "oneentry".define(%q, { maxRetries = 0 })
      assert(api.Payments.getAccounts())
      local pid = process.fork()
      if pid == 0 then os.exit(0, true) end -- lua_close, where there is one
      assert(process.wait(pid) == 0)
      assert(api.Payments.getAccounts())
    ]]):format(peer.url), environment)
    assert.is_true(ok, output)
    local requests = peer:requests()
    peer:stop()
    assert.equal(2, #requests)
    assert.equal(requests[1].connection, requests[2].connection)
  end)
end)
