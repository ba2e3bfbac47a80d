-- The proven defects of the official SDK (its contract numbers them D01 to D45): where each is shown not to be ours.
local oneentry = require "oneentry"
local process = require "support.process"
local server = require "support.server"
local socket = require "socket"

-- The spec file that holds the number; or the tables that it is of, which are not all there yet.
local shown = {
  D01 = "api/defects", D02 = "request/body", D03 = "request/paths", D04 = "session/session", D05 = "session/session",
  D06 = "api/defects", D07 = "api/defects", D08 = "api/defects", D09 = "reply/errors", D10 = "reply/errors", D11 = "session/session",
  D12 = "session/session", D13 = "session/session", D14 = "session/session", D15 = "session/session", D16 = "session/session",
  D20 = "reply/replay_results", D21 = "reply/shape", D22 = "reply/schedule", D23 = "reply/shape", D24 = "reply/shape",
  D26 = "api/config", D27 = "reply/response", D28 = "session/session", D29 = "reply/validation", D31 = "request/body",
  D32 = "reply/response", D33 = "reply/errors", D34 = "api/defects", D36 = "files/download",
  D37 = "reply/validation", D39 = "api/defects", D40 = "api/defects",
  D41 = "api/config", D42 = "request/query", D44 = "reply/errors",
}
local elsewhere = {
  D17 = "Events", D18 = "Blocks", D19 = "Pages, Blocks", D25 = "Pages, Products", D30 = "FormData", D35 = "WS",
  D38 = "Pages, Products", D43 = "Pages", D45 = "Pages",
}

describe("every defect", function()
  for i = 1, 45 do
    local number = ("D%02d"):format(i)
    it(number .. (elsewhere[number] and " is of " .. elsewhere[number] or " is shown not to be ours"), function()
      assert.is_true((shown[number] == nil) ~= (elsewhere[number] == nil))
      if shown[number] then
        local file = assert(io.open(process.spec .. shown[number] .. "_spec.lua"))
        local text = file:read "*a"
        file:close()
        assert.matches(number, (text:gsub("  D%d%d = [^\n]+", "")), 1, true)
      end
    end)
  end
end)

describe("the defect", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local unauthorized = { "answer", status = 401 }
  local function tokens(n)
    return { "answer", body = ('{"accessToken":"access-%d","refreshToken":"refresh-%d"}'):format(n, n) }
  end
  local live = { accessToken = "access-0", refreshToken = "refresh-0" }
  local function sent(name)
    local n = 0
    for _, request in ipairs(peer:requests()) do
      if request.path:find(name, 1, true) then n = n + 1 end
    end
    return n
  end

  it("D01: calls that are answered 401 at the same time refresh once", function()
    local api, nested
    local announced = 0
    local function inner() -- runs while the outer call already has its 401
      if not nested then
        nested = true
        nested = { api.Payments.getSessionById(2) }
      end
    end
    -- nginx cannot wait in a callback
    api = oneentry.define(peer.url, { driver = "blocking", auth = live, maxRetries = 0, hooks = {
      response = inner, request = function(event)
        if event.path:find "/refresh$" then announced = announced + 1 end
      end,
    } })
    peer:script { unauthorized, unauthorized, tokens(1), { "answer", body = '{"id":2}' }, { "answer", body = '{"id":1}' } }
    assert.equal(1, assert(api.Payments.getSessionById(1)).id)
    assert.equal(2, nested[1].id)
    assert.equal(1, sent "/refresh")
    assert.equal(1, announced)
    assert.equal(5, #peer:requests())
  end)

  it("D06: a broken connection is an error of every method, with the reason", function()
    local api = oneentry.define(peer.url, { maxRetries = 0 })
    for _, call in ipairs {
      function() return api.Payments.getSessionById(1) end,
      function() return api.Orders.getOrderByMarkerAndId("orders", 1) end,
      function() return api.Orders.createOrder("orders", {}) end,
    } do
      peer:script { { "reset" } }
      local value, err = call()
      assert.is_nil(value)
      assert.equal("network", err.code)
    end
  end)

  it("D07: a server that never answers ends at the timeout", function()
    local api = oneentry.define(peer.url, { timeout = 0.2 })
    peer:script { { "silence" } }
    local before = socket.gettime()
    assert.equal("timeout", select(2, api.Payments.createSession(1, "session")).code)
    assert.is_true(socket.gettime() - before < 0.45)
  end)

  it("D08: refund calls leave the urls of the others alone, also when they fail, raise or are repeated", function()
    local urls
    local api = oneentry.define(peer.url, { auth = live, maxRetries = 0, errors = { isShell = false },
      hooks = { request = function(event)
        if event.path:find "/refund$" and not urls then -- started while the refund call waits to be sent
          urls = "set"
          pcall(oneentry.define(peer.url, { driver = "blocking" }).Payments.getAccounts) -- nginx cannot wait in a callback
        end
      end } })
    peer:script { { "answer", body = "[]" }, unauthorized, tokens(1), { "answer", status = 404 }, { "answer", body = "{}" } }
    assert.is_false((pcall(api.Orders.getRefunds, 5)))
    assert.is_table(api.Orders.getOrderByMarkerAndId("orders", 5))
    local paths = {}
    for i, request in ipairs(peer:requests()) do paths[i] = request.path:match "^[^?]+" end
    assert.same({ "/api/content/payments/accounts", "/api/content/orders/5/refund",
      "/api/content/users-auth-providers/marker/email/users/refresh", "/api/content/orders/5/refund",
      "/api/content/orders-storage/marker/orders/orders/5" }, paths)
  end)

  it("D34: a logout while a refresh is due ends the session for good", function()
    local api
    api = oneentry.define(peer.url, { auth = live, maxRetries = 0, hooks = {
      request = function(event)
        if event.path:find "/refresh$" then api.AuthProvider.setAccessToken(nil).setRefreshToken(nil) end
      end,
    } })
    peer:script { unauthorized, tokens(1) }
    assert.equal(401, select(2, api.Payments.getSessionById(1)).statusCode)
    assert.is_nil(api.getSession().accessToken)
    assert.equal(0, sent "/refresh")
  end)

  it("D39: a null reply is a value, and no login", function()
    local api = oneentry.define(peer.url, { maxRetries = 0 })
    peer:script { fallback = { "answer", body = "null" } }
    assert.equal(oneentry.null, (api.Orders.getOrderByMarkerAndId("orders", 1)))
    local value, err = api.AuthProvider.auth("email", {})
    assert.is_nil(value)
    assert.equal("invalid_response", err.code)
  end)

  it("D40: no name of a member is special", function()
    local api = oneentry.define(peer.url, { maxRetries = 0 })
    peer:script { fallback = { "answer", body = '{"__proto__":{"a":1},"__index":2,"constructor":3,"__gc":4}' } }
    assert.same({ __proto__ = { a = 1 }, __index = 2, constructor = 3, __gc = 4 }, (api.Users.getUser()))
  end)
end)
