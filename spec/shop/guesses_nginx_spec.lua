-- The shop of examples/openresty slows down who guesses passwords, and nobody else.
local pages = require "support.shop.pages"
local shop = require "support.shop"

local AUTH = "POST /api/content/users-auth-providers/marker/email/users/auth"

local has, is_page = pages.has, pages.is_page

describe("S12: who guesses passwords", function()
  local guarded

  before_each(function() guarded = shop.start { environment = "SHOP_BEHIND_TLS=1" } end)
  after_each(function() guarded:stop() end)

  -- Guesses until it is told to wait, which comes at the eleventh time.
  local function guess(visitor, login)
    visitor:get "/login"
    for _ = 1, 10 do
      visitor:post("/login", { login = login, password = "a guess" })
      assert.equal(401, visitor.status)
    end
    visitor:post("/login", { login = login, password = "a guess" })
    is_page(visitor, 429, "Log in")
  end

  it("has to wait, and keeps nobody else out", function()
    local eve, bob = guarded:visitor(), guarded:visitor()
    guess(eve, guarded.sandbox.login)
    bob:log_in() -- the same login, from elsewhere
    guess(eve, "nobody@example.com")
    local carol = guarded:visitor()
    carol.address = bob.address
    guess(carol, "nobody@example.com")
    carol:log_in() -- the address of somebody who guesses
  end)

  it("has no more tries when they come at once", function()
    local tried = 0
    for _, answer in ipairs(guarded:visitor():get("/login"):at_once(60, "POST", "/login",
      { login = guarded.sandbox.login, password = "a guess" })) do
      if answer.status == 401 then tried = tried + 1 else assert.equal(429, answer.status) end
    end
    assert.equal(10, tried)
    assert.equal(10, guarded:count(AUTH))
  end)

  -- All of it holds entries of another size, and those that go first are in pages of which others stay.
  local fill = [[
    local counts = ngx.shared.shop_tries
    local n, small = 0, 0
    repeat n = n + 1 until not counts:safe_set("entry" .. n, ("x"):rep(130))
    repeat small = small + 1 until not counts:safe_set("small" .. small, "x")
    for i = 1, math.max(n, small) do
      if i % 16 > 0 then counts:get("entry" .. i) end
      counts:get("small" .. i)
    end
  ]]

  it("S6: is not counted where there is no memory for it, which is logged and locks nobody out", function()
    local full = shop.start { configure = function(text)
      local changed, n = text:gsub('require "shop.app"', function(line) return fill .. line end)
      assert.equal(1, n)
      return changed
    end }
    local visitor = full:visitor()
    visitor:get "/login"
    visitor:post("/login", { login = full.sandbox.login, password = "a guess" })
    assert.equal(401, visitor.status)
    visitor:log_in()
    has(full:log "error.log", "a try to log in is not counted: no memory")
    full:stop()
  end)

  it("is not who logs in often, or while OneEntry fails", function()
    local ada_again = guarded:visitor()
    guarded.sandbox:control("POST", "fault", { match = AUTH, status = 503, times = 12 })
    ada_again:get "/login"
    for _ = 1, 12 do
      ada_again:post("/login", { login = guarded.sandbox.login, password = guarded.sandbox.password })
      assert.equal(503, ada_again.status)
    end
    for _ = 1, 12 do
      local same = guarded:visitor()
      same.address = ada_again.address
      same:log_in()
    end
  end)

  it("is told from others behind a proxy", function()
    local eve, bob = guarded:visitor(), guarded:visitor()
    eve.address, eve.forwarded_for = "127.0.0.1", "203.0.113.1"
    bob.address, bob.forwarded_for = "127.0.0.1", "203.0.113.2"
    guess(eve, guarded.sandbox.login)
    bob:log_in()
  end)

  it("is not believed when it is not the proxy that speaks", function()
    local eve = guarded:visitor()
    eve.forwarded_for = "203.0.113.1"
    guess(eve, guarded.sandbox.login)
    eve.forwarded_for = "203.0.113.9"
    eve:post("/login", { login = guarded.sandbox.login, password = guarded.sandbox.password })
    assert.equal(429, eve.status)
  end)
end)
