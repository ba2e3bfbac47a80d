-- Callbacks that take their time inside nginx: nobody but their own call waits for them, and futures hold nobody up.
local nginx = require "support.nginx"
local places = require "support.driver.places"
local server = require "support.server"
local socket = require "socket"

-- The clients are of the worker, one for each place. `marks` has what callbacks have begun and ended.
local HTTP = [[
  lua_shared_dict marks 1m;
  init_by_lua_block {
    local places, semaphore, api_url = require "support.driver.places", require "ngx.semaphore", "%s"
    local marks, clients, kept = ngx.shared.marks, {}, {}

    local function is_other(what) return type(what) == "table" and what.method == "GET" end

    -- The first callback waits for a post that never comes.
    function never(place)
      marks:flush_all()
      local api, id = places.define(api_url, place, function()
        if marks:incr("begun", 1, 0) == 1 then semaphore.new(0):wait(3600) end
      end)
      clients[place] = api
      api.Payments.getSessionById(id)
      ngx.print "returned"
    end

    function others(place)
      local threads, texts = {}, {}
      for i = 1, 20 do
        threads[i] = ngx.thread.spawn(function() return places.told(clients[place].Payments.getSessionById(100 + i)) end)
      end
      for i, thread in ipairs(threads) do texts[i] = tostring(select(2, ngx.thread.wait(thread))) end
      assert(clients[place].Payments.getSessionById(places.later))
      ngx.print(table.concat(texts, " "))
    end

    function slow(place)
      local done = 0
      local api, id = places.define(api_url, place, function()
        ngx.sleep(0.8)
        done = done + 1
      end, { timeout = 0.5 })
      local value, err = api.Payments.getSessionById(id)
      ngx.print(places.told(value, err) or err.code, " ", done)
    end

    -- A future that nobody awaits; its callback sleeps.
    function leave(place)
      marks:flush_all()
      local api, id = places.define(api_url, place, function()
        marks:incr("begun", 1, 0)
        local phase = ngx.get_phase()
        ngx.sleep(0.001)
        marks:set("phase", phase)
        marks:incr("ended", 1, 0)
      end)
      local future = api.async.Payments.getSessionById(id)
      kept[#kept + 1] = future
      return future
    end

    -- The callback goes on when async and done have returned.
    function at_once(place)
      local begun, ended, released = 0, 0, semaphore.new(0)
      local api, id = places.define(api_url, place, function()
        begun = begun + 1
        released:wait(10)
        ended = ended + 1
      end)
      local future = api.async.Payments.getSessionById(id)
      for _ = 1, 1000 do
        future:done()
        if begun > 0 then break end
        ngx.sleep(0.001)
      end
      ngx.print(begun, ended, " ")
      released:post(1)
      local told = places.told(future:await())
      for _ = 1, 1000 do -- the callback runs in a timer
        if ended > 0 then break end
        ngx.sleep(0.001)
      end
      ngx.print(told, " ", begun, ended)
    end

    -- The hook is told of a refresh, and waits until the request ends: the token is to be saved still.
    function drop()
      marks:flush_all()
      clients.drop = places.define(api_url, "auth.saveFunction", function(token)
        marks:set("saved", token .. " in " .. ngx.get_phase())
      end, { hooks = { response = function(event)
        if not event.path:find "/refresh$" then return end
        marks:set("begun", 1)
        ngx.sleep(3600)
      end } })
      clients.drop.Payments.getSessionById(1)
    end

    function after_drop()
      collectgarbage()
      collectgarbage()
      assert(clients.drop.session().Payments.getSessionById(2))
    end

    function until_ended()
      for _ = 1, 1000 do
        if marks:get "ended" then return end
        ngx.sleep(0.001)
      end
    end
  }
]]

local SERVER = [[
  lua_check_client_abort on;
  location /drop {
    content_by_lua_block { drop() }
    log_by_lua_block { ngx.shared.marks:set("gone", 1) }
  }
  location /after_drop { content_by_lua_block { after_drop() } }
  location /never { content_by_lua_block { never(ngx.var.arg_place) } }
  location /others { content_by_lua_block { others(ngx.var.arg_place) } }
  location /slow { content_by_lua_block { slow(ngx.var.arg_place) } }
  location /leave { content_by_lua_block { leave(ngx.var.arg_place) } }
  location /stay {
    content_by_lua_block {
      leave(ngx.var.arg_place)
      until_ended()
    }
  }
  location /at_once { content_by_lua_block { at_once(ngx.var.arg_place) } }
  location /mark { content_by_lua_block { ngx.print(ngx.shared.marks:get(ngx.var.arg_of) or 0) } }
]]

describe("inside nginx a callback", function()
  local peer, web, worker
  setup(function()
    peer = server.start()
    web = nginx.start { http = HTTP:format(peer.url), server = SERVER }
  end)
  teardown(function()
    web:stop()
    peer:stop()
  end)
  before_each(function()
    worker = web:worker()
    peer:script(places.script)
  end)
  after_each(function() assert.equal(worker, web:workers()[1]) end)

  local function get(what, place) return (select(2, web:get(("/%s?place=%s"):format(what, place)))) end

  local function mark(of) return (select(2, web:get("/mark?of=" .. of))) end

  -- Until that is there, or for 2 s: a known fault fails on an assertion.
  local function soon(of)
    local deadline = nginx.now() + 2
    while mark(of) == "0" and nginx.now() < deadline do socket.sleep(0.01) end
  end

  local ids = {}
  for i = 1, 20 do ids[i] = 100 + i end

  for _, place in ipairs(places.names) do
    local told = place == "errors.customErrors" and "404" or "1"

    it("A2: that never returns holds up no other call: " .. place, function()
      local connection = assert(socket.connect("127.0.0.1", web.port))
      assert(connection:send(("GET /never?place=%s HTTP/1.0\r\n\r\n"):format(place)))
      soon "begun"
      assert.not_equal("0", mark "begun")
      assert.equal(table.concat(ids, " "), get("others", place))
      connection:settimeout(0)
      assert.equal("timeout", (select(2, connection:receive "*a")))
      connection:close()
    end)

    it("takes its time, not that of the call: " .. place, function()
      assert.equal(told .. " 1", get("slow", place))
    end)
  end

  it("of a request that has ended in another callback runs in a timer", function()
    local connection = assert(socket.connect("127.0.0.1", web.port))
    assert(connection:send "GET /drop HTTP/1.0\r\n\r\n")
    soon "begun"
    connection:close()
    soon "gone"
    assert.equal("1", mark "gone")
    web:get "/after_drop"
    soon "saved"
    assert.equal("refresh-1 in timer", mark "saved")
  end)

  for _, place in ipairs { "hooks.request", "hooks.response", "auth.saveFunction" } do
    for what, when in pairs { leave = "has ended", stay = "goes on" } do
      it(("A2: of a future that nobody awaits runs in a timer, while its request %s: %s"):format(when, place), function()
        web:get(("/%s?place=%s"):format(what, place))
        soon "ended"
        assert.equal("1", mark "begun")
        assert.equal("1", mark "ended")
        assert.equal("timer", mark "phase")
      end)
    end

    it("A2: that waits has async and done return at once: " .. place, function()
      assert.equal("10 1 11", get("at_once", place))
    end)
  end
end)
