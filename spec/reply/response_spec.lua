-- Replies become values, or errors where they are none; numbers, nulls and lists arrive as they were sent.
local oneentry = require "oneentry"
local server = require "support.server"

local null = oneentry.null
local unpack = table.unpack or unpack -- luacheck: ignore 143

describe("a reply", function()
  local peer, api

  setup(function()
    peer = server.start()
    api = oneentry.define(peer.url, { token = "t", maxRetries = 0 })
  end)
  teardown(function()
    api.close()
    peer:stop()
  end)

  local function get(step, client)
    step = type(step) == "string" and { body = step } or step
    step[1] = step[1] or "answer"
    peer:script { step }
    return (client or api).Payments.getSessionById(1)
  end

  it("may be any JSON value", function()
    assert.same({ id = 1 }, get '{"id":1}')
    assert.same({ 1, 2 }, get "[1,2]")
    assert.is_true(get "true")
    assert.is_false((get "false"))
    assert.equal("text", get '"text"')
    assert.equal(5, get "5")
    assert.equal(null, get "null")
  end)

  it("is {} when it is empty", function()
    assert.same({}, get "")
    assert.same({}, get { status = 204 })
  end)

  it("counts whatever its content type, and with a byte order mark", function()
    assert.is_true(get { body = "true", headers = { ["content-type"] = "text/html" } })
    assert.same({ id = 1 }, get '\239\187\191{"id":1}')
  end)

  describe("with numbers", function()
    it("has integers where they are integral", function()
      local value = get '{"id":116,"sum":400.0,"e":1e2,"price":0.1,"list":[1,2.5],"neg":-3}'
      assert.same({ id = 116, sum = 400, e = 100, price = 0.1, list = { 1, 2.5 }, neg = -3 }, value)
      if math.type then
        for _, number in ipairs { value.id, value.sum, value.e, value.list[1], value.neg } do
          assert.equal("integer", math.type(number))
        end
        assert.equal("float", math.type(value.price))
      end
      assert.equal("116", ("%s"):format(value.id))
    end)

    it("keeps every digit of a 64-bit integer (D32)", function()
      for _, digits in ipairs { "9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808" } do
        local value = get(('{"id":%s,"s":"%s","nested":[{"id":%s}]}'):format(digits, digits, digits))
        assert.equal(digits, tostring(value.id))
        assert.equal(digits, value.s)
        assert.equal(digits, tostring(value.nested[1].id))
        assert.equal(digits, tostring((get(digits))))
      end
    end)

    it("sends such an id back as it came", function()
      local id = get('{"id":9007199254740993}').id
      assert.matches("/9007199254740993$", api.prepare.Payments.getSessionById(id).url)
    end)

    it("leaves digits in texts alone", function()
      assert.same({ "1234567890123456, 1234567890123456]" }, get '["1234567890123456, 1234567890123456]"]')
      local value = get '{"a":"12345678901234567890","b":"x \\" 12345678901234567890","c":0.12345678901234567890}'
      assert.equal("12345678901234567890", value.a)
      assert.equal('x " 12345678901234567890', value.b)
      assert.equal(0.12345678901234567890, value.c)
    end)

    it("takes time in proportion to what there is, long digits or not", function()
      local items = {}
      for i = 1, 16000 do items[i] = '{"sku":"40063813339310001234","id":9007199254740993}' end
      local before = os.clock()
      assert.equal(16000, #get("[" .. table.concat(items, ",") .. "]"))
      assert.is_true(os.clock() - before < 2)
    end)

    it("is not fooled by texts, exponents and bad JSON", function()
      assert.same({ "\0int:5", "\0int:abc" }, { unpack(get '["\\u0000int:5","\\u0000int:abc",12345678901234567]', 1, 2) })
      assert.equal(0.1, get "[1e-0000000000000001]"[1])
      for _, body in ipairs { "{1234567890123456:1}", "[0000000000000000000012]", "[12345678901234567 1]" } do
        assert.equal("invalid_response", select(2, get(body)).code)
      end
    end)

    it("has the nearest double for what no integer holds", function()
      assert.equal(123456789012345680000, get '{"big":123456789012345680000}'.big)
    end)
  end)

  it("is no value with a number beyond all doubles, nor is it the body of an error", function()
    for _, number in ipairs { "1e400", "-1e400" } do
      for _, body in ipairs { "%s", "[1,%s]", '{"a":%s}', '{"a":[{"b":%s}],"id":9007199254740993}' } do
        local value, err = get((body:format(number)))
        assert.is_nil(value)
        assert.equal("invalid_response", err.code)
        assert.matches("number", err.message)
        local text = select(2, get { status = 400, body = (body:format(number)) }).body
        assert.equal((body:format(number)), text)
      end
    end
  end)

  it("drops null members, and keeps nulls in lists", function()
    assert.same({ a = { c = { 1, null } }, d = { {} } }, get '{"a":{"b":null,"c":[1,null]},"d":[{"e":null}],"f":null}')
  end)

  it("keeps all nulls with nulls = true", function()
    local client = oneentry.define(peer.url, { token = "t", nulls = true })
    assert.same({ a = null, b = { null } }, get('{"a":null,"b":[null]}', client))
    client.close()
  end)

  it("marks lists, so that they are lists again when sent", function()
    local value = get '{"list":[1]}'
    value.list[1] = nil
    assert.equal('{"list":[]}', api.prepare.Orders.previewOrder(value).body)
  end)

  it("is no value when it is not JSON", function()
    for _, body in ipairs { "<html>", '{"id":1', "{'a':1}", '{"a":1}x', "tru", "true\0", "NaN", "0x10", "[1,]", "01", "\255\254" } do
      local value, err = get(body)
      assert.is_nil(value)
      assert.equal("invalid_response", err.code)
      assert.equal(200, err.statusCode)
      assert.is_true(err.sent)
    end
  end)

  it("is no value when it nests too deeply", function()
    assert.is_table(get(("["):rep(100) .. ("]"):rep(100)))
    for _, depth in ipairs { 101, 5000 } do
      local value, err = get(("["):rep(depth) .. ("]"):rep(depth))
      assert.is_nil(value)
      assert.equal("invalid_response", err.code)
    end
  end)

  it("is no value when it is cut", function()
    local value, err = get { "partial", status = 200, body = '{"id":1}', bytes = 40 }
    assert.is_nil(value)
    assert.equal("network", err.code)
    assert.is_true(err.sent)
  end)

  it("is no value when it is larger than maxResponseSize", function()
    local client = oneentry.define(peer.url, { token = "t", maxResponseSize = 1000 })
    assert.equal(998, #get('"' .. ("x"):rep(998) .. '"', client))
    local value, err = get('"' .. ("x"):rep(999) .. '"', client)
    assert.is_nil(value)
    assert.equal("too_large", err.code)
    client.close()
  end)

  it("is an error when it is a redirect, which is not followed (D27)", function()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      local value, err = get { status = status, headers = { location = peer.url .. "/elsewhere" } }
      assert.is_nil(value)
      assert.equal("http", err.code)
      assert.equal(status, err.statusCode)
      assert.matches("redirect", err.message)
      assert.equal(1, #peer:requests())
    end
  end)

  it("does not stop a call that comes after", function()
    assert.is_nil((get "<html>"))
    assert.is_true(get "true")
  end)
end)
