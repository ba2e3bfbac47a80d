-- What is sent again: reads, after transient failures, never past the deadline.
local oneentry = require "oneentry"
local server = require "support.server"

describe("a read", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function client(config)
    config = config or {}
    config.token = "app"
    return oneentry.define(peer.url, config)
  end

  for _, case in ipairs {
    { "429", { "answer", status = 429 } }, { "502", { "answer", status = 502, body = "<html>" } },
    { "503", { "answer", status = 503 } }, { "504", { "answer", status = 504 } },
    { "a closed connection", { "hangup" } }, { "a reset", { "reset" } },
    { "a cut answer", { "partial", status = 200, body = "[1,2]", bytes = 40 } },
  } do
    it("is repeated after " .. case[1], function()
      peer:script { case[2], { "answer", body = "[]" } }
      assert.same({}, (client().Payments.getAccounts()))
      assert.equal(2, #peer:requests())
    end)
  end

  for _, status in ipairs { 400, 403, 404, 409, 500, 501 } do
    it("is not repeated after " .. status, function()
      peer:script { { "answer", status = status }, { "answer", body = "[]" } }
      local _, err = client().Payments.getAccounts()
      assert.same({ status, 1 }, { err.statusCode, err.attempts })
      assert.equal(1, #peer:requests())
    end)
  end

  it("is repeated maxRetries times, then the last answer counts", function()
    for retries = 0, 2 do
      peer:script { fallback = { "answer", status = 503, body = '{"message":"busy"}' } }
      local _, err = client({ maxRetries = retries }).Payments.getAccounts()
      assert.same({ 503, "busy", retries + 1 }, { err.statusCode, err.message, err.attempts })
      assert.equal(retries + 1, #peer:requests())
    end
  end)

  it("waits as long as Retry-After says", function()
    peer:script { { "answer", status = 503, headers = { ["retry-after"] = "1" } }, { "answer", body = "[]" } }
    assert.is_table(client().Payments.getAccounts())
    local requests = peer:requests()
    assert.is_true(requests[2].at - requests[1].at >= 0.99)
  end)

  it("is not repeated past the deadline", function()
    for _, after in ipairs { "30", "Fri, 31 Dec 2100 23:59:59 GMT" } do
      peer:script { { "answer", status = 503, headers = { ["retry-after"] = after } }, { "answer", body = "[]" } }
      local _, err = client({ timeout = 2 }).Payments.getAccounts()
      assert.equal(503, err.statusCode)
      assert.is_true(err.retryAfter >= 29)
      assert.equal(1, #peer:requests())
    end
  end)

  it("is repeated when a connection is refused, and says so in the end", function()
    local closed = server.start()
    local api = oneentry.define(closed.url, { token = "app", maxRetries = 1 })
    closed:stop()
    local _, err = api.Payments.getAccounts()
    assert.same({ "connect", false, 2 }, { err.code, err.sent, err.attempts })
  end)
end)

describe("what is not a read", function()
  it("is never repeated", function()
    local peer = server.start()
    local api = oneentry.define(peer.url, { token = "app", maxRetries = 2 })
    local calls = {
      function() return api.Orders.createOrder("o", {}) end,
      function() return api.Orders.updateOrderByMarkerAndId("o", 1, {}) end,
      function() return api.Users.archiveUser() end,
    }
    for _, step in ipairs { { "answer", status = 503 }, { "answer", status = 429 }, { "hangup" }, { "reset" } } do
      for _, call in ipairs(calls) do
        peer:script { step, { "answer", body = "true" } }
        local value, err = call()
        assert.is_nil(value)
        assert.is_true(err.sent)
        assert.equal(1, err.attempts)
        assert.equal(1, #peer:requests())
      end
    end
    peer:stop()
  end)
end)
