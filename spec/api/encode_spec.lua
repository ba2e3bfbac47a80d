-- oneentry.encode: values as JSON, results with their lists.
local oneentry = require "oneentry"
local dkjson = require "dkjson"
local server = require "support.server"

local encode = oneentry.encode

describe("oneentry.encode", function()
  it("writes any JSON value", function()
    for expected, value in pairs {
      ["5"] = 5, ["400"] = 400.0, ["0.1"] = 0.1, ['"a\\"b"'] = 'a"b', ["true"] = true, ["false"] = false, ["{}"] = {},
      ["[1,[]]"] = { 1, oneentry.array() }, ['{"a":[{"b":null}]}'] = { a = { { b = oneentry.null } } },
    } do
      assert.equal(expected, encode(value))
    end
    assert.equal("null", encode(oneentry.null))
  end)

  it("refuses what is no JSON, and names it", function()
    local cycle = {}
    cycle.a = { cycle }
    for message, value in pairs {
      ["(value: a function is not JSON)"] = print,
      ["(value: a number that is not finite is not JSON)"] = 0 / 0,
      ["(value.a[2].b: a string that is not UTF-8 is not JSON)"] = { a = { 1, { b = "\255" } } },
      ["(value.a: a table with list items and other keys"] = { a = { 1, x = 2 } },
      ["nested too deeply, or a cycle)"] = cycle,
    } do
      local ok, problem = pcall(encode, value)
      assert.is_false(ok)
      assert.matches("api/encode_spec.lua:", select(2, pcall(function() encode(value) end)), 1, true)
      assert.matches("bad argument #1 to 'encode' ", problem, 1, true)
      assert.matches(message, problem, 1, true)
    end
    assert.has_error(function() encode() end)
    assert.matches("nil is not JSON", select(2, pcall(encode, nil)), 1, true)
  end)

  it("leaves no table changed", function()
    local given = { a = {}, b = { 1 } }
    encode(given)
    assert.same({ a = {}, b = { 1 } }, given)
    assert.is_nil(getmetatable(given.a))
  end)
end)

describe("an empty list of a reply", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function get(body, config)
    config = config or {}
    config.token, config.maxRetries = "t", 0
    local api = oneentry.define(peer.url, config)
    peer:script { { "answer", body = body } }
    local value, err = api.Payments.getSessionById(1)
    api.close()
    return value, err
  end

  -- The value with dkjson's mark of each table: list or object.
  local function typed(value)
    if type(value) ~= "table" then return value end
    local result = { is = getmetatable(value).__jsontype, members = {} }
    for key, member in pairs(value) do result.members[key] = typed(member) end
    return result
  end

  local bodies = {
    "[]", "{}", "[[]]", "[{}]", '{"a":[]}', '{"a":{}}', '[[],{},[[]],[[],[]],{"a":[[]]}]', '{"a":[],"b":[1],"c":{"d":[]}}',
    '{"a":"[]"}', '{"a":"\\"[]","b":[]}', '["[]",[],"\\\\",[],"[ ]"]', '{"[]":[]}', '[""]', '["\\u00ff"]', '["9007199254740993[]",[]]',
  }
  if math.type then
    bodies[#bodies + 1] = '[9007199254740993,[],[9007199254740993],-9007199254740993,"",[]]'
    bodies[#bodies + 1] = '[[],-9007199254740993,"9007199254740993[]",[],9007199254740993]'
  end
  for _, body in ipairs(bodies) do
    it("is one when the result is encoded: " .. body, function()
      for _, config in ipairs { {}, { rawData = true }, { nulls = true } } do
        local text = encode(get(body, config))
        assert.same(typed(dkjson.decode(body)), typed(dkjson.decode(text)), text)
      end
    end)
  end

  it("may have blanks inside", function()
    assert.equal('{"a":[]}', encode(get '{"a":[ \t\r\n]}'))
    assert.equal('{"a":"[ ]"}', encode(get '{"a":"[ ]"}'))
  end)

  it("is empty", function()
    local value = get '{"a":[],"b":[[]]}'
    assert.same({ a = {}, b = { {} } }, value)
    assert.equal(0, #value.a)
    assert.is_nil(next(value.a))
    table.insert(value.a, "x")
    assert.equal('["x"]', encode(value.a))
  end)

  it("is one when the result is sent", function()
    local value = get '{"orderDiscounts":[],"products":[{"discounts":[ ],"extra":{}}]}'
    local sent = oneentry.define(peer.url, "t").prepare.Orders.previewOrder(value).body
    assert.matches('"orderDiscounts":[]', sent, 1, true)
    assert.matches('"discounts":[]', sent, 1, true)
    assert.matches('"extra":{}', sent, 1, true)
  end)

  it("is no list where the shape says that it is a map", function()
    local api = oneentry.define(peer.url, "t")
    peer:script { { "answer", body = '{"attributeValues":{"m":{"type":"string","additionalFields":[]}}}' } }
    local entity = assert(api.Orders.getOrdersStorageByMarker "orders")
    assert.equal("{}", encode(entity.attributeValues.m.additionalFields))
    api.close()
  end)

  it("does not matter to validation", function()
    local config = { validation = { enabled = true, strictMode = true, logErrors = false } }
    local api = oneentry.define(peer.url, { token = "t", maxRetries = 0, validation = config.validation })
    peer:script { { "answer", body = "[]" }, { "answer", body = '[{"id":"x"}]' } }
    assert.same({}, api.Payments.getAccounts())
    assert.equal("validation", select(2, api.Payments.getAccounts()).code)
    api.close()
  end)

  it("is not marked by a text that looks like the mark", function()
    local value = get '["\255"]'
    assert.same({ "\255" }, value)
    assert.same({ { "\255" }, {} }, get '[["\255"],[]]')
  end)

  it("is malformed when something is in it", function()
    for _, body in ipairs { "[,]", "[]]", "[[]", "[][]", '{"a":[}', "[] 1", '{[]:1}', "[]1234567890123456789" } do
      assert.equal("invalid_response", select(2, get(body)).code, body)
    end
  end)
end)
