-- Bodies: Lua values as exact JSON, formData under its language, the caller's tables untouched.
local oneentry = require "oneentry"
local dkjson = require "dkjson"

local api = oneentry.define("https://shop.example", "app-token")
local null, array = oneentry.null, oneentry.array

local function text(body, lang)
  return api.prepare.Orders.previewOrder(body, lang).body
end

local function decoded(json)
  local value, _, err = dkjson.decode(json, 1, dkjson.null)
  assert.is_nil(err)
  return value
end

local function refusal(body)
  local ok, message = pcall(api.prepare.Orders.previewOrder, body)
  assert.is_false(ok)
  return message
end

describe("a value in a body", function()
  local cases = {
    { "integer", 116, "116" },
    { "integral float", 116.0, "116" },
    { "negative", -3, "-3" },
    { "fraction", 0.1, "0.1" },
    { "third", 1 / 3, "0.3333333333333333" },
    { "cents", 4061.55, "4061.55" },
    { "large float", 1e300, "1e+300" },
    { "integral float of many digits", 1e15, "1000000000000000" },
    { "smallest float", 5e-324, "4.94065645841247e-324" },
    { "2^53", 2 ^ 53, "9007199254740992" },
    { "true", true, "true" },
    { "false", false, "false" },
    { "null", null, "null" },
    { "text", "é \"q\" \\ / \1\127", '"é \\"q\\" \\\\ / \\u0001\\u007f"' },
    { "NUL", "a\0b", '"a\\u0000b"' },
    { "list", { 1, "x", false }, '[1,"x",false]' },
    { "list with null", { 1, null, 3 }, "[1,null,3]" },
    { "empty table", {}, "{}" },
    { "empty list", array {}, "[]" },
    { "object", { a = { b = { 1 } } }, '{"a":{"b":[1]}}' },
  }
  for _, case in ipairs(cases) do
    it("is exact: " .. case[1], function()
      assert.equal('{"x":' .. case[3] .. "}", text { x = case[2] })
    end)
  end

  it("reads back as the same double", function()
    local seed = 42
    for _ = 1, 2000 do
      seed = (seed * 16807) % 2147483647
      local x = (seed / 2147483647 - 0.5) * 10 ^ (seed % 40 - 20)
      assert.equal(x, tonumber(text({ x = x }):match '"x":(.*)}'))
    end
  end)

  if math.type then
    it("keeps all 64 bits of an integer", function()
      assert.equal('{"x":9223372036854775807}', text { x = math.maxinteger })
      assert.equal('{"x":-9223372036854775808}', text { x = math.mininteger })
    end)
  end

  local cycle = {}
  cycle.self = cycle
  local bad = {
    { "function", { products = { { productId = print } } }, "body.products[1].productId: a function is not JSON" },
    { "coroutine", { a = coroutine.create(function() end) }, "body.a: a coroutine is not JSON" },
    { "userdata", { a = io.stdout }, "body.a: a userdata is not JSON" },
    { "NaN", { a = 0 / 0 }, "body.a: a number that is not finite is not JSON" },
    { "infinity", { a = { b = 1 / 0 } }, "body.a.b: a number that is not finite is not JSON" },
    { "a hole", { a = { 1, nil, 3 } }, "holes" },
    { "mixed keys", { a = { 1, x = 2 } }, "body.a: a table with list items and other keys" },
    { "boolean key", { a = { [true] = 1 } }, "body.a: a table key that is not a string is not JSON" },
    { "integer key", { a = { [15] = {} } }, "body.a: a table key that is not a string is not JSON" },
    { "bad UTF-8", { a = "\255" }, "body.a: a string that is not UTF-8 is not JSON" },
    { "bad UTF-8 in a key", { a = { ["\237\160\128"] = 1 } }, "body.a: a key that is not UTF-8 is not JSON" },
    { "a cycle", cycle, "nested too deeply, or a cycle" },
    { "bad UTF-8 in a key of the body", { ["\255"] = 1 }, "a key that is not UTF-8 is not JSON" },
    { "a list as body", { 1, 2 }, "an object expected, got a list" },
    { "a boolean key of the body", { [true] = 1 }, "a table key that is not a string is not JSON" },
    { "a fraction as a key of the body", { [0.5] = 1 }, "a table key that is not a string is not JSON" },
    { "a file in a list", { a = { 1, io.stdout } }, "body.a[2]: a userdata is not JSON" },
  }
  for _, case in ipairs(bad) do
    it("is refused: " .. case[1], function()
      local message = refusal(case[2])
      assert.matches("bad argument #1 to 'previewOrder' (", message, 1, true)
      assert.matches(case[3], message, 1, true)
    end)
  end

  it("may be nested a hundred times, and no more", function()
    local function nested(depth) return depth == 1 and {} or { a = nested(depth - 1) } end
    assert.equal(('{"a":'):rep(99) .. "{}" .. ("}"):rep(99), text(nested(100)))
    assert.matches("nested too deeply", refusal(nested(101)), 1, true)
  end)
end)

