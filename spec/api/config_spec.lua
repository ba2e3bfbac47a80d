-- The configuration: each member has its effect, and nothing else is accepted.
local oneentry = require "oneentry"

local URL = "https://shop.example"

local function refusal(config)
  local ok, message = pcall(oneentry.define, URL, config)
  assert.is_false(ok)
  return message
end

local function headers(config, method)
  local api = oneentry.define(URL, config)
  return (method == "POST" and api.prepare.AuthProvider.auth("email", {}) or api.prepare.Users.getUser()).headers
end

describe("define", function()
  it("takes a token, a table, or nothing (D41)", function()
    assert.equal("app", headers("app")["x-app-token"])
    assert.equal("app", headers({ token = "app" })["x-app-token"])
    assert.is_nil(headers(nil)["x-app-token"])
    assert.is_nil(headers({})["x-app-token"])
  end)

  it("refuses other values", function()
    for _, config in ipairs { 5, true, print } do
      assert.matches("bad argument #2 to 'define' (token or config table expected, got ", refusal(config), 1, true)
    end
  end)

  it("checks what a metatable adds, too", function()
    local function with(members) return setmetatable({}, { __index = members }) end
    assert.equal("app", headers(with { token = "app" })["x-app-token"])
    assert.matches("config.token: printable ASCII", refusal(with { token = "t\r\nx: y" }), 1, true)
    assert.matches("config.device.os: string expected", refusal { device = with { os = {} } }, 1, true)
    assert.has_error(function() oneentry.define(URL).session(with { accessToken = "a\r\nx: y" }) end)
  end)

  it("A15: checks what __pairs lists, too", function()
    local function with(members)
      return setmetatable({}, { __pairs = function() return next, members end })
    end
    assert.equal("app", headers(with { token = "app" })["x-app-token"])
    assert.matches("config.tokn: unknown member, did you mean 'token'?", refusal(with { tokn = "app" }), 1, true)
    assert.matches("config.auth.accesstoken: unknown member", refusal { auth = with { accesstoken = "x" } }, 1, true)
    assert.matches("config.errors.customErrors: functions expected as values",
      refusal { errors = { customErrors = with { [404] = 5 } } }, 1, true)
    local thrower = setmetatable({}, { __pairs = function() error("no luck", 0) end })
    assert.matches("(config: its __pairs failed: no luck)", refusal(thrower), 1, true)
    assert.matches("(config.device: its __pairs failed: no luck)", refusal { device = thrower }, 1, true)
    local ok, message = pcall(oneentry.define(URL).session, with { accesstoken = "a" })
    assert.is_false(ok)
    assert.matches("saved.accesstoken: unknown member", message, 1, true)
    assert.equal("a", oneentry.define(URL).session(with { accessToken = "a" }).getSession().accessToken)
  end)

  it("refuses a proxy whose url cannot be used, and does not repeat it", function()
    for _, proxy in ipairs { "http://user:s3cret@host:99999", "httpp://user:s3cret@host", "http://user:s3%00cret@127.0.0.1:1",
      "file://s3cret/x", "http://ho st", "http:///s3cret" } do
      local message = refusal { proxy = proxy }
      assert.matches("config.proxy: a url with a scheme", message, 1, true)
      assert.not_matches("s3", message)
    end
    oneentry.define(URL, { proxy = "socks5h://user:pass@127.0.0.1:1080" })
    oneentry.define(URL, { proxy = "env" })
  end)

  it("does not change the table, nor follow it", function()
    local config = { token = "a", auth = {}, device = { os = "X" } }
    local api = oneentry.define(URL, config)
    assert.same({ token = "a", auth = {}, device = { os = "X" } }, config)
    config.token, config.device.os = "b", "Y"
    assert.equal("a", api.prepare.Users.getUser().headers["x-app-token"])
    assert.equal("X", api.getSession().device.os)
  end)

  it("refuses an unknown member, and names the nearest", function()
    for name, nearest in pairs {
      tokn = "token", langcode = "langCode", trafficLimit = "traficLimit", timeOut = "timeout", retries = "maxRetries",
    } do
      local message = refusal { [name] = 1 }
      assert.matches(("config.%s: unknown member, did you mean '%s'?"):format(name, nearest), message, 1, true)
    end
    assert.matches("config.auth.refreshtoken: unknown member, did you mean 'refreshToken'?",
      refusal { auth = { refreshtoken = "x" } }, 1, true)
    assert.matches("config.errors.shell", refusal { errors = { shell = true } }, 1, true)
    assert.matches("config.tls.ca", refusal { tls = { ca = "x" } }, 1, true)
    assert.matches("config.device.finger", refusal { device = { finger = "x" } }, 1, true)
    assert.matches("(config: a member name expected, got a list item)", refusal { "token" }, 1, true)
    assert.matches("config.auth.banana: unknown member; there are accessToken, refreshToken, ", refusal { auth = { banana = 1 } }, 1, true)
  end)

  local wrong = {
    { { token = 5 }, "config.token: string expected, got number" },
    { { token = "" }, "config.token: a string that is not empty expected, got an empty string" },
    { { token = "a\r\nb: c" }, "config.token: printable ASCII expected" },
    { { token = "a\0b" }, "config.token: printable ASCII expected" },
    { { token = "é" }, "config.token: printable ASCII expected" },
    { { token = " a" }, "config.token: printable ASCII expected" },
    { { langCode = 5 }, "config.langCode: string expected, got number" },
    { { langCode = "en\0US" }, "config.langCode: a string without NUL" },
    { { tls = { caFile = "/ca.pem\0x" } }, "config.tls.caFile: a string without NUL" },
    { { timeout = "5" }, "config.timeout: number expected, got string" },
    { { timeout = 0 }, "config.timeout: more than 0 and at most 86400 seconds expected, got 0" },
    { { timeout = -1 }, "config.timeout: more than 0 and at most 86400 seconds expected, got -1" },
    { { timeout = 1 / 0 }, "config.timeout: more than 0 and at most 86400 seconds expected" },
    { { timeout = 0 / 0 }, "config.timeout: more than 0 and at most 86400 seconds expected" },
    { { maxConnectionAge = 0 }, "config.maxConnectionAge: more than 0 and at most 86400 seconds expected" },
    { { connectTimeout = 0 }, "config.connectTimeout: more than 0 and at most 86400 seconds expected" },
    { { maxRetries = 1.5 }, "config.maxRetries: integer from 0 to 1000 expected, got 1.5" },
    { { maxRetries = 1001 }, "config.maxRetries: integer from 0 to 1000 expected, got 1001" },
    { { maxRetries = 0 / 0 }, "config.maxRetries: integer from 0 to 1000 expected" },
    { { maxResponseSize = 0 }, "config.maxResponseSize: integer from 1 to 2^53 expected, got 0" },
    { { nulls = 1 }, "config.nulls: boolean expected, got number" },
    { { auth = "x" }, "config.auth: table expected, got string" },
    { { auth = { saveFunction = "f" } }, "config.auth.saveFunction: function expected, got string" },
    { { auth = { refreshToken = "a\nb" } }, "config.auth.refreshToken: printable ASCII expected" },
    { { auth = { providerMarker = "" } }, "config.auth.providerMarker: a string that is not empty expected" },
    { { errors = { customErrors = { [404] = 5 } } }, "functions expected as values" },
    { { errors = { customErrors = { x = print } } }, "HTTP status codes expected as keys" },
    { { errors = { customErrors = { [99] = print } } }, "HTTP status codes expected as keys" },
    { { device = { os = "a\nb" } }, "config.device.os: printable ASCII expected" },
    { { proxy = "proxy.example:3128" }, "config.proxy: a url with a scheme" },
    { { driver = "tokio" }, 'config.driver: "blocking", "openresty", "cqueues", "copas", "luv" or a table expected' },
    { { driver = "openresty" }, 'config.driver: "openresty" is for code that runs inside nginx' },
    { { driver = true }, "config.driver: string or table expected" },
    { { driver = {} }, "config.driver: a function wait(fd, seconds) expected in the table" },
    { { userAgent = "a\r\nx: y" }, "config.userAgent: printable ASCII expected" },
  }
  for _, case in ipairs(wrong) do
    it("refuses " .. case[2], function()
      local message = refusal(case[1])
      assert.matches("bad argument #2 to 'define' (", message, 1, true)
      assert.matches(case[2], message, 1, true)
    end)
  end

  it("names a driver that cannot be loaded, in one line", function()
    local kept = package.loaded["oneentry.drivers.cqueues"]
    package.loaded["oneentry.drivers.cqueues"] = nil
    package.preload["oneentry.drivers.cqueues"] = function() error("module 'x' not found:\n\tno field", 0) end
    local message = refusal { driver = "cqueues" }
    package.preload["oneentry.drivers.cqueues"] = nil
    package.loaded["oneentry.drivers.cqueues"] = kept
    assert.matches("(config.driver: \"cqueues\" cannot be loaded: module 'x' not found:", message, 1, true)
    assert.not_matches("\n", message)
  end)

  it("takes no third argument, and no colon", function()
    local _, message = pcall(oneentry.define, URL, "token", { langCode = "de_DE" })
    assert.matches("bad argument #3 to 'define' (nothing expected", message, 1, true)
    _, message = pcall(oneentry.define, oneentry, URL)
    assert.matches("call it with a dot", message, 1, true)
  end)

  it("tells no value of a member that it refuses", function()
    assert.not_matches("secret", refusal { token = "secret\n" })
    assert.not_matches("secret", refusal { auth = { accessToken = "secret\n" } })
  end)
end)

