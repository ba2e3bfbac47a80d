-- Configuration that shows on the wire only: user agent, connecting, certificates.
local child = require "support.child"
local oneentry = require "oneentry"
local sandbox = require "support.sandbox"
local server = require "support.server"
local socket = require "socket"
local tls = require "support.tls"
local tmp = require "support.tmp"
local unaccepting = require "support.unaccepting"

describe("userAgent", function()
  it("is the module's, or as configured", function()
    local peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
    assert(oneentry.define(peer.url).Payments.getAccounts())
    assert(oneentry.define(peer.url, { userAgent = "shop/1.0 (test)" }).Payments.getAccounts())
    local requests = peer:requests()
    assert.equal("oneentry-lua/" .. oneentry._VERSION, requests[1].headers["user-agent"])
    assert.equal("shop/1.0 (test)", requests[2].headers["user-agent"])
    peer:stop()
  end)
end)

describe("a large body", function()
  it("does not wait for leave to be sent", function()
    local peer = server.start()
    peer:script { { "answer", body = '{"id":116}' } }
    local body = { formData = { text = ("x"):rep(4e6) } }
    assert.equal(116, assert(oneentry.define(peer.url).Orders.createOrder("orders", body)).id)
    assert.is_nil(peer:requests()[1].headers.expect)
    peer:stop()
  end)
end)

describe("connectTimeout", function()
  it("ends connecting before the timeout of the call does", function()
    local full = unaccepting()
    local api = oneentry.define("http://127.0.0.1:" .. full.port, { connectTimeout = 0.2, timeout = 10 })
    local before = socket.gettime()
    local _, err = api.Payments.createSession(1, "session")
    local time = socket.gettime() - before
    assert.same({ "timeout", false }, { err.code, err.sent })
    assert.is_true(time >= 0.19 and time < 0.45, ("took %.3f s"):format(time))
    full.close()
  end)
end)

describe("tls", function()
  local certificates, shop
  setup(function() certificates = tls.make() end)
  teardown(function() certificates:remove() end)

  local function accounts(files)
    return oneentry.define(shop.url, { tls = files, token = shop.token, maxRetries = 0 }).Orders.getAllStatusesByStorageMarker "orders"
  end

  describe("authorities", function()
    setup(function() shop = sandbox.start { tls = certificates } end)
    teardown(function() shop:stop() end)

    it("may be a file or a hashed directory", function()
      assert.is_table(accounts { caFile = certificates.ca })
      assert.is_table(accounts { caPath = certificates.ca_directory })
    end)

    it("are the system's when none is named, and the named ones alone otherwise", function()
      for _, files in ipairs { {}, { caPath = "/etc/ssl/certs" }, { caFile = certificates.untrusted.certificate } } do
        local value, err = accounts(files)
        assert.is_nil(value)
        assert.same({ "tls", false }, { err.code, err.sent })
      end
    end)

    -- What a client with such files looks for under a directory of certificates: the system's, or ours.
    local function looked_for(files, environment)
      local text = child.run(([[
        local api = require "oneentry".define(%q, { tls = %s, maxRetries = 0 })
        for _ = 1, 3 do print((select(2, api.Orders.getAllStatusesByStorageMarker "orders")).code) end
      ]]):format(shop.url, files), child.preload "specfork" .. " " .. (environment or ""))
      assert.equal(3, select(2, text:gsub("tls\n", "")), text)
      return text
    end

    it("are no others beside the named ones", function()
      for _, name in ipairs { "caFile", "caPath" } do
        local path = name == "caFile" and certificates.untrusted.certificate or certificates.directory
        local text = looked_for(("{ %s = %q }"):format(name, path))
        assert.not_matches("looked for [^\n]*/certs", text)
      end
    end)

    it("of the system are not read anew for every connection, where they are hashed", function()
      local text = looked_for "{}"
      local directory, bundle = text:match "looked for ([^\n]*)/%x+%.0\n", text:match "looked for [^\n]*%.crt\n"
      assert.is_string(directory, "the system has no hashed directory: " .. text)
      assert.is_nil(bundle)
    end)

    it("that cannot be read are an error, before anything is sent", function()
      local value, err = accounts { caFile = "/nowhere/ca.pem" }
      assert.is_nil(value)
      assert.same({ "tls", false }, { err.code, err.sent })
    end)
  end)

  describe("an older protocol", function()
    it("is refused whatever the system allows", function()
      local peer = server.start { tls = certificates.good }
      local files, directory = certificates.good, tmp.directory()
      tmp.write(directory .. "/openssl.cnf", [[
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = weak
[weak]
MinProtocol = TLSv1
CipherString = DEFAULT:@SECLEVEL=0
]])
      for _, protocol in ipairs { "TLSv1_1", "TLSv1", "TLSv1_2" } do
        peer:command("tls", { certificate = files.certificate, key = files.key, protocol = protocol })
        peer:script { { "answer", body = "[]" } }
        local text = child.run(([[
          local value, err = require "oneentry".define(%q, { tls = { caFile = %q }, maxRetries = 0 }).Payments.getAccounts()
          print(value and #value or err.code)
        ]]):format(peer.url, certificates.ca), "OPENSSL_CONF=" .. directory .. "/openssl.cnf")
        assert.equal(protocol == "TLSv1_2" and "0\n" or "tls\n", text)
      end
      tmp.remove(directory)
      peer:stop()
    end)
  end)

  describe("a client certificate", function()
    setup(function() shop = sandbox.start { tls = certificates, client_ca = true } end)
    teardown(function() shop:stop() end)

    local function with(files)
      files.caFile = certificates.ca
      return oneentry.define(shop.url, { tls = files, maxRetries = 0 }).Orders.getAllStatusesByStorageMarker "orders"
    end

    it("stands in for the app token", function()
      assert.is_table(with { certFile = certificates.client.certificate, keyFile = certificates.client.key })
    end)

    it("may have a locked key", function()
      local files = { certFile = certificates.client.certificate, keyFile = certificates.locked_key, keyPassword = "key-password" }
      assert.is_table(with(files))
      files.keyPassword = "wrong-password"
      local value, err = with(files)
      assert.is_nil(value)
      assert.same({ "tls", false }, { err.code, err.sent })
      assert.not_matches("wrong-password", oneentry.pretty(err))
    end)

    it("of another authority, or none, is refused", function()
      assert.is_nil((with {}))
      assert.is_nil((with { certFile = certificates.untrusted.certificate, keyFile = certificates.untrusted.key }))
    end)
  end)
end)
