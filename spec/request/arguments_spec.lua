-- Wrong use raises, names the argument and what was expected, and sends nothing.
local unpack = table.unpack or unpack -- luacheck: ignore 143
local oneentry = require "oneentry"

local api = oneentry.define("http://127.0.0.1:1", "app-token")
local Orders, Payments, AuthProvider = api.Orders, api.Payments, api.AuthProvider

local function message(f, ...)
  local ok, err = pcall(f, ...)
  assert.is_false(ok)
  return err
end

describe("an argument", function()
  local cases = {
    { "missing", "bad argument #1 to 'createOrder' (string expected, got nil)", Orders.createOrder },
    { "missing later", "bad argument #2 to 'createOrder' (table expected, got nil)", Orders.createOrder, "orders" },
    { "null", "bad argument #1 to 'createOrder' (string expected, got null)", Orders.createOrder, oneentry.null, {} },
    { "string for a table", "bad argument #2 to 'createOrder' (table expected, got string)", Orders.createOrder, "o", "{}" },
    { "table for a string", "bad argument #1 to 'getRefunds' (integer expected, got table)", Orders.getRefunds, {} },
    { "boolean for an id", "bad argument #1 to 'getRefunds' (integer expected, got boolean)", Orders.getRefunds, true },
    { "fraction for a marker", "bad argument #1 to 'getActiveSessionsByMarker' (string expected",
      AuthProvider.getActiveSessionsByMarker, 1.5 },
    { "negative", "bad argument #3 to 'getAllOrdersByMarker' (integer must not be negative)",
      Orders.getAllOrdersByMarker, "o", nil, -1 },
    { "string for a boolean", "bad argument #3 to 'createSession' (boolean expected, got string)",
      Payments.createSession, 1, "session", "true" },
    { "unknown choice", "bad argument #2 to 'createSession' ('session' or 'intent' expected)",
      Payments.createSession, 1, "sesion" },
    { "empty choice", "bad argument #2 to 'createSession' ('session' or", Payments.createSession, 1, "" },
    { "two choices", "bad argument #2 to 'createSession' ('session' or", Payments.createSession, 1, "session intent" },
    { "one too many", "bad argument #2 to 'getRefunds' (no more than 1 expected)", Orders.getRefunds, 1, 2 },
    { "too many for none", "bad argument #1 to 'getAccounts' (no more than 0 expected)", Payments.getAccounts, 1 },
  }
  for _, case in ipairs(cases) do
    it("is refused: " .. case[1], function()
      assert.matches(case[2], message(unpack(case, 3, 6)), 1, true)
    end)
  end

  it("may be nil where it has a default, also at the end", function()
    assert.matches("langCode=en_US", api.prepare.Users.getUser(nil).url, 1, true)
    assert.is_string(api.prepare.Orders.getRefunds(1, nil).url)
  end)
end)

describe("a call with a colon", function()
  it("says to use the dot", function()
    for _, f in ipairs { Orders.createOrder, Orders.getAllOrdersStorage } do
      assert.matches("call it with a dot, not with a colon", message(f, Orders, "orders", {}), 1, true)
    end
    assert.matches("with a dot", message(Orders.setAccessToken, Orders, "x"), 1, true)
    for _, name in ipairs { "getSession", "close", "session" } do
      assert.matches("with a dot", message(api[name], api), 1, true)
    end
    assert.matches("bad argument #2 to 'session' (no more than 1 expected)", message(api.session, {}, 1), 1, true)
    assert.is_string(api.getSession().device.fingerprint)
  end)
end)

describe("errors of wrong use", function()
  it("name the place of the call", function()
    local driven = oneentry.define("http://127.0.0.1:1", { driver = { wait = function() return false end } })
    for _, where in ipairs { api, api.async, driven, driven.async } do
      assert.matches("^spec/request/arguments_spec.lua:%d+: bad argument",
        message(function() where.Orders.getRefunds() end))
    end
  end)
end)
