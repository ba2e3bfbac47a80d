-- HTTP/2 beside HTTP/1.1: libcurl before 8.5 can hand an answer to the wrong request where one multi handle has connections
-- of both, so each has its own. Every answer is the one to its request, and every write is put on the wire once.
local oneentry = require "oneentry"
local eventually = require "support.eventually"
local process = require "support.process"
local server = require "support.server"
local socket = require "socket"
local tls = require "support.server.tls"

describe("requests of both protocols", function()
  local certificates, peer, api
  setup(function() certificates = tls.make() end)
  teardown(function() certificates:remove() end)
  after_each(function()
    api.close()
    peer:stop()
  end)

  local function start(mode, config)
    local files = certificates.good
    peer = process.start(("%s %s %s %s %s"):format(process.interpreter("http.server", "openssl.ssl.context", "dkjson"),
      process.quote(process.spec .. "support/server/alpn_main.lua"), process.quote(files.certificate), process.quote(files.key), mode))
    config = config or {}
    config.tls = { caFile = certificates.ca }
    api = oneentry.define(peer:read(), config)
  end

  local function check(id, value, err)
    assert.is_nil(err)
    local about = value.body == "" and value.path:match "/(%d+)$" or value.body:match '"orderId":(%d+)'
      or value.body:match '"couponCode":"(%d+)"'
    assert.equal(tostring(id), about)
    assert.equal(1, value.seen)
    if value.body:find "orderId" then assert.equal("none", value.agreed) end -- HTTP/2 may have a write sent again
    return value.agreed
  end

  local last = 0
  local function new_id()
    last = last + 1
    return last
  end

  -- Makes reads and writes, several at once; counts over which protocol each was sent.
  local function together(n, counts)
    local futures, ids = {}, {}
    for i = 1, n do
      ids[i] = new_id()
      futures[i] = i % 4 == 0 and api.async.Payments.getSessionById(ids[i])
        or i % 4 == 2 and api.async.Orders.previewOrder { couponCode = tostring(ids[i]) }
        or api.async.Payments.createSession(ids[i], "session")
    end
    for i, future in ipairs(futures) do
      local agreed = check(ids[i], future:await())
      counts[agreed] = (counts[agreed] or 0) + 1
    end
  end

  local function alone(counts)
    local id = new_id()
    local agreed = check(id, api.Payments.createSession(id, "session"))
    counts[agreed] = (counts[agreed] or 0) + 1
  end

  local function run()
    local counts = {}
    alone(counts)
    for _ = 1, 8 do
      together(12, counts)
      alone(counts)
    end
    return counts
  end

  it("get each its own answer, and HTTP/2 is for reads that go out together", function()
    start "h2"
    local counts = run()
    assert.is_nil(counts["http/1.1"])
    assert.is_true(counts.h2 >= 40 and counts.none >= 8 * 7 + 1, ("%s h2, %s without"):format(counts.h2, counts.none))
  end)

  it("are all HTTP/1.1, on connections that offer nothing else, when the server does not choose HTTP/2", function()
    start "http/1.1"
    assert.same({ none = 8 * 13 + 1 }, run())
  end)

  it("never go out in HTTP/1.1 on a connection that offered HTTP/2, though the server chooses by turns", function()
    start "turns"
    for _ = 1, 3 do
      local counts = run()
      assert.is_nil(counts["http/1.1"])
    end
  end)

  it("are as many at once as maxConnections allows", function()
    for _, mode in ipairs { "h2", "http/1.1" } do
      start(mode, { maxConnections = 1 })
      assert.same({ none = 8 * 13 + 1 }, run())
      if mode == "h2" then
        api.close()
        peer:stop()
      end
    end
  end)
end)

describe("a call that waits to hear whether HTTP/2 is spoken", function()
  local certificates, peer, api, busy, probe
  setup(function() certificates = tls.make() end)
  teardown(function() certificates:remove() end)

  -- One call is under way, and the next one, which has to find out, is caught in its handshake.
  before_each(function()
    peer = server.start { tls = certificates.good }
    api = oneentry.define(peer.url, { timeout = 4, maxRetries = 0, tls = { caFile = certificates.ca } })
    peer:script { fallback = { "answer", status = 503, headers = { ["retry-after"] = "9" } } }
    local earlier = {} -- their handles are used again
    for i = 1, 3 do earlier[i] = api.async.Payments.createSession(i, "session") end
    for i = 1, 3 do assert.same(9, select(2, earlier[i]:await()).retryAfter) end
    local before = #peer:connections()
    peer:script { { "silence" }, { "silence", at = "accept", read = "nothing" }, fallback = { "answer", body = "[]" } }
    busy = api.async.Payments.createSession(1, "session")
    eventually(function() return busy:done() or #peer:requests() == 1 end)
    probe = api.async.Payments.getAccounts()
    eventually(function() return probe:done() or #peer:connections() > before end)
  end)
  after_each(function()
    api.close()
    peer:stop()
  end)

  it("ends at a deadline of its own, and knows nothing of earlier answers", function()
    local before = socket.gettime()
    local _, err = api.async.Payments.waitForSession(1, { timeout = 0.3, interval = 0.1 }):await()
    assert.same({ "timeout", false }, { err.code, err.sent, err.statusCode, err.retryAfter })
    assert.is_true(socket.gettime() - before < 0.55)
  end)

  it("goes on when the one that was to find out is cancelled", function()
    local future, before = api.async.Payments.getAccounts(), socket.gettime()
    probe:cancel()
    assert.same({}, (assert(future:await())))
    assert.is_true(socket.gettime() - before < 1)
    assert.equal("cancelled", select(2, probe:await()).code)
  end)
end)
