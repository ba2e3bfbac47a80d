-- Conveniences for payments: the waiting session of an order, and waiting for its end.
local oneentry = require "oneentry"
local server = require "support.server"
local socket = require "socket"

local function session(id, status)
  return ('{"id":%d,"orderId":116,"status":"%s"}'):format(id, status)
end

describe("Payments.getWaitingSession", function()
  local peer, api
  setup(function()
    peer = server.start()
    api = oneentry.define(peer.url, { maxRetries = 0 })
  end)
  teardown(function() peer:stop() end)

  local function get(body, status)
    peer:script { { "answer", status = status, body = body } }
    return api.Payments.getWaitingSession(116)
  end

  it("finds it among the canceled ones", function()
    assert.equal(66, get("[" .. session(65, "canceled") .. "," .. session(66, "waiting") .. "]").id)
    assert.equal("/api/content/payments/sessions/order/116", peer:requests()[1].path)
  end)

  it("takes the newest when there are several, in any order", function()
    assert.equal(67, get("[" .. session(67, "waiting") .. "," .. session(66, "waiting") .. "]").id)
  end)

  it("compares ids that are no doubles", function()
    local list = '[{"id":9007199254740993,"status":"waiting","n":1},{"id":9007199254740997,"status":"waiting","n":2}]'
    assert.equal(2, get(list).n)
  end)

  it("takes the single session of an older server", function()
    assert.equal(65, get(session(65, "waiting")).id)
    assert.is_false((get(session(65, "completed"))))
  end)

  it("is false when there is none", function()
    for _, body in ipairs { "[]", "", "null", "5", '[null,5,{"id":1}]', "[" .. session(65, "completed") .. "]" } do
      local value, err = get(body)
      assert.is_false(value)
      assert.is_nil(err)
    end
  end)

  it("is nil and an error when that could not be found out", function()
    local value, err = get('{"message":"Order not found"}', 404)
    assert.is_nil(value)
    assert.equal(404, err.statusCode)
  end)
end)

describe("Payments.waitForSession", function()
  local peer, api
  setup(function()
    peer = server.start()
    api = oneentry.define(peer.url, { maxRetries = 1, timeout = 5 })
  end)
  teardown(function() peer:stop() end)

  local function wait(steps, options)
    for i, step in ipairs(steps) do steps[i] = type(step) == "string" and { "answer", body = step } or step end
    peer:script(steps)
    local before = socket.gettime()
    local value, err = api.Payments.waitForSession(65, options)
    return value, err, socket.gettime() - before
  end

  it("returns a session that has ended at once", function()
    for _, status in ipairs { "completed", "canceled", "expired" } do
      assert.equal(status, wait({ session(65, status) }).status)
      assert.equal(1, #peer:requests())
    end
  end)

  it("looks again every interval while it is waiting", function()
    local value, _, time = wait({ session(65, "waiting"), session(65, "waiting"), session(65, "completed") }, { interval = 0.1 })
    assert.equal("completed", value.status)
    assert.is_true(time >= 0.19 and time < 1.5)
    assert.equal(3, #peer:requests())
    assert.equal("/api/content/payments/sessions/65", peer:requests()[3].path)
  end)

  it("outlives the timeout of a single call", function()
    local short = oneentry.define(peer.url, { timeout = 0.3 })
    peer:script { { "answer", body = session(65, "waiting") }, { "answer", body = session(65, "waiting") },
      { "answer", body = session(65, "waiting") }, { "answer", body = session(65, "completed") } }
    assert.equal("completed", assert(short.Payments.waitForSession(65, { interval = 0.2 })).status)
  end)

  it("gives up after its own timeout, and says so", function()
    local value, err, time = wait({ fallback = { "answer", body = session(65, "waiting") } }, { timeout = 0.5, interval = 0.1 })
    assert.is_nil(value)
    assert.equal("timeout", err.code)
    assert.matches("still waiting", err.message)
    assert.is_true(time < 0.75)
    wait({ fallback = { "answer", body = session(65, "waiting") } }, { timeout = 1, interval = 0.05 })
    assert.is_true(#peer:requests() >= 3)
  end)

  it("bears with a failure in between, as any read", function()
    assert.equal("completed", wait({ session(65, "waiting"), { "answer", status = 503 }, session(65, "waiting"), { "hangup" },
      session(65, "completed") }, { interval = 0.05 }).status)
    local _, err = wait({ { "answer", status = 404 } })
    assert.equal(404, err.statusCode)
  end)

  it("refreshes an expired token more than once", function()
    local tokens = '{"accessToken":"a%d","refreshToken":"r%d"}'
    local user = api.session { accessToken = "a0", refreshToken = "r0" }
    peer:script {
      { "answer", status = 401 }, { "answer", body = tokens:format(1, 1) }, { "answer", body = session(65, "waiting") },
      { "answer", status = 401 }, { "answer", body = tokens:format(2, 2) }, { "answer", body = session(65, "completed") },
    }
    assert.equal("completed", assert(user.Payments.waitForSession(65, { interval = 0.05 })).status)
    assert.equal(6, #peer:requests())
  end)

  it("refuses options that it does not know", function()
    for _, case in ipairs {
      { { timeot = 5 }, "options.timeot: unknown member, did you mean 'timeout'?" },
      { { interval = 0 }, "options.interval: more than 0" },
      { { timeout = "5" }, "options.timeout: number expected, got string" },
      { 5, "table expected, got number" },
    } do
      local ok, message = pcall(api.Payments.waitForSession, 65, case[1])
      assert.is_false(ok)
      assert.matches("bad argument #2 to 'waitForSession' (" .. case[2], message, 1, true)
    end
  end)
end)
