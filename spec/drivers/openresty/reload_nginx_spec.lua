-- Workers come and go while calls are under way.
local load = require "support.nginx.load"
local nginx = require "support.nginx"
local pair = require "drivers.openresty.pair"
local socket = require "socket"
local tmp = require "support.tmp"

local CONTENT = [[ location / { content_by_lua_block { get(ngx.var.arg_id) } } ]]

-- Numbers of their own, each answered after 20 ms.
local function id(number)
  return number * 10000 + 20
end

local function path(number)
  return "/?id=" .. id(number)
end

local function expect(number)
  return id(number) .. "\n"
end

-- Not one line of these is normal.
local function check_log(web)
  local log = web:log()
  for _, word in ipairs { "[alert]", "[crit]", "[emerg]", "on signal", "[error]" } do
    local line = log:match("[^\n]*" .. word:gsub("%p", "%%%0") .. "[^\n]*")
    assert.is_nil(line)
  end
end

local function is_alive(pid)
  local state = tmp.read(("/proc/%s/stat"):format(pid)):match "%) (%u)"
  return state ~= nil and state ~= "Z"
end

-- Waits until those processes are gone.
local function wait_for_end(workers, seconds)
  nginx.wait(function()
    for _, pid in ipairs(workers) do
      if is_alive(pid) then return false end
    end
    return true
  end, "a worker does not end", seconds)
end

describe("inside nginx", function()
  local web
  after_each(function() web:stop() end)

  it("no call is lost, and none gets another's answer, while nginx reloads", function()
    web = pair.start { server = CONTENT, workers = 2 }
    local reloads = 0
    local result = load.run {
      port = web.port, requests = 4000, at_once = 32, path = path, expect = expect,
      progress = function(done)
        if done % 500 ~= 0 or done > 3500 then return end
        reloads = reloads + 1
        web:signal "HUP"
      end,
    }
    assert.same({}, result.examples)
    assert.equal(4000, result.good)
    assert.equal(7, reloads)
    nginx.wait(function() return #web:workers() == 2 end, "old workers stay")
    assert.equal(4000, web:seen())
    check_log(web)
  end)

  it("a worker that has nothing to do ends at once", function()
    web = pair.start { server = CONTENT }
    assert.equal("50020\n", select(2, web:get("/?id=50020")))
    local old = web:workers()
    web:signal "HUP"
    wait_for_end(old, 5) -- the pump would stay for ten seconds
    assert.equal("60020\n", select(2, web:get("/?id=60020")))
    check_log(web)
  end)

  it("a worker whose first call comes when it ends already makes it, and ends without a complaint", function()
    web = pair.start { server = CONTENT }
    local old = web:workers()
    local least = web:descriptors(old[1])
    local connection = assert(socket.connect("127.0.0.1", web.port))
    nginx.wait(function()
      local now = web:descriptors(old[1])
      least = math.min(least, now) -- that of an earlier connection may close now
      return now > least
    end)
    web:signal "HUP"
    nginx.wait(function() return tmp.read(("/proc/%s/cmdline"):format(old[1])):find("shutting down", 1, true) end)
    connection:send("GET " .. path(5) .. " HTTP/1.0\r\n\r\n")
    local answer = connection:receive "*a"
    assert.equal(expect(5), answer:match "\r\n\r\n(.*)$")
    wait_for_end(old, 5)
    check_log(web)
  end)

  it("a worker ends what it has begun", function()
    web = pair.start { server = CONTENT }
    local result = load.run {
      port = web.port, requests = 21, at_once = 21,
      path = function(number) return number < 21 and "/?id=" .. number * 10000 + 2000 or "/?id=5" end,
      expect = function(number) return (number < 21 and number * 10000 + 2000 or 5) .. "\n" end,
      progress = function(done)
        if done > 1 then return end
        nginx.wait(function() return web:seen() == 21 end)
        web:signal "QUIT"
      end,
    }
    assert.same({}, result.examples)
    assert.equal(21, web:seen())
    wait_for_end({ web.master }, 10)
    check_log(web)
  end)

  for _, how in ipairs { "TERM", "QUIT" } do
    it("nothing crashes when nginx gets a " .. how .. " under load", function()
      web = pair.start { server = CONTENT, workers = 2 }
      local began
      local result = load.run {
        port = web.port, requests = 1000, at_once = 32, path = path, expect = expect,
        progress = function(done)
          if done ~= 300 then return end
          began = nginx.now()
          web:signal(how)
        end,
      }
      assert.is_true(result.good >= 300)
      wait_for_end({ web.master }, 10)
      assert.is_true(nginx.now() - began < 10)
      for _, text in ipairs(result.examples) do assert.is_nil(text:find("body:", 1, true)) end -- refused, never wrong
      local log = web:log()
      assert.is_nil(log:match "[^\n]*exited on signal[^\n]*")
      assert.is_nil(log:match "[^\n]*%[alert%][^\n]*")
    end)
  end

  it("worker_shutdown_timeout is kept", function()
    web = pair.start {
      main = "worker_shutdown_timeout 1s;",
      server = [[
        location / {
          content_by_lua_block {
            ngx.timer.at(0, function() ngx.log(ngx.WARN, "ended: ", fetch(19000)) end)
            ngx.print "begun"
          }
        }
      ]],
    }
    assert.equal("begun", select(2, web:get "/"))
    nginx.wait(function() return web:seen() == 1 end)
    local old = web:workers()
    web:signal "HUP"
    wait_for_end(old, 6) -- the call would take nine seconds
    assert.is_truthy(web:log():find("ended: closed", 1, true), web:log())
    nginx.wait(function() return web:gone() == 1 end)
  end)

  it("a worker that is killed takes nobody along", function()
    web = pair.start { server = CONTENT, workers = 2 }
    local victim = web:workers()[1]
    local result = load.run {
      port = web.port, requests = 1000, at_once = 16, path = path, expect = expect,
      progress = function(done)
        if done == 300 then os.execute("kill -9 " .. victim) end
      end,
    }
    assert.is_true(result.bad <= 16, table.concat(result.examples, "\n"))
    for _, text in ipairs(result.examples) do assert.is_nil(text:find("body:", 1, true)) end
    assert.is_false(is_alive(victim))
    nginx.wait(function() return #web:workers() == 2 end, "no new worker")
  end)

  it("every worker has one thread more, and leaves nothing in the temporary directory", function()
    local directory = tmp.directory()
    web = pair.start { server = CONTENT, workers = 4, main = "env TMPDIR;", environment = "TMPDIR=" .. directory }
    load.run { port = web.port, requests = 400, at_once = 32, path = path, expect = expect }
    local workers = web:workers()
    assert.equal(4, #workers)
    local most = 0
    for _, pid in ipairs(workers) do most = math.max(most, web:threads(pid)) end
    assert.equal(2, most)
    local pipe = io.popen("ls -A " .. directory)
    assert.equal("", pipe:read "*a")
    pipe:close()
    tmp.remove(directory)
  end)
end)
