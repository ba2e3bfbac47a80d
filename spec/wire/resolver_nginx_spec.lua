-- The same inside nginx: the worker goes on meanwhile.
local http = require "socket.http"
local nginx = require "support.nginx"
local process = require "support.process"
local resolver = require "support.preload.resolver"
local socket = require "socket"

describe("in an nginx worker with a resolver that answers after 4 s,", function()
  it("a call ends at its deadline of 0.5 s, and the worker serves others meanwhile", function()
    local web = nginx.start {
      environment = resolver,
      http = [[
        init_by_lua_block {
          worker = { waiting = 0 }
          api = require "oneentry".define("http://host.slow:1", { token = "t", timeout = 0.5, maxRetries = 0 })
        }
      ]],
      server = [[
        location /ping { content_by_lua_block { ngx.print(worker.waiting) } }
        location /slow {
          content_by_lua_block {
            ngx.update_time()
            local before = ngx.now()
            worker.waiting = worker.waiting + 1
            local value, err = api.Payments.getSessionById(1)
            worker.waiting = worker.waiting - 1
            ngx.update_time()
            ngx.print(("%s %s %.3f"):format(err.code, err.sent, ngx.now() - before))
          }
        }
      ]],
    }
    local script = ("sh -c 'for i in 1 2 3 4 5; do curl -s --max-time 20 %s/slow & done; wait; echo; echo ended'"):format(web.url)
    local pings, begun = 0, false -- answered while all five calls were under way
    local client = process.start(script)
    nginx.wait(function()
      local waiting = assert(tonumber((http.request(web.url .. "/ping"))))
      if waiting == 5 then pings = pings + 1 end
      begun = begun or waiting > 0
      return begun and waiting == 0
    end)
    local output = client:read()
    client:stop()
    local n = 0
    for sent, time in output:gmatch("timeout (%a+) (%d%.%d%d%d)") do
      assert.equal("false", sent)
      assert.is_true(tonumber(time) >= 0.49 and tonumber(time) < 0.75, time)
      n = n + 1
    end
    assert.equal(5, n, output)
    assert.is_true(pings > 2, pings)
    local stopping = socket.gettime()
    web:halt()
    assert.is_true(socket.gettime() - stopping < 2)
    web:stop()
  end)
end)
