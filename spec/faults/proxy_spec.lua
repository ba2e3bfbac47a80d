-- Proxies: none by default, whatever the environment says; the one that is configured; and its faults.
local child = require "support.child"
local oneentry = require "oneentry"
local server = require "support.server"
local tls = require "support.server.tls"

local good = { "answer", body = '{"id":116}' }

local writes = {
  POST = function(api) return api.Orders.createOrder("orders", { products = {} }) end,
  PUT = function(api) return api.Orders.updateOrderByMarkerAndId("orders", 116, { products = {} }) end,
  DELETE = function(api) return api.Users.archiveUser() end,
  GET = function(api) return api.Payments.getSessionById(1) end,
}

describe("faults of proxies:", function()
  local here, secure, proxy, certificates
  setup(function()
    certificates = tls.make()
    here, proxy, secure = server.start(), server.start(), server.start({ tls = certificates.good })
  end)
  teardown(function()
    for _, peer in ipairs({ here, secure, proxy }) do peer:stop() end
    certificates:remove()
  end)
  before_each(function()
    here:script({ fallback = good })
    secure:script({ fallback = good })
    proxy:script({ fallback = good })
  end)

  local function heads(peer)
    return peer:command("report").heads
  end

  local function in_child(url, config, environment)
    return child.run(([[
      local oneentry = require "oneentry"
      local api = oneentry.define(%q, { token = "app-token", timeout = 5, maxRetries = 0, tls = { caFile = %q }, %s })
      local value, err = api.Orders.createOrder("orders", { products = {} })
      print(value and value.id, err and err.code, err and tostring(err.sent))
    ]]):format(url, certificates.ca, config), environment)
  end

  for _, name in ipairs({ "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }) do
    it(name .. " is ignored by default", function()
      local environment = name .. "=" .. proxy.url
      for _, peer in ipairs({ here, secure }) do
        local output, ended = in_child(peer.url, "", environment)
        assert.equal("116\tnil\tnil\n", output)
        assert.is_true(ended)
        assert.equal(1, #heads(peer))
      end
      assert.same({}, heads(proxy))
    end)
  end

  it("http_proxy is heeded with proxy = \"env\"", function()
    assert.equal("116\tnil\tnil\n", (in_child("http://shop.invalid", 'proxy = "env"', "no_proxy= http_proxy=" .. proxy.url)))
    assert.equal("http://shop.invalid/api/content/orders-storage/marker/orders/orders", heads(proxy)[1].path:match "^[^?]+")
  end)

  it("https_proxy is heeded with proxy = \"env\", and refuses", function()
    proxy:script({ { "answer", status = 403 } })
    local output = in_child(secure.url, 'proxy = "env"', "no_proxy= https_proxy=" .. proxy.url)
    assert.equal("nil\tnetwork\tfalse\n", output)
    assert.same({}, heads(secure))
  end)

  it("no_proxy excepts hosts from proxy = \"env\", not from a configured one", function()
    assert.equal("116\tnil\tnil\n", (in_child(here.url, 'proxy = "env"', "no_proxy=127.0.0.1 http_proxy=" .. proxy.url)))
    assert.same({ 1, 0 }, { #heads(here), #heads(proxy) })
    assert.equal("116\tnil\tnil\n", (in_child(here.url, ("proxy = %q"):format(proxy.url), "no_proxy=127.0.0.1")))
    assert.same({ 1, 1 }, { #heads(here), #heads(proxy) })
  end)

  local function client(url)
    return oneentry.define(url, { token = "app-token", timeout = 5, maxRetries = 0, proxy = proxy.url, tls = { caFile = certificates.ca } })
  end

  for verb, call in pairs(writes) do
    it(verb .. " goes to the proxy as a whole url", function()
      local api = client(here.url)
      assert.equal(116, assert(call(api)).id)
      assert.equal(here.url, heads(proxy)[1].path:sub(1, #here.url))
      assert.same({}, heads(here))
    end)

    for _, status in ipairs({ 407, 502, 504 }) do
      it(("%s that the proxy answers %d"):format(verb, status), function()
        proxy:script({ { "answer", status = status, headers = { ["proxy-authenticate"] = "Basic realm=x" } }, fallback = good })
        local _, err = call(client(here.url))
        assert.same({ "http", status, true }, { err.code, err.statusCode, err.sent })
        assert.equal(1, #heads(proxy))
      end)
    end

    for name, step in pairs({
      ["is refused with 403"] = { "answer", status = 403 }, ["is refused with 407"] = { "answer", status = 407 },
      ["is refused with 502"] = { "answer", status = 502, body = "<html>" }, ["is closed"] = { "hangup" }, ["is reset"] = { "reset" },
      ["is garbage"] = { "reply", bytes = "garbage\r\n\r\n", close = true },
      ["is a redirect"] = { "answer", status = 302, headers = { location = "http://127.0.0.1:1/" } },
      ["is cut"] = { "reply", bytes = "HTTP/1.1 200 Conn", close = true },
      ["ends where TLS begins"] = { "reply", bytes = "HTTP/1.1 200 OK\r\n\r\n", close = true },
      ["leads to no TLS"] = { "reply", bytes = "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 No\r\n\r\n", close = true },
    }) do
      it(("%s through a tunnel that %s"):format(verb, name), function()
        proxy:script({ step, fallback = { "answer", status = 403 } })
        local api = client(secure.url)
        local value, err = call(api)
        assert.is_nil(value)
        assert.is_true(err.code == "network" or err.code == "connect" or err.code == "tls" or err.code == "invalid_response", tostring(err))
        assert.is_false(err.sent)
        assert.is_nil(err.statusCode)
        for _, request in ipairs(proxy:requests()) do
          assert.equal("CONNECT", request.method)
          assert.is_nil(request.raw:find("app-token", 1, true))
        end
        assert.same({}, heads(secure))
      end)
    end
  end

  for verb, call in pairs(writes) do
    it(verb .. " through a tunnel is answered by the server, whatever the proxy has said", function()
      local tunnel = { "tunnel", port = secure.port, bytes = "HTTP/1.1 200 Hello\r\ncontent-length: 0\r\nretry-after: 9\r\n\r\n" }
      proxy:script({ tunnel, tunnel })
      assert.equal(116, assert(call(client(secure.url))).id)
      -- Nothing tells whether this answer is whole; the proxy's content-length does not.
      secure:script({ { "reply", bytes = "HTTP/1.1 200 OK\r\n\r\n", close = true } })
      local value, err = call(client(secure.url))
      assert.is_nil(value)
      assert.same({ "network", true }, { err.code, err.sent, err.retryAfter })
    end)
  end

  it("a proxy that is not there", function()
    local gone = oneentry.define(here.url, { token = "app-token", timeout = 5, maxRetries = 0, proxy = "http://127.0.0.1:1" })
    local _, err = writes.POST(gone)
    assert.same({ "connect", false }, { err.code, err.sent })
    assert.same({}, heads(here))
  end)

  it("a proxy without an address", function()
    local gone = oneentry.define(here.url, { token = "app-token", timeout = 5, maxRetries = 0,
      proxy = "http://" .. ("a"):rep(64) .. ".invalid" })
    local _, err = writes.POST(gone)
    assert.same({ "dns", false }, { err.code, err.sent })
  end)

  it("a tunnel that stalls ends at the deadline", function()
    proxy:script({ { "silence" } })
    local _, err = writes.POST(oneentry.define(secure.url, { token = "app-token", timeout = 0.2, proxy = proxy.url }))
    assert.same({ "timeout", false }, { err.code, err.sent })
  end)
end)
