-- Servers that never accept, and the traps of the matrix themselves.
local oneentry = require "oneentry"
local process = require "support.process"
local server = require "support.server"
local socket = require "socket"
local stopwatch = require "support.stopwatch"
local tls = require "support.server.tls"
local unaccepting = require "support.server.unaccepting"

local function order(api) return api.Orders.createOrder("orders", { products = {} }) end

describe("faults before accept:", function()
  local listener, port
  before_each(function()
    listener = assert(socket.tcp())
    assert(listener:bind("127.0.0.1", 0))
    port = select(2, listener:getsockname())
  end)
  after_each(function() listener:close() end)

  local function call(config, of)
    config.token, config.maxRetries = "app-token", 0
    local api = oneentry.define("http://127.0.0.1:" .. (of or port), config)
    local seconds = stopwatch()
    local value, err = order(api)
    assert.is_nil(value)
    return err, seconds()
  end

  it("a port that is bound but does not listen", function()
    local err = call({ timeout = 5 })
    assert.same({ "connect", false }, { err.code, err.sent })
  end)

  it("a server that is too busy to accept: the request has left", function()
    assert(listener:listen(5))
    local err, took = call({ timeout = 0.2 })
    assert.same({ "timeout", true }, { err.code, err.sent })
    assert.is_true(took < 0.45)
  end)

  for name, config in pairs({ timeout = { timeout = 0.2 }, connectTimeout = { timeout = 5, connectTimeout = 0.2 } }) do
    it("a server whose queue is full ends at " .. name .. ": nothing was sent", function()
      local full = unaccepting()
      local err, took = call(config, full.port)
      full.close()
      assert.same({ "timeout", false }, { err.code, err.sent })
      assert.is_true(took < 0.45, ("took %.3f s"):format(took))
    end)
  end
end)

describe("the traps of the matrix:", function()
  it("a client that allows TLS 1.1 gets through to the server that speaks nothing else", function()
    local certificates = tls.make()
    local peer = server.start({ tls = certificates.good })
    local files = certificates.good
    peer:command("tls", { certificate = files.certificate, key = files.key, protocol = "TLSv1_1" })
    local command = ("openssl s_client -tls1_1 -cipher DEFAULT:@SECLEVEL=0 -CAfile %s -connect 127.0.0.1:%d"):format(
      process.quote(certificates.ca), peer.port)
    local pipe = io.popen("unset LD_PRELOAD; " .. command .. " </dev/null 2>&1")
    local text = pipe:read("*a")
    pipe:close()
    peer:stop()
    certificates:remove()
    assert.matches("Protocol *: TLSv1%.1", text)
    assert.matches("Verify return code: 0", text)
  end)
end)
