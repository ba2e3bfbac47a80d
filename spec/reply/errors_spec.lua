-- Errors: what err holds, how it reads, who hears of it.
local oneentry = require "oneentry"
local server = require "support.server"

describe("an error", function()
  local peer

  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function client(config)
    config.token = "app-token"
    config.maxRetries = config.maxRetries or 0
    return oneentry.define(peer.url, config)
  end
  local function fail(step, config)
    step[1] = step[1] or "answer"
    peer:script { step, fallback = step }
    return client(config or {}).Orders.createOrder("orders", { formData = {} })
  end

  it("holds what the server said, and ours wins", function()
    local value, err = fail {
      status = 404,
      body = '{"statusCode":400,"message":"Storage not found","timestamp":"T","pageData":null,"code":"E1","sent":false,"x":{"y":1}}',
    }
    assert.is_nil(value)
    assert.is_true(oneentry.is_error(err))
    assert.equal(404, err.statusCode)
    assert.equal("Storage not found", err.message)
    assert.equal("http", err.code)
    assert.equal("T", err.timestamp)
    assert.same({ y = 1 }, err.x)
    assert.is_nil(err.pageData)
    assert.is_true(err.sent)
    assert.equal("POST", err.method)
    assert.equal("/api/content/orders-storage/marker/{marker}/orders", err.path)
    assert.equal(1, err.attempts)
    assert.equal("E1", err.body.code)
    assert.equal(400, err.body.statusCode)
  end)

  it("joins messages that are lists", function()
    local _, err = fail { status = 400, body = '{"message":["name is required","phone is wrong"]}' }
    assert.equal("name is required; phone is wrong", err.message)
    assert.same({ "name is required", "phone is wrong" }, err.body.message)
  end)

  it("does not repeat a token that the server repeats", function()
    local api = client { auth = { accessToken = "access-s3cret" } }
    peer:script { { "answer", status = 403, body = '{"message":"access-s3cret and app-token are no good, access-s3cret!"}' } }
    local _, err = api.Orders.createOrder("orders", {})
    assert.equal("*** and *** are no good, ***!", err.message)
    assert.not_matches("s3cret", tostring(err))
  end)

  it("does not repeat a password or token of the request's body", function()
    local auth, message = client({}).AuthProvider, '{"message":["no hunter2","hunter2 again, of ada"]}'
    local function login(secret) return { authData = { { marker = "login", value = "ada" }, secret } } end
    for _, secret in ipairs { { marker = "password", value = "hunter2" }, { value = "hunter2", marker = "newPassword" } } do
      peer:script { { "answer", status = 400, body = message } }
      local _, err = auth.auth("email", login(secret))
      assert.equal("no ***; *** again, of ada", err.message)
    end
    peer:script { { "answer", status = 400, body = '{"message":"hunter2-r of ada"}' } }
    assert.equal("*** of ada", select(2, auth.refresh("email", "hunter2-r")).message)
    peer:script { { "answer", status = 400, body = '{"message":"abc of abcd, ab"}' } }
    assert.equal("*** of abcd, ab", select(2, auth.auth("email", login { marker = "password", value = "abc" })).message)
    peer:script { { "answer", status = 400, body = '{"message":"ab of ada"}' } }
    assert.equal("ab of ada", select(2, auth.auth("email", login { marker = "password", value = "ab" })).message)
  end)

  it("masks beyond a NUL, and leaves words alone that a short token is part of", function()
    peer:script { { "answer", status = 403, body = '{"message":"no \\u0000 app-token-1 app-token-1"}' } }
    local _, err = oneentry.define(peer.url, "app-token-1").Orders.createOrder("orders", {})
    assert.equal("no \0 *** ***", err.message)
    peer:script { { "answer", status = 403, body = '{"message":"right"}' } }
    _, err = oneentry.define(peer.url, "r").Orders.createOrder("orders", {})
    assert.equal("right", err.message)
  end)

  it("has a message even when the server sent none", function()
    for _, body in ipairs { "", "{}", '{"message":null}', '{"message":[]}', '{"message":{"a":1}}', '{"message":""}', "[]", "5" } do
      local _, err = fail { status = 503, body = body }
      assert.equal("HTTP 503", err.message)
      assert.equal(503, err.statusCode)
    end
  end)

  it("keeps status and text of a page that is not JSON (D09)", function()
    local _, err = fail { status = 502, body = "<html>Bad gateway</html>" }
    assert.equal("http", err.code)
    assert.equal(502, err.statusCode)
    assert.equal("<html>Bad gateway</html>", err.body)
  end)

  it("keeps no more than the beginning of a page that is not JSON", function()
    local _, err = fail { status = 502, body = "<html>" .. ("x"):rep(1e6) }
    assert.equal("<html>" .. ("x"):rep(4090), err.body)
  end)

  it("has the status even when its body was cut", function()
    local _, err = fail { "partial", status = 400, body = ("x"):rep(100), bytes = 60 }
    assert.equal("http", err.code)
    assert.equal(400, err.statusCode)
  end)

  it("tells when to come back", function()
    local _, err = fail { status = 429, headers = { ["Retry-After"] = "7" } }
    assert.equal(7, err.retryAfter)
    _, err = fail { status = 429 }
    assert.is_nil(err.retryAfter)
  end)

  it("reads well", function()
    local _, err = fail { status = 404, body = '{"message":"Not here"}' }
    local text = "404 http: Not here (POST /api/content/orders-storage/marker/{marker}/orders)"
    assert.equal(text, tostring(err))
    assert.equal("failed: " .. text, "failed: " .. err)
    assert.equal(text .. "!", err .. "!")
    assert.is_false(oneentry.is_error { code = "http" })
    assert.is_false(oneentry.is_error "x")
    assert.is_false(oneentry.is_error())
  end)

  it("reads well after its members were changed", function()
    local _, err = fail { status = 404 }
    err.message, err.statusCode = {}, nil
    assert.equal("http:  (POST /api/content/orders-storage/marker/{marker}/orders)", tostring(err))
  end)

  it("is raised with isShell = false", function()
    local ok, err = pcall(fail, { status = 409, body = '{"message":"no"}' }, { errors = { isShell = false } })
    assert.is_false(ok)
    assert.is_true(oneentry.is_error(err))
    assert.equal(409, err.statusCode)
  end)

  it("is raised for every kind of failure with isShell = false (D10)", function()
    for _, step in ipairs { { body = "{" }, { "hangup" }, { status = 302 } } do
      local ok, err = pcall(fail, step, { errors = { isShell = false } })
      assert.is_false(ok)
      assert.is_true(oneentry.is_error(err))
    end
  end)

  describe("handler", function()
    it("hears of its status, with the error (D44: any status)", function()
      for _, key in ipairs { 409, "409" } do
        local heard = {}
        local _, err = fail({ status = 409, body = "{}" }, {
          errors = { customErrors = { [key] = function(e) heard[#heard + 1] = e end, [404] = function() error "no" end } },
        })
        assert.equal(1, #heard)
        assert.equal(err, heard[1])
      end
    end)

    it("hears of a page that is not JSON (D09)", function()
      local heard
      fail({ status = 502, body = "<html>" }, { errors = { customErrors = { [502] = function(e) heard = e end } } })
      assert.equal(502, heard.statusCode)
    end)

    it("cannot hide the error (D33)", function()
      local _, err = fail({ status = 403, body = '{"message":"API"}' }, {
        errors = { customErrors = { [403] = function() error "handler" end } },
      })
      assert.equal("API", err.message)
    end)

    it("runs before the error is raised", function()
      local heard
      local ok, err = pcall(fail, { status = 400 }, {
        errors = { isShell = false, customErrors = { [400] = function(e) heard = e end } },
      })
      assert.is_false(ok)
      assert.equal(err, heard)
    end)

    it("may call the API", function()
      local api -- nginx cannot wait in a callback
      api = client { driver = "blocking", errors = { customErrors = { [400] = function() assert(api.Payments.getAccounts()) end } } }
      peer:script { { "answer", status = 400 }, { "answer", body = "[]" } }
      assert.is_nil((api.Payments.getSessionById(1)))
      assert.equal(2, #peer:requests())
    end)
  end)
end)

describe("a failure without an answer", function()
  it("is told from one with an answer, and whether the request was sent", function()
    local peer = server.start()
    local api = oneentry.define(peer.url, { token = "t", timeout = 0.3, maxRetries = 0 })
    local function fail(step)
      peer:script { step, fallback = step }
      local _, err = api.Payments.createSession(1, "session")
      return err
    end
    local err = fail { "hangup" }
    assert.same({ "network", true }, { err.code, err.sent })
    err = fail { "reset" }
    assert.same({ "network", true }, { err.code, err.sent })
    err = fail { "silence" }
    assert.same({ "timeout", true }, { err.code, err.sent })
    assert.is_nil(err.statusCode)
    peer:stop()
    err = select(2, api.Payments.createSession(1, "session"))
    assert.same({ "connect", false, 1 }, { err.code, err.sent, err.attempts })
    api.close()
  end)

  it("has its own code for a name that does not resolve", function() -- a label is too long for the question to leave the machine
    local api = oneentry.define("http://" .. ("a"):rep(64) .. ".invalid", { token = "t" })
    local _, err = api.Payments.createSession(1, "session")
    assert.same({ "dns", false }, { err.code, err.sent })
  end)
end)

describe("an error", function()
  it("tells no secret", function()
    local api = oneentry.define("http://127.0.0.1:1", { token = "app-secret", auth = { accessToken = "access-secret" } })
    local _, err = api.AuthProvider.auth("email", { authData = { { marker = "password", value = "pass-secret" } } })
    assert.not_matches("secret", tostring(err))
    assert.not_matches("secret", oneentry.pretty(err))
    _, err = api.AuthProvider.logout("email", "refresh-secret")
    assert.not_matches("secret", oneentry.pretty(err))
    _, err = api.Users.addFCMToken "fcm-secret"
    assert.not_matches("secret", oneentry.pretty(err))
  end)
end)
