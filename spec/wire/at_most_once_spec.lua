-- A request that changes something is put on the wire once per call, whatever becomes of the connection.
-- libcurl alone sends it again when a connection it reuses dies before a byte of an answer.
local oneentry = require "oneentry"
local eventually = require "support.eventually"
local server = require "support.server"
local tls = require "support.server.tls"

local account = { "answer", headers = { ["content-type"] = "application/json" }, body = "[]" }
local order = { "answer", status = 201, headers = { ["content-type"] = "application/json" }, body = '{"id":116}' }

local body = { formIdentifier = "order", products = { { productId = 15, quantity = 1 } } }

local writes = {
  POST = function(api) return api.Orders.createOrder("orders", body) end,
  PUT = function(api) return api.Orders.updateOrderByMarkerAndId("orders", 116, body) end,
  DELETE = function(api) return api.Users.archiveUser() end,
}

local function count(peer, method)
  local seen = 0
  for _, request in ipairs(peer:requests()) do
    if request.method == method then seen = seen + 1 end
  end
  return seen
end

local certificates

local function suite(scheme)
  describe("over " .. scheme, function()
    local peer, api

    local function client(url, config)
      config = config or {}
      config.token, config.tls = "app-token", certificates and { caFile = certificates.ca } or nil
      return oneentry.define(url, config)
    end

    setup(function()
      if scheme == "https" then certificates = tls.make() end
      peer = server.start({ tls = certificates and certificates.good })
    end)
    teardown(function()
      peer:stop()
      if certificates then certificates:remove() end
      certificates = nil
    end)
    before_each(function() api = client(peer.url) end)
    after_each(function() api.close() end)

    -- Makes a first call, which leaves an idle connection behind; returns the connection's id.
    local function warm_up(steps)
      table.insert(steps, 1, account)
      peer:script(steps)
      assert(api.Payments.getAccounts())
      return peer:requests()[1].connection
    end

    local function next_call_works()
      assert.same({}, (assert(api.Payments.getAccounts())))
    end

    for method, call in pairs(writes) do
      for _, ending in ipairs({ "hangup", "reset" }) do
        it(("%s is sent once when its reused connection ends with a %s"):format(method, ending), function()
          local idle = warm_up({ { ending }, fallback = account })
          local value, err = call(api)
          assert.is_nil(value)
          assert.equal("network", err.code)
          assert.is_true(err.sent)
          assert.is_nil(err.statusCode)
          assert.equal(1, err.attempts)
          assert.equal(1, count(peer, method))
          assert.equal(idle, peer:requests()[2].connection) -- else the trap was not set
          next_call_works()
          assert.equal(1, count(peer, method))
        end)
      end

      it(method .. " is sent once when a fresh connection ends without an answer", function()
        peer:script({ { "hangup" }, fallback = account })
        local value, err = call(api)
        assert.is_nil(value)
        assert.equal("network", err.code)
        assert.is_true(err.sent)
        assert.equal(1, #peer:requests())
        next_call_works()
      end)

      it(method .. " is sent once when its answer is cut", function()
        warm_up({ { "partial", bytes = -5, body = '{"id":116}' }, fallback = account })
        local value, err = call(api)
        assert.is_nil(value)
        assert.equal("network", err.code)
        assert.is_true(err.sent)
        assert.equal(1, count(peer, method))
        next_call_works()
      end)

      for _, status in ipairs({ 429, 500, 502, 503, 504 }) do
        it(("%s is sent once when answered %d"):format(method, status), function()
          warm_up({ { "answer", status = status, body = "{}" }, fallback = account })
          local value, err = call(api)
          assert.is_nil(value)
          assert.equal(status, err.statusCode)
          assert.equal(1, count(peer, method))
        end)
      end

      for _, ending in ipairs({ "close", "reset" }) do
        it(("%s takes a fresh connection after a %s of the idle one"):format(method, ending), function()
          local idle = warm_up({ order })
          peer:act(idle, { ending, read = "nothing" })
          assert(call(api))
          assert.equal(1, count(peer, method))
          assert.not_equal(idle, peer:requests()[2].connection)
        end)
      end

      it(method .. " is not answered by what came unasked on an idle connection", function()
        local idle = warm_up({ order })
        peer:act(idle, { "send", bytes = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n", close = true })
        assert(call(api))
        assert.equal(1, count(peer, method))
        assert.not_equal(idle, peer:requests()[2].connection)
      end)
    end

    it("a POST that waited for a connection is not answered by what came unasked behind the answer before", function()
      local function answer(id, size)
        local head = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        local text = ('{"id":%d}'):format(id)
        text = text .. (" "):rep((size or 0) - #head:format(size or 0) - #text)
        return head:format(#text) .. text
      end
      local own = oneentry.define(peer.url, { maxConnections = 1, tls = certificates and { caFile = certificates.ca } or nil })
      local whole = answer(1, 16384) -- libcurl reads this much at once: the rest stays where it is
      assert.equal(16384, #whole)
      peer:script { { "reply", pieces = { whole, answer(666) } }, fallback = order }
      local first, second = own.async.Payments.createSession(1, "session"), own.async.Payments.createSession(2, "session")
      eventually(function() return first:done() or #peer:requests() == 1 end)
      peer:requests() -- the server has written both
      assert.equal(1, assert(first:await()).id)
      assert.equal(116, assert(second:await()).id)
      assert.equal(2, count(peer, "POST"))
      own.close()
    end)

    it("a GET in the same place is repeated", function()
      local idle = warm_up({ { "hangup" }, { "answer", body = '[{"id":1}]' }, fallback = account })
      local value = assert(api.Payments.getAccounts())
      assert.equal(1, value[1].id)
      local requests = peer:requests()
      assert.equal(3, #requests)
      assert.equal(idle, requests[2].connection)
      assert.equal(requests[2].path, requests[3].path)
      next_call_works()
    end)

    it("a POST that only reads is repeated there by libcurl, with its body", function()
      local attempts = 0
      api = client(peer.url, { maxRetries = 0, hooks = { request = function() attempts = attempts + 1 end } })
      local idle = warm_up({ { "hangup" }, { "answer", body = '{"totalSum":1}' }, fallback = account })
      assert.same({ totalSum = 1 }, (api.Orders.previewOrder { couponCode = "TEN" }))
      local requests = peer:requests()
      assert.same({ 3, 2 }, { #requests, attempts })
      assert.equal(idle, requests[2].connection)
      for i = 2, 3 do assert.same({ "POST", '{"couponCode":"TEN"}' }, { requests[i].method, requests[i].body }) end
      next_call_works()
    end)

    it("a refresh is sent once, though its handle has sent a read before", function()
      api = client(peer.url, { maxRetries = 0, auth = { accessToken = "a", refreshToken = "r", providerMarker = "email" } })
      peer:script { account, account, { "answer", status = 401, body = "{}" }, { "hangup" }, fallback = account }
      local first, second = api.async.Payments.getAccounts(), api.async.Payments.getAccounts()
      assert(first:await())
      assert(second:await())
      assert.equal(401, select(2, api.Payments.getAccounts()).statusCode)
      local requests = peer:requests()
      local reused = requests[4].connection
      assert.is_true(reused == requests[1].connection or reused == requests[2].connection) -- else the trap was not set
      assert.equal(1, count(peer, "POST"))
    end)

    for method, call in pairs(writes) do
      it(method .. " to a closed port was certainly not sent", function()
        local gone = server.start({ tls = certificates and certificates.good })
        gone:stop()
        local other = client(gone.url)
        local value, err = call(other)
        assert.is_nil(value)
        assert.equal("connect", err.code)
        assert.is_false(err.sent)
        assert.is_nil(err.statusCode)
        other.close()
      end)
    end

    it("a call works after the server has come back", function()
      local gone = server.start({ tls = certificates and certificates.good })
      gone:script({ fallback = account })
      local other = client(gone.url)
      next_call_works()
      assert(other.Payments.getAccounts())
      gone:stop()
      local value, err = writes.POST(other)
      assert.is_nil(value)
      assert.equal("connect", err.code)
      assert.is_false(err.sent)
      assert.is_nil(err.statusCode)
      local back = server.start({ tls = certificates and certificates.good, port = gone.port })
      back:script({ order })
      assert.equal(116, assert(writes.POST(other)).id)
      assert.equal(1, #back:requests())
      back:stop()
      other.close()
    end)
  end)
end

describe("err.sent", function()
  it("tells of every attempt, not of the last one alone", function()
    local peer = server.start()
    local api = oneentry.define(peer.url, { token = "app-token", maxRetries = 1, hooks = { request = function(event)
      if event.attempt == 2 then peer:stop() end
    end } })
    peer:script({ { "hangup" } })
    local value, err = api.Payments.getAccounts()
    assert.is_nil(value)
    assert.same({ "connect", true, 2 }, { err.code, err.sent, err.attempts })
  end)
end)

describe("at most once", function()
  suite("http")
  suite("https")
end)
