-- Tables in bodies that are more than plain: marked as lists by other libraries, or answering through a metatable.
local child = require "support.child"
local dkjson = require "dkjson"
local oneentry = require "oneentry"

local api = oneentry.define("https://shop.example", "app-token")

local function text(body)
  return api.prepare.Orders.previewOrder(body).body
end

local function refusal(body)
  local ok, message = pcall(api.prepare.Orders.previewOrder, body)
  assert.is_false(ok)
  assert.matches("bad argument #1 to 'previewOrder' (", message, 1, true)
  return message
end

-- Answers for `members` and has none of its own.
local function proxy(members)
  return setmetatable({}, { __index = members, __pairs = function() return next, members end })
end

local function list(items)
  return setmetatable({}, { __index = items, __len = function() return #items end })
end

describe("A15: a table that answers through its metatable", function()
  local cases = {
    { "members", function() return proxy { a = 1 } end, '{"a":1}' },
    { "items", function() return list { 1, "x" } end, '[1,"x"]' },
    { "no members", function() return proxy {} end, "{}" },
    { "no items", function() return list {} end, "[]" },
    { "items by __pairs alone", function() return proxy { 1, 2 } end, "[1,2]" },
    { "items and members inside of each other", function() return proxy { a = list { proxy { b = list {} } } } end, '{"a":[{"b":[]}]}' },
    { "computed items", function()
      return setmetatable({}, { __index = function(_, i) return i * i end, __len = function() return 3 end })
    end, "[1,4,9]" },
    { "a list that counts differently", function()
      return setmetatable({ 1, 2, 3 }, { __len = function() return 2 end })
    end, "[1,2]" },
    { "members beside an own __len", function()
      return setmetatable({ a = 1 }, { __len = function() return 5 end })
    end, '{"a":1}' },
    { "an object with methods", function()
      local class = { add = function() end, _name = "Class" }
      class.__index = class
      return setmetatable({ a = 1 }, class)
    end, '{"a":1}' },
    { "an object with methods and without members", function()
      local class = { add = function() end, _name = "Class" }
      class.__index = class
      return setmetatable({}, class)
    end, "{}" },
    { "a metatable that is hidden", function()
      return setmetatable({}, { __pairs = function() return next, { a = 1 } end, __metatable = "no" })
    end, '{"a":1}' },
  }
  for _, case in ipairs(cases) do
    it("is read through it: " .. case[1], function()
      assert.equal('{"x":' .. case[3] .. "}", text { x = case[2]() })
      assert.equal('{"x":[' .. case[3] .. "]}", text(proxy { x = list { case[2]() } }))
      assert.equal(case[3], oneentry.encode(case[2]()))
    end)
  end

  it("is read through it where the API documents a list or a form", function()
    assert.equal('{"products":[{"productId":1}]}', text { products = list { proxy { productId = 1 } } })
    assert.equal('{"products":[]}', text { products = proxy {} })
    local function form(value) return api.prepare.Orders.createOrder("o", proxy { formData = value }).body end
    assert.equal('{"formData":{"en_US":[{"marker":"m"}]}}', form(list { proxy { marker = "m" } }))
    assert.equal('{"formData":{"en_US":[{"marker":"m"}]}}', form(proxy { marker = "m" }))
    assert.equal('{"formData":{"de_DE":[1]}}', form(proxy { de_DE = list { 1 } }))
    assert.equal('{"formData":{"en_US":[]}}', form(list {}))
    local sign_up = api.prepare.AuthProvider.signUp("e", { notificationData = proxy { email = "a@b.c", phoneSMS = "" } }).body
    assert.matches('"notificationData":{"email":"a@b.c"}', sign_up, 1, true)
  end)

  it("is an object, as a body", function()
    assert.matches("(an object expected, got a list)", refusal(list { 1 }), 1, true)
    assert.matches("(an object expected, got a list)", refusal(oneentry.array {}), 1, true)
  end)

  it("is as it was", function()
    local given = proxy { a = list { 1 } }
    local metatable = getmetatable(given)
    text(given)
    assert.is_nil((next(given)))
    assert.equal(metatable, getmetatable(given))
  end)

  local function thrower(name, values)
    values[name] = function() error("no luck", 0) end
    return setmetatable({}, values)
  end
  local bad = {
    { "what cannot be listed", function() return setmetatable({}, { __index = function() return 1 end }) end,
      "body.x: a table whose members cannot be listed is not JSON" },
    { "members that cannot be listed", function() return setmetatable({}, { __index = { a = 1 } }) end,
      "body.x: a table whose members cannot be listed is not JSON" },
    { "a __pairs that throws", function() return thrower("__pairs", {}) end, "body.x: its __pairs failed: no luck" },
    { "a __len that throws", function() return thrower("__len", {}) end, "body.x: its __len failed: no luck" },
    { "an __index that throws", function() return thrower("__index", { __len = function() return 2 end }) end,
      "body.x: its __len failed: no luck" },
    { "a table that is thrown", function()
      return setmetatable({}, { __pairs = function() error {} end })
    end, "body.x: its __pairs failed: table" },
    { "an error object that is thrown", function()
      local err = setmetatable({}, { __tostring = function() return "no luck" end })
      return setmetatable({}, { __pairs = function() error(err) end })
    end, "body.x: its __pairs failed: no luck" },
    { "a length without end", function() return setmetatable({}, { __len = function() return 1e15 end }) end,
      "body.x: its __len failed: more than 1000000 members" },
    { "a length that is infinite", function() return setmetatable({}, { __len = function() return 1 / 0 end }) end,
      "body.x: its __len failed: more than 1000000 members" },
    { "a length that is none", function() return setmetatable({}, { __len = function() return -1 end }) end,
      "body.x: its __len failed: a number of items expected" },
    { "a length that is NaN", function() return setmetatable({}, { __len = function() return 0 / 0 end }) end,
      "body.x: its __len failed: a number of items expected" },
    { "a length that is a text", function() return setmetatable({}, { __len = function() return "2" end }) end,
      "body.x: its __len failed: a number of items expected" },
    { "a list with holes", function()
      return setmetatable({}, { __index = { 1, nil, 3 }, __len = function() return 3 end })
    end, "body.x: its __len failed: item 2 of 3 is nil (use oneentry.null)" },
    { "members without end", function()
      return setmetatable({}, { __pairs = function()
        local n = 0
        return function() n = n + 1 return "x", n end
      end })
    end, "body.x: its __pairs failed: more than 1000000 members" },
    { "items without end, a level after the other", function()
      local function endless()
        return setmetatable({}, { __len = function() return 300000 end, __index = function() return endless() end })
      end
      return endless()
    end, "more than 1000000 members" },
    { "depth without end", function()
      local metatable = {}
      metatable.__pairs = function() return next, { a = setmetatable({}, metatable) } end
      return setmetatable({}, metatable)
    end, "nested too deeply, or a cycle" },
    { "a value that is no JSON", function() return proxy { a = list { 1, print } } end, "body.x.a[2]: a function is not JSON" },
    { "a key that is none", function() return proxy { [true] = 1 } end, "body.x: a table key that is not a string is not JSON" },
  }
  for _, case in ipairs(bad) do
    it("is refused: " .. case[1], function()
      assert.matches(case[3], refusal { x = case[2]() }, 1, true)
    end)
  end

  it("is refused as a whole body", function()
    assert.matches("(body: its __pairs failed: no luck)", refusal(thrower("__pairs", {})), 1, true)
    assert.matches("(body: a table whose members cannot be listed", refusal(setmetatable({}, { __index = { a = 1 } })), 1, true)
  end)

  it("cannot wait in a metamethod", function()
    local message
    coroutine.wrap(function()
      message = refusal { x = setmetatable({}, { __pairs = function() coroutine.yield() end }) }
    end)()
    assert.matches("body%.x: its __pairs failed: .*attempt to yield across", message)
  end)

  it("is not taken by oneentry.array, which would hide it", function()
    for _, given in ipairs { proxy { 1 }, list { 1 } } do
      assert.has_error(function() oneentry.array(given) end)
      assert.is_truthy(getmetatable(given).__index)
    end
    local own = setmetatable({}, { __name = "mine" })
    assert.equal("[]", oneentry.encode(oneentry.array(own)))
  end)

  -- The request that is being written is the call's own.
  it("may use the client meanwhile", function()
    local body = { a = 1, x = setmetatable({}, { __pairs = function()
      assert(api.prepare.Payments.getSessionById(7).url:find "/sessions/7$")
      return next, { y = 2 }
    end }) }
    local request = api.prepare.Orders.createOrder("orders", body)
    assert.equal("https://shop.example/api/content/orders-storage/marker/orders/orders", request.url)
    assert.same({ a = 1, x = { y = 2 } }, dkjson.decode(request.body))
  end)

  it("may close the client meanwhile", function()
    local short = oneentry.define("https://shop.example", "app-token")
    local request, err = short.prepare.Orders.createOrder("orders", { x = setmetatable({}, { __pairs = function()
      short.close()
      return next, { y = 2 }
    end }) })
    assert.is_nil(request)
    assert.equal("closed", err.code)
  end)
end)

describe("A9: a list that dkjson has marked", function()
  it("is sent as one", function()
    assert.equal('{"x":[]}', text { x = dkjson.decode "[]" })
    assert.equal('{"x":{}}', text { x = dkjson.decode "{}" })
    assert.equal('{"x":[1,[]]}', text(dkjson.decode '{"x":[1,[]]}'))
  end)
end)

describe("A9: a list that lua-cjson has marked", function()
  -- Debian's lua-cjson has no marks: these are as OpenResty's defines them, two metatables and a light userdata.
  it("is sent as one", function()
    local output, ok = child.run [=[
      local cjson = require "cjson"
      cjson.array_mt = cjson.array_mt or {}
      cjson.empty_array_mt = cjson.empty_array_mt or {}
      cjson.empty_array = cjson.empty_array or (debug.upvalueid and debug.upvalueid(function() return cjson end, 1))
      local oneentry = require "oneentry"
      local api = oneentry.define("https://shop.example", "t")
      local function check(expected, body)
        local text = api.prepare.Orders.createOrder("o", body).body
        assert(text == expected, text)
      end
      check('{"x":[]}', { x = setmetatable({}, cjson.empty_array_mt) })
      check('{"x":[1]}', { x = setmetatable({ 1 }, cjson.empty_array_mt) })
      check('{"x":{"a":1}}', { x = setmetatable({ a = 1 }, cjson.empty_array_mt) })
      check('{"x":[]}', { x = setmetatable({}, cjson.array_mt) })
      check('{"x":[null]}', { x = { cjson.new().null } })
      check('{"formData":{"en_US":[]}}', { formData = setmetatable({}, cjson.empty_array_mt) })
      if cjson.empty_array then
        check('{"x":[]}', { x = cjson.empty_array })
        check('{"x":[[]]}', { x = { cjson.empty_array } })
        check('{"products":[]}', { products = cjson.empty_array })
        check('{"formData":{"en_US":[]}}', { formData = cjson.empty_array })
        check('{"formData":{"de_DE":[]}}', { formData = { de_DE = cjson.empty_array } })
        assert(oneentry.encode(cjson.empty_array) == "[]")
      end
      assert(getmetatable(oneentry.array()) == cjson.array_mt)
      local other = debug.upvalueid and debug.upvalueid(function() return api end, 1)
      assert(not other or not pcall(oneentry.encode, other))
    ]=]
    assert.is_true(ok, output)
  end)
end)