describe("UTF-8", function()
  it("is written as it is, up to the edges of each length", function()
    for _, c in ipairs {
      "\194\128", "\223\191", -- U+0080, U+07FF
      "\224\160\128", "\237\159\191", "\238\128\128", "\239\191\191", -- U+0800, U+D7FF, U+E000, U+FFFF
      "\240\144\128\128", "\240\159\152\128", "\243\191\191\191", "\244\143\191\191", -- U+10000, an emoji, U+FFFFF, U+10FFFF
    } do
      assert.equal(('{"x":"%s"}'):format(c), text { x = c })
      assert.equal(('{"x":"a%sb%s"}'):format(c, c), text { x = "a" .. c .. "b" .. c })
      assert.equal(('{"%s":1}'):format(c), text { [c] = 1 })
    end
  end)

  it("is refused beyond them, cut and overlong", function()
    for _, c in ipairs {
      "\128", "\191", "\254", "\255", -- no first byte
      "\192\128", "\193\191", "\224\159\191", "\240\143\191\191", -- overlong
      "\237\160\128", "\237\191\191", -- surrogates
      "\244\144\128\128", "\245\128\128\128", -- beyond U+10FFFF
      "\194", "\224\160", "\226\130", "\240\144", "\240\159\152", -- cut
      "\194a", "\226a\161", "\226\130a", "\240a\152\128", "\240\159a\128", "\240\159\152a", "\195\195", -- broken off
      "\226\130\192", "\240\159\152\192",
    } do
      assert.matches("body.x: a string that is not UTF-8", refusal { x = c }, 1, true)
      assert.matches("a string that is not UTF-8", refusal { x = "a" .. c .. "b" }, 1, true)
      assert.matches("a key that is not UTF-8", refusal { x = { [c] = 1 } }, 1, true)
    end
  end)
end)

describe("oneentry.array", function()
  it("makes a new list without an argument", function()
    for _, list in ipairs { array(), array(nil) } do
      assert.equal('{"x":[]}', text { x = list })
      list[1] = "a"
      assert.equal('{"x":["a"]}', text { x = list })
    end
    assert.are_not.equal(array(), array())
  end)

  it("returns the table that it marks, and takes no other value", function()
    local t = {}
    assert.equal(t, array(t))
    for _, value in ipairs { 5, "x", true, null, print } do assert.has_error(function() array(value) end) end
  end)
end)

describe("an empty table", function()
  it("is a list where the API documents one", function()
    assert.equal('{"products":[]}', text { products = {} })
    local body = api.prepare.AuthProvider.auth("email", { authData = {} }).body
    assert.equal('{"authData":[]}', body)
    body = decoded(api.prepare.AuthProvider.signUp("email", { notificationData = { phonePush = {} } }).body)
    assert.equal("array", getmetatable(body.notificationData.phonePush).__jsontype)
  end)

  it("is an object where the API documents one", function()
    assert.equal('{"products":{}}', api.prepare.Orders.createRefundRequest(1, { products = {} }).body)
  end)
end)

