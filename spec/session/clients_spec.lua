-- Clients: closed, collected, idle, and where no descriptor is left.
local oneentry = require "oneentry"
local child = require "support.child"
local descriptors = require "support.descriptors"
local server = require "support.server"
local socket = require "socket"

describe("api.close", function()
  it("opens nothing any more", function()
    local output, ok = child.run [[
      local descriptors = require "support.descriptors"
      local before = descriptors()
      local api = require "oneentry".define("http://127.0.0.1:1")
      api.close()
      assert(select(2, api.Payments.getAccounts()).code == "closed")
      assert(descriptors() == before)
    ]]
    assert.is_true(ok, output)
  end)

  it("gives every descriptor back at once, though client and futures are kept (A10)", function()
    local peer = server.start()
    peer:script { fallback = { "echo", but = { ["7"] = { behaviour = "silence" } } } }
    local output, ok = child.run(([[
      collectgarbage "stop"
      local oneentry, descriptors = require "oneentry", require "support.descriptors"
      local kept, first, before = {}, descriptors(), nil
      for round = 1, 2 do
        for i = 1, 20 do
          local api = oneentry.define(%q, { driver = "blocking" })
          assert(api.Payments.getSessionById(1).id == 1)
          local answered, silent = api.async.Payments.getSessionById(2), api.async.Payments.getSessionById(7)
          while not answered:done() do end
          kept[#kept + 1] = { api, answered, silent }
          api.close()
          assert(answered:await().id == 2)
          local value, err = silent:await()
          assert(value == nil and (err.code == "closed" or err.code == "cancelled"), tostring(err))
          assert(select(2, api.Payments.getSessionById(1)).code == "closed")
          assert(select(2, api.async.Payments.getSessionById(1):await()).code == "closed")
        end
        before = before or descriptors()
      end
      print(descriptors() - before, before - first < 20)
    ]]):format(peer.url))
    peer:stop()
    assert.same({ "0\ttrue\n", true }, { output, ok })
  end)

  for _, name in ipairs { "cqueues", "copas", "luv" } do
    it("ends the wait of coroutines of " .. name .. ", and then gives every descriptor back (A10)", function()
      local peer = server.start()
      peer:script { fallback = { "silence" } }
      local output, ok = child.run(([[
        collectgarbage "stop"
        if not pcall(require, %q) then return print "absent" end
        local oneentry, loop = require "oneentry", require %q
        local descriptors, socket = require "support.descriptors", require "socket"
        local kept, controller, left = {}, loop.new and loop.new(), 0
        local function start(work)
          left = left + 1
          local function f()
            work()
            left = left - 1
          end
          if controller then controller:wrap(f) elseif loop.addthread then loop.addthread(f) else coroutine.wrap(f)() end
        end
        local function run()
          if controller then assert(controller:loop()) elseif loop.run then loop.run() end
          while left > 0 do loop.step() end
        end
        local function round()
          for i = 1, 8 do
            local api = oneentry.define(%q, { driver = %q, timeout = 5 })
            kept[#kept + 1] = api
            local function wait()
              local value, err = api.Payments.getSessionById(1)
              assert(value == nil and (err.code == "closed" or err.code == "cancelled"), tostring(err))
            end
            for _ = 1, i %% 3 do start(wait) end
            start(function() api.close() end)
            run()
          end
        end
        local before = socket.gettime()
        round()
        round()
        local first = descriptors()
        round()
        print(descriptors() - first, socket.gettime() - before < 4)
      ]]):format(name, name, peer.url, name))
      peer:stop()
      if output == "absent\n" then return end
      assert.same({ "0\ttrue\n", true }, { output, ok })
    end)
  end

  it("makes api.prepare answer as a call does", function()
    local api = oneentry.define("http://127.0.0.1:1", "t")
    api.close()
    local request, err = api.prepare.Orders.createOrder("orders", {})
    assert.is_nil(request)
    assert.same({ "closed", false, 0 }, { err.code, err.sent, err.attempts })
    assert.has_error(function() api.prepare.Orders.createOrder() end)
  end)

  it("may be called twice, and ends the connections", function()
    local peer = server.start()
    local api = oneentry.define(peer.url, "t")
    peer:script { fallback = { "answer", body = "[]" } }
    api.Payments.getAccounts()
    local id = peer:requests()[1].connection
    api.close()
    api.close()
    local value, err = api.Payments.getAccounts()
    assert.is_nil(value)
    assert.equal("closed", err.code)
    local limit = socket.gettime() + 5
    repeat
      local closed
      for _, connection in ipairs(peer:connections()) do
        if connection.id == id then closed = connection.closed or connection.peerClosed end
      end
    until closed or socket.gettime() > limit
    assert.is_true(socket.gettime() < limit)
    peer:stop()
  end)

  it("in a callback ends the call that runs it", function()
    local peer, api = server.start(), nil
    api = oneentry.define(peer.url, {
      auth = { accessToken = "a", refreshToken = "r", saveFunction = function() api.close() end },
    })
    peer:script {
      { "answer", status = 401 }, { "answer", body = '{"accessToken":"b","refreshToken":"s"}' }, { "answer", body = "[]" },
    }
    local value, err = api.Payments.getAccounts()
    assert.is_nil(value)
    assert.equal("closed", err.code)
    assert.equal(2, #peer:requests())
    peer:stop()
  end)
end)

describe("a client", function()
  for _, use in ipairs { 'oneentry.define("http://127.0.0.1:1")', "oneentry.array()" } do
    it("can be defined after lua-cjson could not be loaded by " .. use, function()
      local output, well = child.run(([[
        local cjson, oneentry = require "cjson", require "oneentry"
        local missing = true
        package.loaded.cjson = nil
        package.preload.cjson = function()
          if missing then error("not enough memory", 0) end
          return cjson
        end
        local function use() return %s end
        print(pcall(use))
        missing = false
        print((pcall(use)))
        assert(package.loaded.cjson == cjson)
        assert(oneentry.define("http://127.0.0.1:1"))
      ]]):format(use))
      assert.equal("false\tnot enough memory\ntrue\n", output)
      assert.is_true(well)
    end)
  end

  it("is collected with its connections", function()
    local peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
    local function open()
      collectgarbage()
      collectgarbage()
      return descriptors()
    end
    assert(oneentry.define(peer.url, "t").Payments.getAccounts())
    local before = open()
    for _ = 1, 50 do assert(oneentry.define(peer.url, "t").Payments.getAccounts()) end
    assert.equal(before, open())
    peer:stop()
  end)

  it("sleeps between its attempts where no descriptor is left", function()
    local output, ok = child.run([[
      local api = require "oneentry".define("http://127.0.0.1:9", { timeout = 5 })
      local files = {}
      for i = 1, 64 do files[i] = io.open "/dev/null" end
      local before = os.clock()
      local value, err = api.Payments.getAccounts()
      print(value, err.code, err.attempts, os.clock() - before < 0.1)
    ]], "ulimit -n 64 &&")
    assert.same({ "nil\tconnect\t3\ttrue\n", true }, { output, ok })
  end)

  for _, what in ipairs { "closed", "dropped", "kept" } do
    it("that is " .. what .. " leaves room for thousands of others, however late the collector comes (A11)", function()
      local peer = server.start()
      peer:script { fallback = { "answer", body = "[]" } }
      local output, ok = child.run(([[
        local oneentry, descriptors = require "oneentry", require "support.descriptors"
        local kept, failed, most = {}, 0, 0
        collectgarbage "stop"
        local what = %q
        for i = 1, what == "dropped" and 3000 or 1500 do
          local api = oneentry.define(%q, { maxRetries = 0, driver = "blocking" })
          local value, err = api.Payments.getAccounts()
          if not value then failed = failed + 1 io.stderr:write(tostring(err), "\n") end
          if what == "closed" then api.close() end
          if what ~= "dropped" then kept[i] = api end
          if i %% 150 == 0 then most = math.max(most, descriptors()) end
        end
        print(failed, most < 600) -- the program has use for descriptors, too
      ]]):format(what, peer.url), "ulimit -n 1024 &&")
      peer:stop()
      assert.same({ "0\ttrue\n", true }, { output, ok })
    end)
  end

  it("that is dropped with calls under way is collected when many are (A11)", function()
    local peer = server.start()
    peer:script { fallback = { "silence" } }
    local output, ok = child.run(([[
      local oneentry = require "oneentry"
      collectgarbage "stop"
      for i = 1, 300 do
        local future = oneentry.define(%q, { maxRetries = 0, driver = "blocking" }).async.Payments.getAccounts()
        assert(not future:done())
      end
      print "done"
    ]]):format(peer.url), "ulimit -n 256 &&")
    peer:stop()
    assert.same({ "done\n", true }, { output, ok })
  end)

  it("that is idle gives up its descriptors where the process has no other, and goes on later (A11)", function()
    local peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
    local output, ok = child.run(([[
      local oneentry = require "oneentry"
      local clients = {}
      local function new() return oneentry.define(%q, { maxRetries = 0, driver = "blocking" }) end
      for i = 1, 8 do clients[i] = new() end
      for left = 0, 5 do -- descriptors for a call: none, or too few
        for _, client in ipairs(clients) do assert(client.Payments.getAccounts()) end
        local files = {}
        repeat
          local file = io.open "/dev/null"
          files[#files + 1] = file
        until not file
        assert(#files < 180)
        for _ = 1, left do table.remove(files):close() end
        assert(new().Payments.getAccounts())
        for _, file in ipairs(files) do file:close() end
      end
      print "done"
    ]]):format(peer.url), "ulimit -n 200 &&")
    peer:stop()
    assert.same({ "done\n", true }, { output, ok })
  end)

  it("opens nothing before its first call", function()
    local peer = server.start()
    local api = oneentry.define(peer.url, "t")
    api.session()
    assert.same({}, peer:connections())
    peer:stop()
  end)
end)
