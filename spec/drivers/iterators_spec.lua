-- A coroutine of the program's own inside a task of an event loop: its values go to the task, not to the loop.
local child = require "support.child"
local server = require "support.server"

-- start(f): a task; run(): until all have ended; turn(): lets the loop go round.
local LOOPS = {
  luv = [[
    local uv = require "luv"
    local function start(f) coroutine.wrap(f)() end
    local run = uv.run
    local function turn()
      local thread, timer = coroutine.running(), uv.new_timer()
      timer:start(1, 0, function()
        timer:close()
        assert(coroutine.resume(thread))
      end)
      coroutine.yield()
    end
  ]],
  cqueues = [[
    local loop = require "cqueues".new()
    local function start(f) loop:wrap(f) end
    local function run() assert(loop:loop()) end
    local function turn() require "cqueues".sleep(0.001) end
  ]],
}
if _VERSION == "Lua 5.1" then -- of LuaJIT, too; copas as Debian has it
  LOOPS.copas = [[
    local copas = require "copas"
    local threads = {}
    local function start(f)
      threads[#threads + 1] = coroutine.create(f)
      copas.addthread(threads[#threads])
    end
    local function run()
      for _, thread in ipairs(threads) do
        while coroutine.status(thread) ~= "dead" do copas.step(10) end
      end
    end
    local function turn()
      local other, asked = assert(require "socket".udp4()), 0
      copas.receive {
        getfd = function() return other:getfd() end,
        dirty = function() return true end,
        receive = function()
          asked = asked + 1
          return asked == 5, "timeout"
        end,
        close = function() end,
      }
    end
  ]]
end

local HEAD = [[
  local oneentry = require "oneentry"
  local api = oneentry.define(%q, { token = "t", driver = %q, timeout = 10 })
  local driver = require("oneentry.drivers." .. %q)
  local function get(i) return assert(api.Payments.getSessionById(i)).id end
  local function pages(n, f)
    return coroutine.wrap(function()
      for i = 1, n do coroutine.yield(f(i)) end
    end)
  end
]]

for name, loop in pairs(LOOPS) do
  describe("A5: with the driver of " .. name .. ",", function()
    local peer
    setup(function() peer = server.start() end)
    teardown(function() peer:stop() end)
    before_each(function() peer:script { fallback = { "echo" } } end)

    local function run(code)
      return (child.run(loop .. HEAD:format(peer.url, name, name) .. code))
    end

    it("a call in an iterator inside a task has its answer", function()
      assert.equal("1\n2\n3\nready\ttrue\n4\n", run [[
        start(function()
          for id in pages(3, get) do print(id) end
          print("ready", driver.ready())
          print(get(4))
        end)
        run()
      ]])
      assert.equal(4, #peer:requests())
    end)

    it("so has a future, and a call in an iterator of an iterator, or of one that no for loop asks", function()
      assert.equal("1\nfalse\n2\n3\n4\nend\n", run [[
        start(function()
          local future = api.async.Payments.getSessionById(1)
          for id in pages(1, function() return assert(future:await()).id end) do print(id) end
          for id in pages(1, function()
            print(driver.ready())
            return pages(1, function() return get(2) end)()
          end) do print(id) end
          local next_id = pages(2, function(i) return get(2 + i) end)
          print(next_id())
          print(next_id())
          print "end"
        end)
        run()
      ]])
      assert.equal(4, #peer:requests())
    end)

    it("so have the items of lists, page after page", function()
      peer:script { fallback = { "list", count = 25, cap = 10 } }
      assert.equal("done\n1\t325\n2\t325\n", run [[
        local sums, left = {}, 2
        for t = 1, 2 do
          sums[t] = 0
          start(function()
            for item in oneentry.each(api.Forms.getAllForms) do sums[t] = sums[t] + item.id end
            left = left - 1
            if left == 0 then print "done" end
          end)
        end
        run()
        for t, sum in ipairs(sums) do print(t, sum) end
      ]])
      assert.equal(6, #peer:requests())
    end)

    it("tasks beside the iterator have their own answers", function()
      local output = run [[
        local ids, sum = {}, 0
        for t = 1, 4 do
          start(function()
            for id in pages(5, function(i) return get(10 * t + i) end) do table.insert(ids, id) end
            local id = get(10 * t + 6)
            table.insert(ids, id)
          end)
          start(function()
            for i = 1, 6 do
              local id = get(100 * t + i)
              table.insert(ids, id)
            end
          end)
        end
        run()
        for _, id in ipairs(ids) do sum = sum + id end
        print(#ids, sum)
      ]]
      local sum = 0
      for t = 1, 4 do sum = sum + 6 * 110 * t + 2 * 21 end
      assert.equal(("48\t%d\n"):format(sum), output)
    end)

    it("an error in the iterator is the task's", function()
      assert.matches("^false\t[^\n]*thrown\n1\n$", run [[
        start(function()
          print(pcall(pages(1, function()
            get(1)
            error "thrown"
          end)))
          print(get(1))
        end)
        run()
      ]])
    end)

    it("a module that is first required inside a task learns where it is", function()
      assert.equal("false\n1\n2\n3\ntrue\nfalse\n", (child.run(loop .. "start(function()" .. HEAD:format(peer.url, name, name) .. [[
        for ready in pages(1, driver.ready) do print(ready) end
        for id in pages(2, get) do print(id) end
        print(get(3))
        turn()
        print(driver.ready())
        for ready in pages(1, driver.ready) do print(ready) end
        end)
        run()
      ]])))
    end)
  end)
end

describe("A5: with the driver of luv,", function()
  it("a coroutine that somebody else resumes while it waits goes on waiting", function()
    local peer = server.start()
    peer:script { fallback = { "delay", seconds = 0.2, body = '{"id":7}' } }
    assert.equal("7\n", (child.run(LOOPS.luv .. HEAD:format(peer.url, "luv", "luv") .. [[
      local task = coroutine.create(function() print(get(7)) end)
      for _ = 1, 3 do assert(coroutine.resume(task)) end
      run()
    ]])))
    assert.equal(1, #peer:requests())
    peer:stop()
  end)

  it("an iterator of the main program does not lose its answers in a for loop", function()
    local peer = server.start()
    peer:script { fallback = { "echo" } }
    assert.equal("1\n2\n", (child.run(LOOPS.luv .. HEAD:format(peer.url, "luv", "luv") .. [[
      for id in pages(2, get) do print(id) end
      run()
    ]])))
    peer:stop()
  end)
end)

if LOOPS.copas then
  describe("A5: with the driver of copas,", function()
    it("a task that copas has started inside another one waits, and blocks nobody", function()
      assert.equal("true\nfalse\ntrue\n", (child.run(LOOPS.copas .. HEAD:format("http://127.0.0.1:9", "copas", "copas") .. [[
        start(function()
          copas.addthread(function()
            print(driver.ready())
            for ready in pages(1, driver.ready) do print(ready) end
          end)
          print(driver.ready())
        end)
        run()
      ]])))
    end)

    it("what runs below coxpcall's pcall is still the task", function()
      assert.equal("true\nfalse\n", (child.run(LOOPS.copas .. HEAD:format("http://127.0.0.1:9", "copas", "copas") .. [[
        start(function()
          require "coxpcall"
          copcall(function()
            print(driver.ready())
            for ready in pages(1, driver.ready) do print(ready) end
          end)
        end)
        run()
      ]])))
    end)
  end)
end
