-- config.hooks and config.debug: what happens on the wire, told without secrets.
local oneentry = require "oneentry"
local child = require "support.child"
local server = require "support.server"

describe("hooks", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function client(events, config)
    config = config or {}
    config.hooks = {
      request = function(event) events[#events + 1] = event end,
      response = function(event) events[#events + 1] = event end,
    }
    return oneentry.define(peer.url, config)
  end

  it("tell of each attempt, before and after", function()
    local events = {}
    local api = client(events)
    peer:script { { "answer", status = 503 }, { "answer", body = "[1,2]" } }
    assert(api.Orders.getAllOrdersByMarker("orders", "fr_FR"))
    for _, i in ipairs { 2, 4 } do
      assert.is_true(events[i].duration >= 0 and events[i].duration < 5)
      events[i].duration = nil
    end
    local path = "/api/content/orders-storage/marker/{marker}/orders"
    assert.same({
      { method = "GET", path = path, attempt = 1 },
      { method = "GET", path = path, attempt = 1, status = 503, bytes = 0 },
      { method = "GET", path = path, attempt = 2 },
      { method = "GET", path = path, attempt = 2, status = 200, bytes = 5 },
    }, events)
  end)

  it("tell of the refresh", function()
    local events = {}
    local api = client(events, { auth = { accessToken = "s3cret", refreshToken = "s3cret" } })
    peer:script { { "answer", status = 401 }, { "answer", body = '{"accessToken":"s3cret","refreshToken":"s3cret"}' }, { "answer" } }
    assert(api.Orders.createOrder("s3cret", { formData = { marker = "s3cret" } }))
    local paths = {}
    for i, event in ipairs(events) do paths[i] = event.path:match "[^/]+$" .. " " .. tostring(event.status) end
    assert.same({ "orders nil", "orders 401", "refresh nil", "refresh 200", "orders nil", "orders 200" }, paths)
    assert.not_matches("s3cret", oneentry.pretty(events))
  end)

  it("tell why there was no answer", function()
    local events = {}
    peer:script { { "hangup" } }
    client(events).Users.archiveUser()
    assert.equal("network", events[2].code)
    assert.is_nil(events[2].status)
  end)

  it("cannot hurt the call", function()
    peer:script { fallback = { "answer", body = "[]" } }
    local function fail() error "hook" end
    assert.same({}, (oneentry.define(peer.url, { hooks = { request = fail, response = fail } }).Payments.getAccounts()))
  end)

  it("may close the client: nothing is sent then, and an answer that is there still counts", function()
    local api
    api = oneentry.define(peer.url, { hooks = { request = function() api.close() end } })
    peer:script { fallback = { "answer", body = '{"id":116}' } }
    local value, err = api.Orders.createOrder("orders", {})
    assert.is_nil(value)
    assert.same({ "closed", false }, { err.code, err.sent })
    assert.equal(0, #peer:requests())
    api = oneentry.define(peer.url, { hooks = { response = function() api.close() end } })
    assert.equal(116, assert(api.Orders.createOrder("orders", {})).id)
    assert.equal("closed", select(2, api.Payments.getAccounts()).code)
    assert.equal(1, #peer:requests())
  end)

  it("must be functions", function()
    assert.has_error(function() oneentry.define(peer.url, { hooks = { request = 5 } }) end)
    assert.has_error(function() oneentry.define(peer.url, { hooks = { on_request = print } }) end)
  end)
end)

describe("debug", function()
  it("writes a line for each request and answer to stderr", function()
    local peer = server.start()
    peer:script { { "answer", body = '{"accessToken":"s3cret"}' }, { "hangup" } }
    local text = child.run(([[
      local api = require "oneentry".define(%q, { debug = true, token = "s3cret" })
      api.AuthProvider.auth("s3cret", { authData = { { marker = "password", value = "s3cret" } } })
      api.Orders.createOrder("s3cret", {})
    ]]):format(peer.url))
    peer:stop()
    local path = "/api/content/users-auth-providers/marker/{marker}/users/auth"
    local orders = "/api/content/orders-storage/marker/{marker}/orders"
    local lines = {}
    for line in text:gmatch "[^\n]+" do lines[#lines + 1] = (line:gsub("%d%.%d%d%d s", "T s")) end
    assert.same({
      "oneentry: POST " .. path .. ", attempt 1",
      "oneentry: POST " .. path .. ": 200 T s, 24 bytes",
      "oneentry: POST " .. orders .. ", attempt 1",
      "oneentry: POST " .. orders .. ": 0 network, T s, 0 bytes",
    }, lines)
  end)

  -- Returns the output of a child whose callbacks fail as `throw` says.
  local function thrown(throw, debug)
    local peer = server.start()
    peer:script {
      { "answer", body = '{"accessToken":"access-token-1","refreshToken":"refresh-token-1"}' },
      { "answer", status = 404, body = '{"message":"none"}' },
    }
    local text, well = child.run(([[
      local api
      local function throw(place)
        return function(argument) %s end
      end
      api = require "oneentry".define(%q, {
        debug = %s, token = "application-token", hooks = { request = throw "request", response = throw "response" },
        auth = { saveFunction = throw "save" }, errors = { customErrors = { [404] = throw "custom" } },
      })
      assert(api.AuthProvider.auth("email", { authData = {} }))
      local value, err = api.Orders.createOrder("orders", {})
      assert(value == nil and err.statusCode == 404)
    ]]):format(throw, peer.url, tostring(debug)))
    peer:stop()
    assert.is_true(well, text)
    local lines = {}
    for line in text:gmatch "[^\n]+" do
      if not line:find " /api/" then lines[#lines + 1] = line end
    end
    return lines
  end

  local function lines(text)
    local list = {}
    local hooks = { "hooks.request", "hooks.response" }
    for i, name in ipairs { hooks[1], hooks[2], "auth.saveFunction", hooks[1], hooks[2], "errors.customErrors" } do
      list[i] = "oneentry: " .. name .. ": " .. text
    end
    return list
  end

  it("tells what a callback threw, on a line", function()
    local places, i = { "request", "response", "save", "request", "response", "custom" }, 0
    local expected = {}
    for n, line in ipairs(lines [[PLACE failed\nand more]]) do
      expected[n] = line:gsub("PLACE", function() i = i + 1 return places[i] end)
    end
    assert.same(expected, thrown([[error(place .. " failed\nand more", 0)]], true))
    assert.same(lines "an error of type table", thrown("error({})", true))
    -- Lua 5.5 makes a text of an error that is nil.
    assert.same(lines(_VERSION == "Lua 5.5" and "<no error object>" or "an error of type nil"), thrown("error()", true))
    assert.same(lines(("x"):rep(297) .. "..."), thrown([[error(("x"):rep(1000), 0)]], true))
    assert.same(lines [[a\x1bb]], thrown([[error("a\27b", 0)]], true))
  end)

  it("tells no token that way", function()
    local text = table.concat(thrown([[
      local s = api.getSession()
      error(("%s %s %s"):format(s.accessToken, s.refreshToken, "application-token"), 0)]], true), "\n")
    assert.not_matches("%-token", text)
    assert.matches("%*%*%* %*%*%* %*%*%*", text)
  end)

  it("is not what it takes to hear of that", function()
    local expected = {}
    for i, place in ipairs { "request", "response", "save", "request", "response", "custom" } do
      expected[i] = lines(place)[i]
    end
    assert.same(expected, thrown("error(place, 0)", false))
  end)
end)
