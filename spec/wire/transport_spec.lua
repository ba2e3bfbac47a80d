-- Configuration that shows on the wire only: user agent, connecting, certificates.
local child = require "support.child"
local oneentry = require "oneentry"
local sandbox = require "support.sandbox"
local server = require "support.server"
local socket = require "socket"
local tls = require "support.server.tls"
local tmp = require "support.tmp"
local unaccepting = require "support.server.unaccepting"

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

describe("a name that moves", function()
  -- Runs the code with `api`, a client of shop.moves, and servers at its two addresses; move(n) has it lead to the n-th.
  local function run(code, preload)
    local output, ok = child.run(([[
      local server, oneentry, tmp = require "support.server", require "oneentry", require "support.tmp"
      local first = server.start()
      local second = server.start { host = "127.0.0.2", port = first.port }
      local function says(what) return { fallback = { "answer", body = ('"%%s"'):format(what) } } end
      first:script(says "first")
      second:script(says "second")
      local function move(n) tmp.write(os.getenv "MOVES_TO", "127.0.0." .. n) end
      move(1)
      local function define(config) return oneentry.define("http://shop.moves:" .. first.port, config) end
      %s
      first:stop()
      second:stop()
      print "done"
    ]]):format(code), preload)
    assert.same({ "done\n", true }, { output, ok })
  end

  local directory
  setup(function() directory = tmp.directory() end)
  teardown(function() tmp.remove(directory) end)
  local function with(...)
    local list = { "MOVES_TO=" .. directory .. "/address" }
    for _, name in ipairs { ... } do list[#list + 1] = child.preload(name) end
    return list[2] and table.concat(list, " ") or list[1]
  end

  it("is looked up again when a connection has failed: by a read at once, by a write with the next call (A14)", function()
    run([[
      for _, verb in ipairs { "read", "write" } do
        local api = define { timeout = 10 }
        local function call()
          if verb == "read" then return api.Payments.getAccounts() end
          return api.Payments.createSession(1, "session")
        end
        local function expect(what, value, err) assert(value == what, tostring(value or err)) end
        expect("first", call())
        move(2)
        expect("first", call()) -- the connection is there still
        first:stop()
        if verb == "write" then -- bytes that wait on the wire, then bytes that find nobody there
          local value, err
          for _ = 1, 2 do
            value, err = call()
            if value then break end
            assert(err.code == "connect" or err.code == "network", tostring(err))
          end
        end
        expect("second", call())
        expect("second", call())
        api.close()
        first = server.start { port = first.port }
        first:script(says "first")
        move(1)
      end
    ]], with "slow_resolver")
  end)
end)

describe("maxConnectionAge", function()
  it("is the time after which a connection is not used again: five minutes, or as configured", function()
    local peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
    for _, config in ipairs { "nil", "{ maxConnectionAge = 30 }" } do
      local before = #peer:connections()
      local output, ok = child.run(([[
        local fork = require "specfork"
        local api = require "oneentry".define(%q, %s)
        for _ = 1, 8 do
          assert(api.Payments.getAccounts())
          fork.advance(%d)
        end
      ]]):format(peer.url, config, config == "nil" and 70 or 8), child.preload "specfork")
      assert.same({ "", true }, { output, ok })
      assert.equal(before + 2, #peer:connections(), config)
    end
    peer:stop()
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

    -- Lists the files that a client with such `files` looks for under a directory of certificates: the system's, or ours.
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

    it("that are replaced in their file are trusted no more within a minute (A13)", function()
      local file = certificates.directory .. "/replaced.pem"
      local output, ok = child.run(([[
        local fork, tmp = require "specfork", require "support.tmp"
        local function read(path)
          local opened = assert(io.open(path))
          local text = opened:read "*a"
          opened:close()
          return text
        end
        local trusted, stranger = read(%q), read(%q)
        tmp.write(%q, trusted)
        local api = require "oneentry".define(%q, { token = %q, maxRetries = 0, maxConnectionAge = 1, tls = { caFile = %q } })
        local function call() return api.Orders.getAllStatusesByStorageMarker "orders" end
        assert(call())
        fork.advance(3)
        assert(call())
        tmp.write(%q, stranger)
        fork.advance(60)
        local value, err = call()
        assert(value == nil and err.code == "tls", tostring(err))
        tmp.write(%q, trusted)
        fork.advance(60)
        assert(call())
        print "done"
      ]]):format(certificates.ca, certificates.untrusted.certificate, file, shop.url, shop.token, file, file, file),
        child.preload "specfork")
      assert.is_truthy(output:find "done\n", output)
      assert.is_true(ok)
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
