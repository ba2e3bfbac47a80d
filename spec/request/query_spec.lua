-- Tables of parameters: their members are spread into the query.
local oneentry = require "oneentry"

local api = oneentry.define("https://shop.example", "app-token")
local null, array = oneentry.null, oneentry.array
local prices = api.prepare.Products.getProductsPriceByPageUrl

local function query(members, lang)
  return prices("shop", lang or null, members).url:match "%?(.*)$"
end

-- A list that has its items in its metatable.
local function list_of(items)
  return setmetatable({}, { __index = items, __len = function() return #items end })
end

local function refusal(members)
  local ok, message = pcall(query, members)
  assert.is_false(ok)
  return message
end

describe("a table of parameters", function()
  local cases = {
    { "text", { sortKey = "price" }, "sortKey=price" },
    { "empty text", { sortKey = "" }, "sortKey=" },
    { "encoded text", { a = "x&langCode=zz#ü " }, "a=x%26langCode%3Dzz%23%C3%BC%20" },
    { "encoded name", { ["a&b=c"] = 1 }, "a%26b%3Dc=1" },
    { "integer", { limit = 30 }, "limit=30" },
    { "integral float", { limit = 30.0 }, "limit=30" },
    { "fraction", { a = 1.5 }, "a=1.5" },
    { "large float", { a = 1e21 }, "a=1e%2B21" },
    { "zero", { a = 0 }, "a=0" },
    { "booleans", { a = true, b = false }, "a=true&b=false" },
    { "list", { g = { 1, "x,y", true } }, "g=1%2Cx%2Cy%2Ctrue" },
    { "list of one", { g = { 7 } }, "g=7" },
    { "empty list", { g = array {} }, "g=" },
    { "empty table", { g = {} }, "g=" },
    { "members that nobody knows", { wildcard = 1, X_y = 2 }, "X_y=2&wildcard=1" },
  }
  for _, case in ipairs(cases) do
    it("is spread: " .. case[1], function() assert.equal(case[3], query(case[2])) end)
  end

  it("is left out where it is null, nil or empty", function()
    assert.is_nil(query { a = null })
    assert.is_nil(query {})
    assert.is_nil(query(nil))
    assert.is_nil(query(null))
    assert.equal("b=1", query { a = null, b = 1 })
  end)

  it("has its names in the order of their bytes, whatever the table's is", function()
    local members, expected = {}, {}
    for _, name in ipairs { "b", "a", "Z", "aa", "a0", "z", "é", "10", "9" } do members[name] = 1 end
    for _, name in ipairs { "10", "9", "Z", "a", "a0", "aa", "b", "z", "%C3%A9" } do expected[#expected + 1] = name .. "=1" end
    assert.equal(table.concat(expected, "&"), query(members))
  end)

  it("follows the arguments", function()
    assert.equal("langCode=fr_FR&limit=2", query({ limit = 2 }, "fr_FR"))
    assert.equal("?langCode=en_US&limit=2", prices("shop", nil, { limit = 2 }).url:match "%?.*")
  end)

  it("does not overrule an argument, nor send it twice (D42)", function()
    assert.equal("langCode=fr_FR&limit=2", query({ langCode = "xx_XX", limit = 2 }, "fr_FR"))
    assert.equal("langCode=xx_XX", query { langCode = "xx_XX" }) -- the argument is null
  end)

  it("is as it was afterwards", function()
    local members = { limit = 2, g = { 1, 2 }, langCode = "xx" }
    prices("shop", nil, members)
    assert.same({ limit = 2, g = { 1, 2 }, langCode = "xx" }, members)
  end)

  it("is read through its metatable", function()
    assert.equal("a=1&b=2", query(setmetatable({}, { __pairs = function() return next, { a = 1, b = 2 } end })))
    assert.equal("g=1%2C2", query { g = list_of { 1, 2 } })
  end)

  local hole = { 1, nil, 3 }
  local bad = {
    { "a table", { a = { b = 1 } }, "userQuery.a: a string, number or boolean, or a list of them expected, got a table" },
    { "a list in a list", { a = { 1, { 2 } } }, "userQuery.a[2]: a string, number or boolean expected, got table" },
    { "null in a list", { a = { null } }, "userQuery.a[1]: a string, number or boolean expected, got null" },
    { "a hole", { a = hole }, "userQuery.a: a list with holes, or with other keys, cannot be sent" },
    { "other keys", { a = { 1, b = 2 } }, "userQuery.a: a list with holes, or with other keys, cannot be sent" },
    { "a function", { a = print }, "userQuery.a: a string, number or boolean, or a list of them expected, got function" },
    { "a userdata", { a = io.stdout }, "userQuery.a: a string, number or boolean, or a list of them expected, got userdata" },
    { "NaN", { a = 0 / 0 }, "userQuery.a: a finite number expected" },
    { "infinity in a list", { a = { 1 / 0 } }, "userQuery.a[1]: a finite number expected" },
    { "a list", { 1, 2 }, "userQuery: a member name expected, got a list item" },
    { "a name that is no string", { [true] = 1 }, "userQuery: a member name expected" },
    { "an empty name", { [""] = 1 }, "userQuery: a member without a name" },
    { "a __pairs that throws", setmetatable({}, { __pairs = function() error "no" end }), "userQuery: its __pairs failed" },
  }
  for _, case in ipairs(bad) do
    it("is refused: " .. case[1], function()
      local message = refusal(case[2])
      assert.matches("bad argument #3 to 'getProductsPriceByPageUrl' (", message, 1, true)
      assert.matches(case[3], message, 1, true)
    end)
  end

  it("has values of the method's own, which the caller's replace and null takes away", function()
    local function of(members)
      return api.prepare.IntegrationCollections.getICollections(null, members).url:match "%?(.*)$"
    end
    assert.equal("limit=30&offset=0", of(nil))
    assert.equal("limit=30&offset=0", of(null))
    assert.equal("limit=30&offset=0", of {})
    assert.equal("entityType=orders&limit=5&offset=0", of { limit = 5, entityType = "orders" })
    assert.equal("offset=0", of { limit = null })
  end)

  it("is a table", function()
    for _, value in ipairs { "a=1", 5, true } do
      assert.matches("bad argument #3 to 'getProductsPriceByPageUrl' (table expected, got " .. type(value), refusal(value), 1, true)
    end
  end)

  it("is blamed for a url that is too long", function()
    assert.matches("bad argument #3 to 'getProductsPriceByPageUrl' (too long", refusal { a = ("x"):rep(40000) }, 1, true)
  end)
end)
