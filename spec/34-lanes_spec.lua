-- HTTP/2 beside HTTP/1.1: libcurl before 8.5 can hand an answer to the wrong request where one multi handle has connections
-- of both, so each has its own. Every answer is the one to its request, and every write is put on the wire once.
local oneentry = require "oneentry"
local process = require "support.process"
local tls = require "support.tls"

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
      process.quote(process.spec .. "support/alpn_main.lua"), process.quote(files.certificate), process.quote(files.key), mode))
    config = config or {}
    config.tls = { caFile = certificates.ca }
    api = oneentry.define(peer:read(), config)
  end

  local function check(id, value, err)
    assert.is_nil(err)
    local about = value.body == "" and value.path:match "/(%d+)$" or value.body:match '"orderId":(%d+)'
    assert.equal(tostring(id), about)
    assert.equal(1, value.seen)
    return value.agreed
  end

  local last = 0
  local function new_id()
    last = last + 1
    return last
  end

  -- Reads and writes, several at once; what each was sent over, counted.
  local function together(n, counts)
    local futures, ids = {}, {}
    for i = 1, n do
      ids[i] = new_id()
      futures[i] = i % 2 == 0 and api.async.Payments.getSessionById(ids[i]) or api.async.Payments.createSession(ids[i], "session")
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
    assert.same({ h2 = 8 * 6, none = 8 * 6 + 9 }, counts) -- reads that go out together; writes, and one call after another
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
