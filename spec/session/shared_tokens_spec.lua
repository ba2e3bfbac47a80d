-- Sessions that share the tokens of a login: a spent refresh token has its successor, as long as the login lasts.
local oneentry = require "oneentry"
local child = require "support.child"
local logins = require "support.server.logins"
local sandbox = require "support.sandbox"
local server = require "support.server"
local shared_login = require "support.sandbox.shared_login"
local tmp = require "support.tmp"

local UNAUTHORIZED, tokens, held = logins.UNAUTHORIZED, logins.tokens, logins.held

describe("two sessions of one login", function()
  local shop, login

  setup(function() shop = sandbox.start() end)
  teardown(function() shop:stop() end)
  before_each(function() login = shared_login.new(shop) end)
  after_each(function() login.api.close() end)

  it("A4: refresh it once, one after the other", function()
    local result = { login.first.Users.getUser() }
    login:check(result, { login.second.Users.getUser() })
  end)

  it("A4: refresh it once, at the same time", function()
    local one, other = login.first.async.Users.getUser(), login.second.async.Users.getUser()
    local result = { one:await() }
    login:check(result, { other:await() })
  end)

  it("A4: refresh it once, when the first is gone before the second is made", function()
    assert(login.first.Users.getUser())
    login.first, login.second = nil, nil
    collectgarbage()
    collectgarbage()
    login.first = login:again()
    login.second = login.first
    login:check { login.first.Users.getUser() }
  end)

  it("A4: both have its tokens, one without a call", function()
    assert(login.first.Users.getUser())
    local session = login.second.getSession()
    assert.not_equal(login.stored.refreshToken, session.refreshToken)
    assert.equal(login.first.getSession().refreshToken, session.refreshToken)
  end)
end)

describe("a session whose refresh token another one has spent", function()
  local peer, api, first, second

  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  -- `other`: what the second session has otherwise.
  local function begin(other)
    api = oneentry.define(peer.url, { timeout = 10, maxRetries = 0 })
    local stored = { accessToken = "old-access", refreshToken = "old-refresh" }
    first = api.session(stored)
    stored.device = first.getSession().device
    for key, value in pairs(other or {}) do stored[key] = value end
    second = api.session(stored)
  end
  after_each(function() api.close() end)

  -- The bodies of the requests for a refresh.
  local function spent()
    local list = {}
    for _, request in ipairs(peer:requests()) do
      if request.path:find "/refresh$" then list[#list + 1] = request.body:match '"([^"]+)"}$' end
    end
    return list
  end

  local function expire(user, new)
    peer:script { UNAUTHORIZED, { "answer", body = tokens(new) }, { "answer", body = "[]" } }
    assert(user.Payments.getAccounts())
    assert.same({ new .. "-access", new .. "-refresh" }, held(user))
  end

  it("A4: has its successor, and that one's", function()
    begin()
    expire(first, "new")
    expire(first, "newer")
    assert.same({ "newer-access", "newer-refresh" }, held(second))
  end)

  it("A4: spends it, too, where it is one of two devices", function()
    begin { device = { fingerprint = "UQ_other" } }
    expire(first, "new")
    expire(second, "own")
    assert.same({ "old-refresh" }, spent())
  end)

  it("A4: spends it, too, where it is of another provider", function()
    begin { providerMarker = "phone" }
    expire(first, "new")
    expire(second, "own")
    assert.same({ "old-refresh" }, spent())
  end)

  it("A4: does not get the tokens of a login that has ended", function()
    begin()
    expire(first, "new")
    expire(first, "newer")
    peer:script { { "answer", body = "true" }, UNAUTHORIZED, { "answer", status = 400, body = '{"message":"spent"}' } }
    assert.is_true(first.AuthProvider.logout("email", "newer-refresh"))
    assert.same({ "old-access", "old-refresh" }, held(second))
    assert.equal(401, select(2, second.Payments.getAccounts()).statusCode)
    assert.same({ "old-refresh" }, spent())
    assert.same({ "old-access", "old-refresh" }, held(second))
  end)

  it("A4: does not get the tokens of a login that a session has ended which got them likewise", function()
    begin()
    local third = api.session(second.getSession())
    expire(first, "new")
    assert.same({ "new-access", "new-refresh" }, held(third))
    peer:script { { "answer", body = "true" } }
    assert.is_true(third.AuthProvider.logout("email", "new-refresh"))
    assert.same({ "old-access", "old-refresh" }, held(second))
  end)

  it("A4: does not get the tokens of a refresh that was under way at the logout", function()
    begin()
    local list = { "answer", body = "[]" }
    peer:script {
      UNAUTHORIZED, { "reply", bytes = "" }, { "answer", body = "true" }, list, list,
      UNAUTHORIZED, { "answer", status = 400, body = "{}" },
    }
    local future = first.async.Payments.getAccounts()
    peer:drive(future, 2)
    assert.is_true(first.AuthProvider.logout("email", "old-refresh"))
    peer:answer(2, 200, tokens "new")
    for _ = 1, 2 do assert(api.Payments.getAccounts()) end -- meanwhile that answer is read
    assert.equal(401, select(2, second.Payments.getAccounts()).statusCode)
    assert.equal(7, #peer:requests())
    assert.same({ "old-refresh", "old-refresh" }, spent())
    assert.same({ "old-access", "old-refresh" }, held(second))
  end)

  -- In a process of its own, whose clock is put forward.
  local LATER = [[
    local oneentry = require "oneentry"
    local file, url, seconds = %q, %q, %q
    local api = oneentry.define(url, { timeout = 10, maxRetries = 0 })
    local stored = { accessToken = "old-access", refreshToken = "old-refresh" }
    local first = api.session(stored)
    stored.device = first.getSession().device
    local second = api.session(stored)
    assert(first.Payments.getAccounts())
    local ahead = assert(io.open(file, "w"))
    ahead:write(seconds)
    ahead:close()
    print(second.getSession().refreshToken)
    api.close()
  ]]

  for seconds, token in pairs { [55] = "new-refresh", [65] = "old-refresh" } do
    it(("A4: that was %d s ago, has its %s"):format(seconds, token), function()
      begin()
      local directory = tmp.directory()
      local file = directory .. "/ahead"
      peer:script { UNAUTHORIZED, { "answer", body = tokens "new" }, { "answer", body = "[]" } }
      assert.equal(token .. "\n", (child.run(LATER:format(file, peer.url, seconds),
        ("CLOCK_AHEAD=%s %s"):format(file, child.preload "later_clock"))))
      tmp.remove(directory)
    end)
  end
end)
