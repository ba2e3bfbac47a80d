-- Only reads are sent again, after transient failures, never past the deadline.
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

  it("has 30 seconds by default", function()
    peer:script { { "answer", status = 503, headers = { ["retry-after"] = "31" } }, { "answer", body = "[]" } }
    assert.equal(503, select(2, client().Payments.getAccounts()).statusCode)
    assert.equal(1, #peer:requests())
  end)

  it("forgets the Retry-After of an earlier answer", function()
    local api = client({ maxRetries = 0 })
    peer:script { { "answer", status = 503, headers = { ["retry-after"] = "1" } }, { "answer", status = 503 } }
    assert.equal(1, select(2, api.Payments.getAccounts()).retryAfter)
    assert.is_nil(select(2, api.Payments.getAccounts()).retryAfter)
  end)

  -- Seconds between the requests that were seen. Others may keep the machine busy: only the least says something.
  local function gaps()
    local list, requests = {}, peer:requests()
    for i = 2, #requests do list[i - 1] = requests[i].at - requests[i - 1].at end
    return list
  end

  it("waits twice as long every time", function()
    peer:script { fallback = { "answer", status = 503 } }
    client({ maxRetries = 3 }).Payments.getAccounts()
    for i, gap in ipairs(gaps()) do
      assert.is_true(gap >= 0.099 * 2 ^ (i - 1), ("gap %d is %.3f s"):format(i, gap))
    end
    assert.equal(3, #gaps())
  end)

  it("waits for a time that chance shortens", function()
    local least = 1
    for _ = 1, 12 do -- all of them over 0.17 s of 0.1 to 0.2: once in two million runs
      peer:script { { "answer", status = 503 }, { "answer", body = "[]" } }
      assert(client().Payments.getAccounts())
      least = math.min(least, gaps()[1])
      if least < 0.17 then break end
    end
    assert.is_true(least >= 0.099 and least < 0.17, ("%.3f s"):format(least))
  end)

  for name, step in pairs {
    ["what is no HTTP"] = { "reply", bytes = "garbage\r\n\r\n", close = true },
    ["what is too large"] = { "answer", body = ("x"):rep(2000) },
    ["headers that are too large"] = { "answer", headers = { ["x-a"] = ("x"):rep(300000) } },
    ["what is no JSON"] = { "answer", body = "<html>" },
  } do
    it("is not repeated after what would be the same again: " .. name, function()
      peer:script { step, { "answer", body = "[]" } }
      local value, err = client({ maxResponseSize = 1000 }).Payments.getAccounts()
      assert.is_nil(value)
      assert.equal(name:find "too large" and "too_large" or "invalid_response", err.code)
      assert.equal(1, #peer:requests())
    end)
  end

  it("is not repeated after an error page that was cut", function()
    peer:script { { "partial", status = 400, body = ("x"):rep(100), bytes = 60 }, { "answer", body = "[]" } }
    local _, err = client().Payments.getAccounts()
    assert.same({ 400, 1 }, { err.statusCode, err.attempts })
  end)

  it("is repeated when a connection is refused, and says so in the end", function()
    local closed = server.start()
    local api = oneentry.define(closed.url, { token = "app", maxRetries = 1 })
    closed:stop()
    local _, err = api.Payments.getAccounts()
    assert.same({ "connect", false, 2 }, { err.code, err.sent, err.attempts })
  end)
end)

describe("a POST that only reads", function()
  it("is repeated with its body", function()
    local peer = server.start()
    local api = oneentry.define(peer.url, { token = "app", maxRetries = 2 })
    for _, step in ipairs { { "answer", status = 503 }, { "answer", status = 429 }, { "hangup" }, { "reset" } } do
      peer:script { step, { "answer", body = '{"totalSum":1}' } }
      assert.same({ totalSum = 1 }, (api.Orders.previewOrder { couponCode = "TEN" }))
      local requests = peer:requests()
      assert.equal(2, #requests)
      for _, request in ipairs(requests) do
        assert.same({ "POST", '{"couponCode":"TEN"}' }, { request.method, request.body })
      end
    end
    peer:stop()
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
