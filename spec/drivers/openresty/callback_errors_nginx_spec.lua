-- Callbacks that throw inside nginx: the answer stays, and nginx' error log or errors.callback has the error.
local nginx = require "support.nginx"
local places = require "support.driver.places"
local server = require "support.server"
local socket = require "socket"
local tmp = require "support.tmp"

local HTTP = [[
  init_by_lua_block {
    local oneentry, places, api_url = require "oneentry", require "support.driver.places", "%s"
    local kept = {}

    -- By how a callback fails: what it does, and errors.callback, both given what happens to be heard.
    local ways = {
      throws = { function() error("it went wrong", 0) end },
      waits = { function()
        ngx.sleep(0.001)
        error("it went wrong", 0)
      end },
      told = { function(_, thrown) error(thrown) end, function(heard, thrown, problem, where)
        heard[#heard + 1] = tostring(rawequal(thrown, problem)) .. " " .. where
      end },
      told_waits = { function(_, thrown) error(thrown) end, function(heard, _, _, where)
        ngx.sleep(0.001)
        heard[#heard + 1] = "waited for " .. where
      end },
      both = { function() error("it went wrong", 0) end, function() error("this too", 0) end },
      awaits = { function(heard) heard.future:await() end },
      awaits_all = { function(heard) assert(oneentry.all { heard.future }) end },
    }

    local function define(place, how)
      local heard, thrown, f, callback = {}, {}, ways[how][1], ways[how][2]
      local api, id = places.define(api_url, place, function() f(heard, thrown) end,
        { errors = callback and { callback = function(...) callback(heard, thrown, ...) end } })
      return api, id, heard
    end

    function get(place, how)
      local api, id, heard = define(place, how)
      return tostring(places.told(api.Payments.getSessionById(id))) .. ": " .. table.concat(heard, ", ")
    end

    function await(place, how)
      local api, id, heard = define(place, how)
      heard.future = api.async.Payments.getSessionById(id)
      return tostring(places.told(heard.future:await())) .. ": " .. table.concat(heard, ", ")
    end

    function leave(place, how)
      local api, id = define(place, how)
      kept[#kept + 1] = api.async.Payments.getSessionById(id)
    end
  }
]]

local SERVER = [[
  location /get { content_by_lua_block { ngx.print(get(ngx.var.arg_place, ngx.var.arg_how)) } }
  location /await { content_by_lua_block { ngx.print(await(ngx.var.arg_place, ngx.var.arg_how)) } }
  location /leave { content_by_lua_block { leave(ngx.var.arg_place, ngx.var.arg_how) } }
]]

describe("inside nginx what a callback throws", function()
  local peer, web, read

  local function log() return tmp.read(web.directory .. "/error.log") end

  setup(function()
    peer = server.start()
    web = nginx.start { http = HTTP:format(peer.url), server = SERVER }
  end)
  teardown(function()
    web:stop()
    peer:stop()
  end)
  before_each(function()
    web:worker()
    peer:script(places.script)
    read = #log()
  end)

  -- Counts how often this test has brought that text into the error log.
  local function logged(text)
    local count, at, new = 0, 1, log():sub(read + 1)
    while true do
      at = new:find(text, at, true)
      if not at then return count end
      count, at = count + 1, at + 1
    end
  end

  local function get(what, place, how) return (select(2, web:get(("/%s?place=%s&how=%s"):format(what, place, how)))) end

  for _, place in ipairs(places.names) do
    local told = place == "errors.customErrors" and "404: " or "1: "
    local line = "oneentry: " .. place .. ": "

    for _, what in ipairs { "get", "await" } do
      it(("is a line of the error log that names it: %s, %s"):format(place, what), function()
        assert.equal(told, get(what, place, "throws"))
        assert.equal(1, logged(line .. "it went wrong"))
        assert.equal(1, logged "it went wrong")
      end)
    end

    it("after it has waited is a line, too: " .. place, function()
      assert.equal(told, get("get", place, "waits"))
      assert.equal(1, logged(line .. "it went wrong"))
    end)

    it("goes to errors.callback instead, as it was thrown, with the name: " .. place, function()
      assert.equal(told .. "true " .. place, get("get", place, "told"))
      assert.equal(0, logged "oneentry:")
    end)

    it("goes to an errors.callback that may wait: " .. place, function()
      assert.equal(told .. "waited for " .. place, get("get", place, "told_waits"))
    end)

    it("is not silent when errors.callback throws: " .. place, function()
      assert.equal(told, get("get", place, "both"))
      assert.equal(1, logged "errors.callback")
    end)

    if place ~= "hooks.request" then -- told of before its future is there
      for _, how in ipairs { "awaits", "awaits_all" } do
        it(("tells who awaits the very future that it is told of: %s, %s"):format(place, how), function()
          assert.equal(told, get("await", place, how))
          assert.equal(1, logged(line .. "a call's own callback cannot wait for it"))
        end)
      end
    end

    if place ~= "errors.customErrors" then
      it("is a line when nobody awaits the future: " .. place, function()
        web:get(("/leave?place=%s&how=throws"):format(place))
        local deadline = nginx.now() + 2
        while logged(line) == 0 and nginx.now() < deadline do socket.sleep(0.01) end
        assert.equal(1, logged(line .. "it went wrong"))
      end)
    end
  end
end)