describe("members that change nothing yet", function()
  it("are accepted", function()
    local plain = headers({ token = "app" })
    assert.same(plain, headers({ token = "app", traficLimit = true, driver = "blocking", maxConnections = 4 }))
  end)
end)

describe("langCode", function()
  it("is en_US, or as set, also when empty", function()
    local function lang(config)
      return oneentry.define(URL, config).prepare.Users.getUser().url:match "langCode=(.*)"
    end
    assert.equal("en_US", lang {})
    assert.equal("uk_UA", lang { langCode = "uk_UA" })
    assert.equal("", lang { langCode = "" })
  end)
end)

describe("the device", function()
  it("is sent with POST only", function()
    assert.is_nil(headers({})["x-device-metadata"])
    assert.is_string(headers({}, "POST")["x-device-metadata"])
  end)

  it("is a random one for a client, the same in all its modules (D26)", function()
    local function fingerprint(api, module, method, ...)
      return api.prepare[module][method](...).headers["x-device-metadata"]:match '"fingerprint":"([^"]+)"'
    end
    local one, two = oneentry.define(URL), oneentry.define(URL)
    local first = fingerprint(one, "AuthProvider", "auth", "email", {})
    assert.matches("^UQ_%x+$", first)
    assert.equal(first, fingerprint(one, "Orders", "createOrder", "o", {}))
    assert.equal(first, one.getSession().device.fingerprint)
    assert.not_equal(first, fingerprint(two, "AuthProvider", "auth", "email", {}))
  end)

  it("is as configured, and stays JSON", function()
    local device = { fingerprint = "F\"1", os = "Plan\\9", browser = "b", location = "de-DE" }
    local sent = require "dkjson".decode(headers({ device = device }, "POST")["x-device-metadata"])
    assert.same({ fingerprint = "F\"1", deviceInfo = { os = "Plan\\9", browser = "b", location = "de-DE" } }, sent)
  end)
end)

describe("every request", function()
  it("has the documented headers", function()
    local sent = headers({ token = "app", auth = { accessToken = "acc" } })
    assert.same({ ["content-type"] = "application/json", ["x-app-token"] = "app", authorization = "Bearer acc" }, sent)
  end)
end)
