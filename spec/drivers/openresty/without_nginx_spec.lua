-- The driver does without: a temporary directory, timers, code cache, quick resolvers, many threads.
local load = require "support.nginx.load"
local nginx = require "support.nginx"
local pair = require "drivers.openresty.pair"
local process = require "support.process"
local socket = require "socket"

local CONTENT = [[ location / { content_by_lua_block { get(ngx.var.arg_id) } } ]]

local function run(web, requests, at_once)
  local function id(number) return number * 10000 + 20 end
  local result = load.run {
    port = web.port, requests = requests, at_once = at_once,
    path = function(number) return "/?id=" .. id(number) end,
    expect = function(number) return id(number) .. "\n" end,
  }
  assert.same({}, result.examples)
  assert.equal(requests, result.good)
end

local function count(text, what)
  return select(2, text:gsub(what:gsub("%p", "%%%0"), ""))
end

describe("inside nginx", function()
  local web
  after_each(function() web:stop() end)

  it("calls wait by polling where there is no temporary directory, and say so once", function()
    web = pair.start { server = CONTENT, main = "env TMPDIR;", environment = "TMPDIR=/nowhere" }
    local pid = web:workers()[1]
    run(web, 500, 16)
    run(web, 20, 1)
    assert.equal(1, count(web:log(), "cannot make a temporary directory"))
    assert.equal(1, count(web:log(), "[warn]"))
    assert.equal(0, count(web:log(), "[error]"))
    assert.equal(1, web:threads(pid))
    web:signal "QUIT"
    nginx.wait(function() return web:log():find("worker process " .. pid .. " exited with code 0", 1, true) end)
  end)

  it("calls wait by themselves where no timer starts", function()
    web = pair.start {
      http = [[
        lua_max_running_timers 1;
        init_worker_by_lua_block {
          stop = false
          ngx.timer.at(0, function() while not stop do ngx.sleep(0.01) end end)
        }
      ]],
      server = CONTENT .. [[ location /stop { content_by_lua_block { stop = true } } ]],
    }
    run(web, 100, 8)
    assert.equal(1, count(web:log(), "oneentry: "))
    assert.equal(1, web:threads(web:workers()[1]))
    web:get "/stop" -- from now on there is one
    nginx.wait(function()
      run(web, 8, 8)
      return web:threads(web:workers()[1]) == 2
    end, "the pump does not start")
  end)

  it("nothing is left of the Lua states of requests where lua_code_cache is off", function()
    web = pair.start { http = "lua_code_cache off;", server = CONTENT }
    local pid = web:workers()[1]
    run(web, 20, 4)
    local descriptors
    nginx.wait(function()
      descriptors = web:descriptors(pid)
      return web:threads(pid) <= 3 -- the first states cannot know that there will be others
    end)
    run(web, 100, 4)
    nginx.wait(function() return web:threads(pid) <= 3 and web:descriptors(pid) <= descriptors + 4 end, "something is left")
    web:signal "HUP"
    nginx.wait(function() return web:log():find("worker process " .. pid .. " exited with code 0", 1, true) end)
  end)

  it("the pump and its thread end after a while without calls, and start again", function()
    web = pair.start { server = CONTENT }
    local pid = web:workers()[1]
    run(web, 10, 1)
    assert.equal(2, web:threads(pid))
    local descriptors = web:descriptors(pid)
    nginx.wait(function() return web:threads(pid) == 1 end, "the thread stays", 40)
    nginx.wait(function() return web:descriptors(pid) == descriptors - 4 end) -- of the socket both ends, two of the thread
    run(web, 10, 1)
    assert.equal(2, web:threads(pid))
  end)

  it("a client for each request shares one thread and one timer with all others", function()
    web = pair.start {
      server = [[
        location / {
          content_by_lua_block {
            local one = require("oneentry").define(api_url, { maxRetries = 0 })
            ngx.say(one.Payments.getSessionById(ngx.var.arg_id + 0).id)
          }
        }
        location /timers { content_by_lua_block { ngx.print(ngx.timer.running_count()) } }
      ]],
    }
    run(web, 500, 16)
    assert.equal(2, web:threads(web:workers()[1]))
    assert.equal("1", select(2, web:get "/timers"))
  end)

  it("a client that is closed ends its calls", function()
    web = pair.start {
      server = [[
        location / {
          content_by_lua_block {
            local one = require("oneentry").define(api_url, { maxRetries = 0 })
            local thread = ngx.thread.spawn(function() return one.Payments.getSessionById(19000) end)
            while not closing do ngx.sleep(0.01) end
            one.close()
            local _, _, err = ngx.thread.wait(thread)
            ngx.print(err.code)
          }
        }
        location /close { content_by_lua_block { closing = true } }
      ]],
    }
    local connection = assert(socket.connect("127.0.0.1", web.port))
    connection:send "GET / HTTP/1.0\r\n\r\n"
    nginx.wait(function() return web:seen() == 1 end)
    web:get "/close"
    assert.equal("closed", connection:receive("*a"):match "\r\n\r\n(.*)$")
    nginx.wait(function() return web:gone() == 1 end)
  end)

  it("the master opens nothing that its workers would inherit", function()
    web = pair.start { server = CONTENT, workers = 2 }
    local pipe = io.popen(("ls -l /proc/%s/fd"):format(web.master))
    local descriptors = pipe:read "*a"
    pipe:close()
    assert.is_nil(descriptors:match "[^\n]*eventpoll[^\n]*")
    assert.is_nil(descriptors:match "[^\n]*timerfd[^\n]*")
    assert.equal(1, web:threads(web.master))
    run(web, 200, 8)
    assert.equal(1, web:threads(web.master))
  end)

  it("a resolver that does not answer keeps neither the worker nor the deadline", function()
    web = pair.start {
      environment = "LD_PRELOAD=" .. process.quote(package.searchpath("slow_resolver", package.cpath)),
      server = [[
        location / {
          content_by_lua_block {
            local one = require("oneentry").define("http://never.slow", { timeout = 0.5, maxRetries = 0 })
            local turns = 0
            local watch = ngx.thread.spawn(function()
              while true do
                ngx.sleep(0.01)
                turns = turns + 1
              end
            end)
            ngx.update_time()
            local before = ngx.now()
            local _, err = one.Payments.getSessionById(1)
            ngx.update_time()
            local took = ngx.now() - before
            ngx.thread.kill(watch)
            one = nil
            collectgarbage()
            ngx.update_time()
            ngx.print(err.code, " ", took, " ", turns, " ", ngx.now() - before - took)
          }
        }
      ]],
    }
    local _, text = web:get "/"
    local code, took, turns, collecting = text:match "^(%w+) (%S+) (%S+) (%S+)$"
    assert.equal("timeout", code, text)
    assert.is_true(tonumber(took) <= 0.75, text)
    assert.is_true(tonumber(turns) > 2, text)
    assert.is_true(tonumber(collecting) <= 0.25, text)
  end)
end)
