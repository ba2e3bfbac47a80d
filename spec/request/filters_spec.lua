-- Lists as bodies, and the filters in them, which are checked before they are sent.
local oneentry = require "oneentry"

local api = oneentry.define("https://shop.example", "app-token")
local null, array = oneentry.null, oneentry.array
local count = api.prepare.Products.getProductsCount

-- A list that has its items in its metatable.
local function list_of(items)
  return setmetatable({}, { __index = items, __len = function() return #items end })
end

local function refusal(...)
  local ok, message = pcall(count, ...)
  assert.is_false(ok)
  return message
end

describe("a list as body", function()
  it("is a list when it is empty, absent or null", function()
    assert.equal("[]", count({}).body)
    assert.equal("[]", count(array {}).body)
    assert.equal("[]", count().body)
    assert.equal("[]", count(null).body)
    local cjson = require "cjson"
    if cjson.empty_array then assert.equal("[]", count(cjson.empty_array).body) end
  end)

  it("is written as it is", function()
    assert.equal('[{"title":"x"},{"title":"y"}]', count({ { title = "x" }, { title = "y" } }).body)
    assert.equal('[{"title":"x"}]', count(list_of { { title = "x" } }).body)
  end)

  local bad = {
    { "a string", "[]", "(list expected, got string)" },
    { "a single filter", { title = "x" }, "(a list expected, got an object)" },
    { "a hole", { { title = "x" }, nil, { title = "y" } }, "holes" },
    { "list items and other keys", { { title = "x" }, title = "y" }, "filter: a table with list items and other keys" },
  }
  for _, case in ipairs(bad) do
    it("is refused: " .. case[1], function()
      local message = refusal(case[2])
      assert.matches("bad argument #1 to 'getProductsCount' (", message, 1, true)
      assert.matches(case[3], message, 1, true)
    end)
  end

  it("is no body where a table is an object", function()
    assert.equal("{}", api.prepare.Products.getProductsEmptyPage().body)
    assert.equal("{}", api.prepare.Products.getProductsEmptyPage(null).body)
  end)
end)

describe("a filter", function()
  it("may have every member, and each condition", function()
    for _, condition in ipairs { "in", "nin", "eq", "neq", "mth", "lth", "exs", "nexs", null } do
      local given = { attributeMarker = "price", conditionMarker = condition, conditionValue = 5, pageUrl = "a/b", pageUrls = { "a", "b" },
        statusMarker = "in_stock", title = "x", isNested = true }
      assert.is_string(count({ given }).body)
    end
    assert.equal('[{"pageUrls":[]}]', count({ { pageUrls = {} } }).body)
    assert.equal("[{}]", count({ {} }).body)
  end)

  local bad = {
    { "a misspelt member", { {}, { conditonMarker = "eq" } }, "filter[2].conditonMarker: unknown member, did you mean 'conditionMarker'?" },
    { "a member cut at a NUL", { { ["title\0x"] = "eq" } }, "filter[1].title: unknown member" },
    { "another case", { { attributemarker = "eq" } }, "filter[1].attributemarker: unknown member, did you mean 'attributeMarker'?" },
    { "a member that resembles none", { { x = 1 } }, "filter[1].x: unknown member; there are attributeMarker, conditionMarker, " },
    { "a misspelt condition", { { conditionMarker = "mht" } }, "filter[1].conditionMarker: unknown condition marker; there are in, nin, " },
    { "a condition that is nearly one", { { conditionMarker = "exst" } },
      "filter[1].conditionMarker: unknown condition marker, did you mean 'exs'?" },
    { "several conditions", { { conditionMarker = "eq neq" } }, "filter[1].conditionMarker: unknown condition marker" },
    { "an empty condition", { { conditionMarker = "" } }, "filter[1].conditionMarker: unknown condition marker; there are" },
    { "a condition that is no text", { { conditionMarker = 5 } }, "filter[1].conditionMarker: string expected, got number" },
    { "no table", { "price" }, "filter[1]: a filter, a table, expected, got string" },
    { "a list", { { 1 } }, "filter[1]: a member name expected, got a list item" },
    { "a value that is no JSON", { {}, {}, { conditionValue = print } }, "filter[3].conditionValue: a function is not JSON" },
    { "a __pairs that throws", { setmetatable({}, { __pairs = function() error "no" end }) }, "filter[1]: its __pairs failed" },
  }
  for _, case in ipairs(bad) do
    it("is refused: " .. case[1], function()
      local message = refusal(case[2])
      assert.matches("bad argument #1 to 'getProductsCount' (" .. case[3], message, 1, true)
    end)
  end

  it("that answers through its metatable is read once, and sent as it was checked", function()
    local reads = 0
    local filter = setmetatable({}, { __pairs = function()
      reads = reads + 1
      return next, { [reads == 1 and "title" or "tilte"] = "x" }
    end })
    local list = { filter }
    assert.equal('[{"title":"x"}]', count(list).body)
    assert.equal(1, reads)
    assert.equal(filter, list[1])
  end)
end)