describe("formData", function()
  local entry = { marker = "name", type = "string", value = "N" }
  local function form(form_data, lang)
    return decoded(api.prepare.Orders.createOrder("orders", { formData = form_data }, lang).body).formData
  end

  it("is wrapped under the language", function()
    assert.same({ en_US = { entry } }, form { entry })
    assert.same({ fr_FR = { entry } }, form({ entry }, "fr_FR"))
  end)

  it("may be a single entry", function()
    assert.same({ en_US = { entry } }, form(entry))
  end)

  it("goes as it is when it is keyed by locales (D02)", function()
    for _, locale in ipairs { "en_US", "de", "zh-Hant_TW", "fil_PH" } do
      assert.same({ [locale] = { entry } }, form { [locale] = { entry } })
    end
  end)

  it("is not sent when absent (D31)", function()
    assert.equal("{}", api.prepare.Orders.createOrder("orders", {}).body)
    assert.is_nil(decoded(api.prepare.Users.updateUser({ state = { a = 1 } }).body).formData)
  end)

  it("is an empty list when empty, null when null", function()
    assert.equal('{"formData":{"en_US":[]}}', api.prepare.Orders.createOrder("o", { formData = {} }).body)
    assert.equal('{"formData":null}', api.prepare.Orders.createOrder("o", { formData = null }).body)
  end)

  it("names the entry that is no JSON", function()
    local ok, message = pcall(form, { { value = print } })
    assert.is_false(ok)
    assert.matches("body.formData[1].value: a function is not JSON", message, 1, true)
  end)
end)

describe("langCode in a body", function()
  it("is set by signUp and oauth does not send it", function()
    assert.equal("fr_FR", decoded(api.prepare.AuthProvider.signUp("e", { langCode = "de_DE" }, "fr_FR").body).langCode)
    assert.is_nil(decoded(api.prepare.AuthProvider.oauth("e", { code = "c" }, "fr_FR").body).langCode)
  end)

  it("is added by updateUser unless there is one", function()
    assert.equal("en_US", decoded(api.prepare.Users.updateUser({ state = {} }).body).langCode)
    assert.equal("de_DE", decoded(api.prepare.Users.updateUser({ langCode = "de_DE" }, "fr_FR").body).langCode)
  end)
end)

describe("an empty phoneSMS", function()
  it("is left out, and only that", function()
    local sent = decoded(api.prepare.AuthProvider.signUp("e", { notificationData = { email = "a@b.c", phoneSMS = "" } }).body)
    assert.same({ email = "a@b.c" }, sent.notificationData)
    sent = decoded(api.prepare.Users.updateUser({ notificationData = { phoneSMS = "+1" } }).body)
    assert.same({ phoneSMS = "+1" }, sent.notificationData)
  end)
end)

describe("the caller's tables", function()
  it("are as they were, after one call and after two (D02)", function()
    local function body()
      return {
        formData = { marker = "name", value = "N", nested = { 1, { x = null } } },
        notificationData = { email = "a@b.c", phoneSMS = "" },
        products = {}, authData = { { marker = "m", value = "v" } }, langCode = "de_DE",
      }
    end
    local given = body()
    for _ = 1, 2 do
      local first = api.prepare.AuthProvider.signUp("email", given, "fr_FR").body
      assert.same(body(), given)
      assert.same(decoded(first), decoded(api.prepare.AuthProvider.signUp("email", body(), "fr_FR").body))
    end
    assert.is_nil(getmetatable(given.products))
  end)
end)

describe("a body of single arguments", function()
  it("holds them as they were given", function()
    assert.same({ userIdentifier = "u", eventIdentifier = "e", code = 123456 },
      decoded(api.prepare.AuthProvider.checkCode("p", "u", "e", 123456).body))
    assert.same({ orderId = 5, type = "intent", automaticTaxEnabled = true },
      decoded(api.prepare.Payments.createSession(5, "intent", true).body))
    assert.matches('"automaticTaxEnabled":null', api.prepare.Payments.createSession(5, "intent", null).body, 1, true)
  end)

  it("repeats the new password unless told otherwise", function()
    local function passwords(...)
      local body = decoded(api.prepare.AuthProvider.changePassword("email", "u", "e", 1, "c", ...).body)
      return body.password1, body.password2
    end
    assert.same({ "p", "p" }, { passwords "p" })
    assert.same({ "p", "" }, { passwords("p", "") })
  end)
end)
