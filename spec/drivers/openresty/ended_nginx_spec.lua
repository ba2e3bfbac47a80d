-- Coroutines that nginx ends while their call is under way, and what is left of them.
local nginx = require "support.nginx"
local pair = require "drivers.openresty.pair"

describe("inside nginx", function()
  local web
  setup(function()
    web = pair.start {
      http = "lua_check_client_abort on;",
      server = [[
        location /kill {
          content_by_lua_block {
            for i = 1, 50 do
              local thread = ngx.thread.spawn(fetch, i * 10000 + 9000)
              ngx.thread.kill(thread)
              thread = ngx.thread.spawn(fetch, i * 10000 + 9000)
              ngx.sleep(0.001)
              ngx.thread.kill(thread)
            end
            ngx.print "killed"
          }
        }
        location /exit {
          content_by_lua_block {
            for i = 1, 50 do ngx.thread.spawn(fetch, i * 10000 + 9000) end
            ngx.sleep(0.05)
            ngx.exit(204)
          }
        }
        location /abort { content_by_lua_block { get(99000) } }
        location /dropped {
          content_by_lua_block {
            for i = 1, 50 do api.async.Payments.getSessionById(i * 10000 + 9000) end
            ngx.print "dropped"
          }
        }
        location /late {
          content_by_lua_block {
            local one = require("oneentry").define(api_url, { timeout = 0.05, maxRetries = 0 })
            local longest = 0
            ngx.update_time()
            for i = 1, 20 do
              local before = ngx.now()
              local _, err = one.Payments.getSessionById(i * 10000 + 9000)
              ngx.update_time()
              longest = math.max(longest, ngx.now() - before)
              ngx.print(err.code, " ")
            end
            ngx.print(longest)
          }
        }
        location /collect { content_by_lua_block { collectgarbage() collectgarbage() ngx.print(collectgarbage "count") } }
        location /content { content_by_lua_block { get(ngx.var.arg_id) } }
      ]],
    }
  end)
  teardown(function() web:stop() end)

  -- Requests that the backend has not answered are given up, once the garbage is collected.
  local function check_gone(count)
    nginx.wait(function()
      web:get "/collect"
      return web:gone() >= count
    end, "a request is not given up")
    assert.equal("50020\n", select(2, web:get "/content?id=50020"))
  end

  -- A request that has been sent and not answered must be given up: its connection is closed. (The backend does not hear
  -- of all: nginx may miss a client that goes right after its request.)
  local function ends(path, status)
    local pid = web:workers()[1]
    web:get "/content?id=50020"
    local gone, seen, descriptors = web:gone(), web:seen(), web:descriptors(pid)
    assert.equal(status, (web:get(path)))
    nginx.wait(function() return web:seen() > seen end)
    check_gone(gone + 1)
    nginx.wait(function()
      web:get "/collect"
      return web:descriptors(pid) <= descriptors
    end, "some requests are not given up")
  end

  it("a thread that is killed gives its call up", function() ends("/kill", 200) end)
  it("a request that exits gives its calls up", function() ends("/exit", 204) end)
  it("futures that are dropped are given up", function() ends("/dropped", 200) end)

  it("a client that goes away gives the call up", function()
    local gone, seen = web:gone(), web:seen()
    local socket = assert(require("socket").connect("127.0.0.1", web.port))
    socket:send "GET /abort HTTP/1.1\r\nhost: localhost\r\n\r\n"
    nginx.wait(function() return web:seen() == seen + 1 end)
    socket:close()
    check_gone(gone + 1)
  end)

  it("a call ends when its time is over", function()
    local _, text = web:get "/late"
    local codes, longest = text:match "^(.*) (%S+)$"
    assert.equal(("timeout "):rep(20), codes .. " ")
    assert.is_true(tonumber(longest) <= 0.3, longest)
  end)

  it("nothing is left of five rounds of them", function()
    local pid = web:workers()[1]
    local function round()
      ends("/kill", 200)
      ends("/exit", 204)
      web:get "/collect"
      return tonumber((select(2, web:get "/collect")))
    end
    round()
    local memory, descriptors = round(), web:descriptors(pid)
    local after
    for _ = 1, 5 do after = round() end
    assert.is_true(after < memory + 100, ("%d kB, then %d"):format(memory, after))
    assert.is_true(web:descriptors(pid) <= descriptors + 8)
    assert.equal(2, web:threads(pid))
  end)
end)
