-- Languages and attributes of a reply: what a method that normalises makes of them.
local oneentry = require "oneentry"
local child = require "support.child"
local json = require "support.fixtures.json"
local process = require "support.process"
local server = require "support.server"
local tmp = require "support.tmp"

local null = oneentry.null

describe("a shaped reply", function()
  local peer, clients

  setup(function()
    peer = server.start()
    clients = {
      english = oneentry.define(peer.url, { token = "t" }),
      french = oneentry.define(peer.url, { token = "t", langCode = "fr_FR" }),
      nulls = oneentry.define(peer.url, { token = "t", nulls = true }),
      raw = oneentry.define(peer.url, { token = "t", rawData = true }),
    }
  end)
  teardown(function()
    for _, client in pairs(clients) do client.close() end
    peer:stop()
  end)

  -- Returns the result of Users.getUser for the JSON text (it may have ' for ").
  local function get(body, client, lang)
    peer:script { { "answer", body = (body:gsub("'", '"')) } }
    return assert(clients[client or "english"].Users.getUser(lang))
  end

  local function check(cases)
    for _, case in ipairs(cases) do
      assert.same(case[2], get(case[1], case.client, case.lang), case[1])
    end
  end

  -- A decoded value as JSON that json.encode can write.
  local function to_json(value)
    if value == null then return json.null end
    if type(value) ~= "table" then return value end
    local copy = {}
    for key, member in pairs(value) do copy[key] = to_json(member) end
    return copy
  end

  describe("in languages", function()
    it("has the language of the client, whatever the translation is", function()
      check {
        { "{'a':{'en_US':{'title':'x'},'fr_FR':{'title':'y'}}}", { a = { title = "x" } } },
        { "{'a':{'en_US':{'title':'x'},'fr_FR':{'title':'y'}}}", { a = { title = "y" } }, client = "french" },
        { "{'a':{'en_US':'x'},'b':{'en_US':1},'c':{'en_US':[1,2]}}", { a = "x", b = 1, c = { 1, 2 } } },
        { "{'a':{'en_US':''},'b':{'en_US':0},'c':{'en_US':false},'d':{'en_US':null}}", { a = "", b = 0, c = false } },
        { "{'d':{'en_US':null}}", { d = null }, client = "nulls" },
      }
    end)

    it("has the language that the call asked for, not the client's (D20)", function()
      check {
        { "{'a':{'en_US':'x','fr_FR':'y'}}", { a = "y" }, lang = "fr_FR" },
        { "{'a':{'fr_FR':'y'}}", { a = "y" }, lang = "fr_FR" },
        { "{'a':{'en_US':'x','fr_FR':'y'}}", { a = "x" }, lang = "en_US", client = "french" },
      }
    end)

    it("falls back to the client's language where the one asked for is missing", function()
      check {
        { "{'a':{'en_US':'x'},'b':{'en_US':'x','fr_FR':'y'}}", { a = "x", b = "y" }, lang = "fr_FR" },
        { "{'a':{'en_US':'x','fr_FR':null}}", {}, lang = "fr_FR" },
      }
    end)

    it("keeps a map that lacks both, shaped inside", function()
      check {
        { "{'a':{'de_DE':'z'}}", { a = { de_DE = "z" } }, lang = "fr_FR" },
        { "{'a':{'de_DE':{'en_US':'deep'}}}", { a = { de_DE = "deep" } } },
        { "{'a':{'de_DE':{'type':'integer','value':'5'}}}", { a = { de_DE = { type = "integer", value = 5 } } } },
      }
    end)

    it("replaces values of members only, neither the root nor elements of lists", function()
      check {
        { "{'en_US':{'title':'a'}}", { en_US = { title = "a" } } },
        { "[{'en_US':{'title':'a'}},{'fr_FR':'b'},['x',{'en_US':1}]]",
          { { en_US = { title = "a" } }, { fr_FR = "b" }, { "x", { en_US = 1 } } } },
        { "[{'k':{'en_US':'a'}},[[{'k':{'en_US':'b'}}]]]", { { k = "a" }, { { { k = "b" } } } } },
      }
    end)

    it("takes a translation as it is", function()
      check {
        { "{'a':{'en_US':{'b':{'en_US':'inner'}}}}", { a = { b = { en_US = "inner" } } } },
        { "{'formData':{'en_US':[{'marker':'a','type':'integer','value':'5'}]}}",
          { formData = { { marker = "a", type = "integer", value = "5" } } } },
        { "{'a':{'en_US':{'attributeValues':{'n':{'type':'integer','value':'5'}}}}}",
          { a = { attributeValues = { n = { type = "integer", value = "5" } } } } },
        { "{'a':{'en_US':{'id':7.0,'gone':null,'list':[1.0,null]}}}", { a = { id = 7, list = { 1, null } } } },
      }
    end)
  end)

  describe("with numbers", function()
    -- JSON of the value; what it becomes, nil for absent.
    local values = {
      { '"12"', 12 }, { '" 7\\t\\n"', 7 }, { '"\\u00a07\\ufeff"', 7 }, { '"1e3"', 1000 }, { '"0x1F"', 31 }, { '"0b101"', 5 },
      { '"0o17"', 15 }, { '".5"', 0.5 }, { '"5."', 5 }, { '"-0.50"', -0.5 }, { '"+2"', 2 }, { '"007"', 7 }, { "3.75", 3.75 },
      { '"3.75"', 3.75 }, { "true", 1 }, { "false", 0 }, { "0", 0 }, { '"0"', 0 }, { "[5]", 5 }, { '[["6"]]', 6 },
      { '"Infinity"', math.huge }, { '"-Infinity"', -math.huge },
      { '"abc"' }, { '""' }, { '" "' }, { "null" }, { "[]" }, { "{}" }, { "[1,2]" }, { "[null]" }, { "[true]" }, { '[""]' }, { '{"a":1}' },
      { '"12,5"' }, { '"1 2"' }, { '"0x"' }, { '"0xg"' }, { '"-0x1"' }, { '"0b2"' }, { '"1e"' }, { '"."' }, { '"-"' },
      { '"nan"' }, { '"inf"' }, { '"infinity"' }, { '"1_0"' }, { '"1\\u0000"' },
    }

    for _, type in ipairs { "integer", "float" } do
      it("of type " .. type .. " converts as JavaScript does, and is absent where there is none (D21)", function()
        for _, case in ipairs(values) do
          local plain = get(('{"type":"%s","value":%s}'):format(type, case[1]))
          assert.same({ type = type, value = case[2] }, plain, case[1])
          local attribute = get(('{"attributeValues":{"en_US":{"a":{"type":"%s","value":%s}}}}'):format(type, case[1]))
          assert.same({ type = type, value = case[2] }, attribute.attributeValues.a, case[1])
        end
        assert.same({ type = type }, get(("{'type':'%s'}"):format(type)))
      end)
    end

    it("of other types stays a text", function()
      for _, type in ipairs { "real", "string", "list", "Integer" } do
        assert.equal("5", get(("{'type':'%s','value':'5'}"):format(type)).value)
      end
    end)

    it("keeps null with nulls = true, and makes nothing else null (D21)", function()
      check {
        { "{'type':'integer','value':null}", { type = "integer", value = null }, client = "nulls" },
        { "{'type':'integer','value':''}", { type = "integer" }, client = "nulls" },
        { "{'type':'float'}", { type = "float" }, client = "nulls" },
      }
    end)

    it("keeps every digit, as an integer or as text (D32)", function()
      for _, digits in ipairs { "9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808" } do
        assert.equal(digits, tostring(get(("{'type':'integer','value':'%s'}"):format(digits)).value))
        assert.equal(digits, tostring(get(("{'type':'integer','value':%s}"):format(digits)).value))
      end
    end)

    it("beyond 64 bits is a float, and beyond a double the text that came", function()
      assert.equal(12345678901234567890.0, get("{'type':'integer','value':'12345678901234567890'}").value)
      assert.equal(-2 ^ 70, get("{'type':'integer','value':'-1180591620717411303424'}").value)
      local long = ("9"):rep(400)
      for _, text in ipairs { "1e400", "-1e400", long, "0x" .. long } do
        assert.equal(text, get(("{'type':'float','value':'%s'}"):format(text)).value)
      end
      assert.equal(long, get(("{'type':'float','value':%s}"):format(long)).value)
    end)

    it("has integers where they are integral", function()
      if math.type then
        assert.equal("integer", math.type(get("{'type':'float','value':'5.0'}").value))
        assert.equal("integer", math.type(get("{'type':'integer','value':'0x10'}").value))
        assert.equal("float", math.type(get("{'type':'integer','value':'5.5'}").value))
      end
      assert.equal("5", tostring(get("{'type':'float','value':'5.0'}").value))
    end)

    it("reads a decimal point in every locale", function()
      local directory = tmp.directory()
      local compiled = os.execute(("unset LD_PRELOAD; localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1"):format(directory))
      assert.is_true(compiled == true or compiled == 0)
      peer:script { { "answer", body = '{"type":"float","value":"2.5"}' } }
      local output = child.run(([[
        assert(os.setlocale "de_DE.UTF-8")
        print(require "oneentry".define(%q).Users.getUser().value * 2 == 5)
      ]]):format(peer.url), "ASAN_OPTIONS=detect_leaks=0 LOCPATH=" .. process.quote(directory)) -- glibc keeps LOCPATH
      tmp.remove(directory)
      assert.equal("true\n", output)
    end)
  end)

  describe("with attributes", function()
    local fields = "'additionalFields':[{'marker':'m','type':'integer','value':'1'}]"

    it("visits those of attributeValues, in a language map or not", function()
      local text = "{'n':{'type':'integer','value':'5'," .. fields .. ",'isLogin':null}}"
      local shaped = { n = { type = "integer", value = 5, additionalFields = { m = { marker = "m", type = "integer", value = "1" } } } }
      assert.same(shaped, get("{'attributeValues':{'en_US':" .. text .. "}}").attributeValues)
      shaped.n.additionalFields.m.value = 1
      shaped.n.isLogin = false
      assert.same(shaped, get("{'attributeValues':" .. text .. "}").attributeValues)
    end)

    it("visits those of attributes, which are fields and flags, no numbers", function()
      local text = "[{'type':'integer','value':'5'," .. fields .. ",'isLogin':null}]"
      local shaped = { { type = "integer", value = "5", isLogin = false,
        additionalFields = { m = { marker = "m", type = "integer", value = "1" } } } }
      assert.same(shaped, get("{'attributes':{'en_US':" .. text .. "}}").attributes)
      shaped[1].value, shaped[1].additionalFields.m.value = 5, 1
      assert.same(shaped, get("{'attributes':" .. text .. "}").attributes)
    end)

    it("takes every other object with a type for one, and none without", function()
      check {
        { "{'type':'integer','value':'9','deep':[{'type':'float','value':'2.50','keep':'3'}]}",
          { type = "integer", value = 9, deep = { { type = "float", value = 2.5, keep = "3" } } } },
        { "{'value':'9','isLogin':null," .. fields .. "}",
          { value = "9", additionalFields = { { marker = "m", type = "integer", value = 1 } } } },
        { "{'type':'integer','value':'9','attributes':[]}", { type = "integer", value = "9", attributes = {} } },
        { "{'type':'integer','value':'9','attributeValues':{}}", { type = "integer", value = "9", attributeValues = {} } },
        { "{'attributeValues':{},'attributes':[{'isLogin':null}]}", { attributeValues = {}, attributes = { {} } } },
      }
    end)

    it("needs no type for fields and flags where attributes are kept", function()
      check {
        { "{'attributeValues':{'en_US':{'a':{" .. fields .. "}}}}",
          { attributeValues = { a = { additionalFields = { m = { marker = "m", type = "integer", value = "1" } } } } } },
        { "{'attributes':{'en_US':[{'isSignUp':null}]}}", { attributes = { { isSignUp = false } } } },
      }
    end)

    it("keys additional fields by marker, the last of equal ones and those without one included", function()
      check {
        { "{'type':'x','additionalFields':[{'marker':'m','v':1},{'marker':'m','v':2},{'v':3},{'marker':5,'v':4}]}",
          { type = "x", additionalFields = { m = { marker = "m", v = 2 }, undefined = { v = 3 }, ["5"] = { marker = 5, v = 4 } } } },
        { "{'type':'x','additionalFields':[]}", { type = "x", additionalFields = {} } },
        { "{'type':'x','additionalFields':{'k':1}}", { type = "x", additionalFields = { k = 1 } } },
        { "{'type':'x','additionalFields':null}", { type = "x" } },
        { "{'type':'x','additionalFields':[7,null]}", { type = "x", additionalFields = { undefined = 7 } }, client = "nulls" },
      }
    end)

    it("makes five null flags false, and no others", function()
      local flags = { "isLogin", "isSignUp", "isNotificationEmail", "isNotificationPhonePush", "isNotificationPhoneSMS" }
      local others = { "isPassword", "isSignUpRequired" }
      for _, flag in ipairs(flags) do
        assert.same({ type = "x", [flag] = false }, get(("{'type':'x','%s':null}"):format(flag)))
        assert.same({ type = "x", [flag] = false }, get(("{'type':'x','%s':null}"):format(flag), "nulls"))
        assert.same({ type = "x", [flag] = true }, get(("{'type':'x','%s':true}"):format(flag)))
        assert.same({}, get(("{'%s':null}"):format(flag)))
      end
      for _, flag in ipairs(others) do
        assert.same({ type = "x" }, get(("{'type':'x','%s':null}"):format(flag)))
      end
    end)

    it("leaves single images in their list", function()
      assert.same({ attributeValues = { a = { type = "image", value = { { f = 1 } } } } },
        get "{'attributeValues':{'en_US':{'a':{'type':'image','value':[{'f':1}]}}}}")
    end)

    it("may be null anywhere (D23)", function()
      check {
        { "{'attributeValues':null}", {} },
        { "{'attributeValues':{'en_US':null}}", {} },
        { "{'attributeValues':{'en_US':{'a':null,'b':{'type':'integer','value':'1'}}}}",
          { attributeValues = { b = { type = "integer", value = 1 } } } },
        { "{'attributeValues':{'a':null}}", { attributeValues = {} } },
        { "{'attributes':null}", {} },
        { "{'attributes':[null,{'type':'x'}]}", { attributes = { null, { type = "x" } } } },
        { "{'attributeValues':{'pic':{'type':'image','value':null}}}", { attributeValues = { pic = { type = "image" } } } },
        { "{'attributeValues':null,'attributes':null,'type':'integer','value':'4'}", { type = "integer", value = 4 } },
        { "{'attributeValues':null,'attributes':null,'type':'integer','value':'4'}",
          { attributeValues = null, attributes = null, type = "integer", value = 4 }, client = "nulls" },
        { "{'attributeValues':null,'attributes':[null]}", { attributeValues = null, attributes = { null } }, client = "nulls" },
      }
    end)

    it("may be anything else, too", function()
      local odd = { "1", "true", "'text'", "[]", "{}", "[[]]", "[1,'x',null]", "{'a':1}", "{'a':[{}]}", "{'type':{'type':[]}}" }
      for _, value in ipairs(odd) do
        for _, shape in ipairs {
          "{'attributeValues':%s}", "{'attributes':%s}", "{'type':%s}", "{'type':'image','value':%s}",
          "{'type':'integer','value':%s}", "{'type':'timeInterval','value':%s}",
          "{'attributeValues':{'en_US':%s}}", "{'attributes':[{'type':'timeInterval','localizeInfos':%s}]}",
          "{'type':'x','additionalFields':%s}",
          "{'attributes':[{'type':'timeInterval','localizeInfos':{'intervals':%s}}]}", "{'type':'timeInterval','value':[{'values':[%s]}]}",
        } do
          assert.is_table(get((shape:gsub("%%s", function() return value end))))
        end
      end
    end)

    it("may be nested as deeply as a reply may be", function()
      local depth = 47
      local value = get(("{'attributeValues':{'a':"):rep(depth) .. "{'type':'integer','value':'5'}" .. ("}}"):rep(depth))
      for _ = 1, depth do value = value.attributeValues.a end
      assert.same({ type = "integer", value = 5 }, value)
    end)

    it("may have the names that JavaScript keeps for itself (D40)", function()
      assert.same({ attributeValues = { __proto__ = { type = "integer", value = 1 }, constructor = { type = "float", value = 2.5 } } },
        get "{'attributeValues':{'__proto__':{'type':'integer','value':'1'},'constructor':{'type':'float','value':'2.5'}}}")
    end)
  end)

  local everything = [=[{"id":1,"type":"data","localizeInfos":{"title":"x"},
    "attributeValues":{"n":{"type":"integer","value":"12","isLogin":null,"additionalFields":[{"marker":"m","type":"float","value":"1.5"}]},
      "e":{"type":"float","value":""},"w":{"type":"timeInterval","value":[{"values":[{"dates":["2025-04-23","2025-04-23"],
        "times":[[{"hours":9,"minutes":0},{"hours":10,"minutes":30}]],"inEveryWeek":true}]}]}},
    "attributes":[{"type":"timeInterval","isSignUp":null,"localizeInfos":{"intervals":[{"range":["2025-04-08","2025-04-09"],
      "intervals":[{"start":{"hours":9,"minutes":0},"end":{"hours":10,"minutes":0},"period":30}]}]}}],
    "formData":[{"type":"integer","value":"5"},{"type":"float","value":"abc"}],"big":9007199254740993,"list":[null,[],{}]}]=]

  it("is not changed by being shaped again", function()
    for _, client in ipairs { "english", "nulls" } do
      local once = get(everything, client)
      local again = get(json.encode(to_json(once)), client)
      assert.same(once, again)
      assert.equal(2, #again.attributeValues.w.value[1].values[1].timeIntervals)
    end
  end)

  it("is what the server sent with rawData = true (D24)", function()
    local text = "{'localizeInfos':{'en_US':{'title':'x'}},'attributeValues':{'en_US':{'n':{'type':'integer','value':'5',"
      .. "'additionalFields':[{'marker':'m'}],'isLogin':true}}},'type':'float','value':'','id':7.0}"
    assert.same(json.decode((text:gsub("'", '"'))), get(text, "raw"))
  end)

  it("has the null members of raw data, too, unless nulls = false drops them", function()
    local body = "{'a':null,'b':{'c':null,'d':[null]},'attributeValues':null,'x':{'en_US':null}}"
    assert.same({ a = null, b = { c = null, d = { null } }, attributeValues = null, x = { en_US = null } }, get(body, "raw"))
    local dropping = oneentry.define(peer.url, { token = "t", rawData = true, nulls = false })
    clients.dropping = dropping
    assert.same({ b = { d = { null } }, x = {} }, get(body, "dropping"))
  end)

  it("is what the server sent from methods that do not normalise", function()
    peer:script { { "answer", body = '{"a":{"en_US":"x"},"type":"integer","value":"5"}' } }
    assert.same({ a = { en_US = "x" }, type = "integer", value = "5" }, clients.english.Payments.getSessionById(1))
  end)
end)
