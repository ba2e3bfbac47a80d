-- JSON as RFC 8259 has it: what is read, as what, and what is refused.
local oneentry = require "oneentry"
local child = require "support.child"
local process = require "support.process"
local server = require "support.server"
local tmp = require "support.tmp"

local null = oneentry.null
local BOM = "\239\187\191"

describe("the grammar of replies", function()
  local peer, api, nulls

  setup(function()
    peer = server.start()
    api = oneentry.define(peer.url, { token = "t", maxRetries = 0 })
    nulls = oneentry.define(peer.url, { token = "t", maxRetries = 0, nulls = true })
  end)
  teardown(function()
    api.close()
    nulls.close()
    peer:stop()
  end)

  local function get(body, client)
    peer:script { { "answer", body = body } }
    return (client or api).Payments.getSessionById(1)
  end

  -- The same by a method that chooses languages.
  local function shape(body, client)
    peer:script { { "answer", body = body } }
    return (client or api).Users.getUser()
  end

  local function accept(text, want)
    local value, err = get(text)
    assert.is_nil(err, ("%q"):format(text))
    assert.same(want, value, ("%q"):format(text))
  end

  local function refuse(text)
    local value, err = get(text)
    assert.is_nil(value, ("%q"):format(text))
    assert.same({ "invalid_response", "the answer is not JSON" }, { err.code, err.message })
  end

  local function each(refused)
    for _, text in ipairs(refused) do refuse(text) end
  end

  describe("of tables", function()
    it("has blanks between any two tokens, and four of them", function()
      local blanks = " \t\r\n"
      local tokens = { "{", '"a"', ":", "[", "1", ",", "true", ",", "{", "}", ",", "[", "]", "]", ",", '"b"', ":", "null", "}" }
      local want = { a = { 1, true, {}, {} } }
      accept(table.concat(tokens), want)
      accept(blanks .. table.concat(tokens, blanks) .. blanks, want)
      each { "\v1", "\f1", "\194\1601", "[1,\v2]", "1\f", '{"a"\v:1}', " ", "\n\t" }
    end)

    it("has a comma between two members, and nowhere else", function()
      each {
        "[,]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1;2]", "{,}", '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}', '{"a":1 "b":2}',
        '{"a":1;"b":2}', "1,", ",1", ",",
      }
    end)

    it("has names in quotes, each with a colon and a value", function()
      accept('{"":{"":1}}', { [""] = { [""] = 1 } })
      each {
        '{"a" 1}', '{"a"::1}', '{"a"=1}', '{"a":}', '{"a":,"b":1}', '{"a"}', "{1:2}", "{a:1}", '{a":1}', "{null:1}", "{'a':1}", '{:1}',
        '{"a":1:2}', '["a":1]', "{[]:1}",
      }
    end)

    it("closes what is open, and only that", function()
      each { "[1}", '{"a":1]', "]", "}", "[]]", "{}}", "[[]", '{"a":{}', "([])" }
    end)

    it("has one value, and nothing behind it", function()
      each { "1 2", "{}{}", "[][]", "1 true", '"a""b"', "[1]x", "null\n-", "1//c", "1 /* c */", "//c\n1", "1\0", "[1]\0", "\0001", "[1\0]" }
    end)

    it("nests a hundred times, side by side as often as it likes", function()
      for _, unit in ipairs { "[ ]", '{"a": }', '[{"a": }]' } do
        local open, close = unit:match "^(.*) (.*)$"
        local times = 100 / #close
        assert.is_table((assert(get(open:rep(times) .. "1" .. close:rep(times)))))
        refuse("[" .. open:rep(times) .. "1" .. close:rep(times) .. "]")
      end
      assert.equal(300, #assert(get("[" .. ('[{"a":[]}],'):rep(299) .. "[]]")))
    end)

    it("may begin with a byte order mark, and has none elsewhere", function()
      accept(BOM .. ' {"a":1}', { a = 1 })
      each { BOM, BOM .. BOM .. "1", "1" .. BOM, "[" .. BOM .. "1]", " " .. BOM .. "1", "\255\2541\0", "\239\187" }
    end)

    it("does not end before its end", function()
      local text = [==[{"a\u00e9":[1.5e-1,"x\n",true,false,null,{"b":-20}]}]==]
      assert.is_table(get(text))
      for n = 1, #text - 1 do refuse(text:sub(1, n)) end
      each { "-", "1.", "1e", "1e-", "t", "tru", "f", "fals", "n", "nul", '"', '"\\', '"\\u12' }
    end)
  end)

  it("has three words", function()
    accept("[true,false,null]", { true, false, null })
    each { "True", "TRUE", "truefalse", "trueX", "nulll", "nil", "undefined", "NULL", "[truefalse]", "falsee", "[nul]" }
  end)

  describe("of texts", function()
    it("refuses control characters, wherever they are", function()
      for byte = 0, 31 do refuse('["' .. string.char(byte) .. '"]') end
      for before = 0, 17 do
        refuse('"' .. ("x"):rep(before) .. "\n" .. ("y"):rep(9) .. '"')
        refuse('"' .. ("x"):rep(before) .. '\t"')
        refuse('{"' .. ("x"):rep(before) .. '\31":1}')
        local text = ("x"):rep(before) .. "\127" .. ("\128\255 "):rep(3)
        accept('"' .. text .. '"', text)
      end
    end)

    it("has eight escapes and the one of code units", function()
      local escapes = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
      for byte = 0, 255 do
        local letter = string.char(byte)
        if escapes[letter] then accept('"\\' .. letter .. '"', escapes[letter]) else refuse('"\\' .. letter .. '"') end
      end
      accept([["\u0041\u00e9\u20AC\ud83d\ude00\u0000z"]], "A\195\169\226\130\172\240\159\152\128\0z")
      each { [["\u123"]], [["\u12G4"]], [["\u 123"]], [["\u+123"]], [["\u-123"]], [["\u00g0"]], [["\U0041"]], [["\u{41}"]], [["\u123]],
        [["\u:::1"]], [["\u00@0"]], [["\u00`0"]], [["\u00/0"]] }
    end)

    it("ends at the first quote that is not escaped, wherever that is", function()
      for n = 0, 17 do
        for _, tail in ipairs { "", "z", "zzzzzzzz", "\200\195\169" } do
          local before = ("x"):rep(n)
          accept(('["%s%s",1]'):format(before, tail), { before .. tail, 1 })
          accept(([==[["%s\"%s",1]]==]):format(before, tail), { before .. '"' .. tail, 1 })
          accept(([==[["%s\\","%s"]]==]):format(before, tail), { before .. "\\", tail })
          refuse('["' .. before .. tail)
        end
      end
    end)

    it("may be what is no UTF-8", function()
      accept('["\255\254","\192\128","\237\160\128"]', { "\255\254", "\192\128", "\237\160\128" })
    end)

    it("has no other quotes", function()
      each { "'a'", "`a`", "a", "\226\128\156a\226\128\157" }
    end)
  end)

  describe("of numbers", function()
    it("refuses what other languages write", function()
      each {
        "01", "-01", "00", "-00", "000", "[1,02]", "+1", ".5", "-.5", "1.", "-1.", "1.e1", "1e", "1e+", "1e-", "1e+-1", "e1", "0x10",
        "0b1", "1_0", "--1", "- 1", "-", "-a", "Infinity", "-Infinity", "NaN", "1.5.5", "1e1.5", "1e1e1", "1f", "1n", "1,5", "01.5", "00e1",
      }
    end)

    it("keeps each digit of 64 bits", function()
      for _, digits in ipairs {
        "0", "9", "-1", "123456789012345678", "999999999999999999", "-999999999999999999", "1000000000000000000", "1234567890123456789",
        "9223372036854775807", "-9223372036854775808", "9007199254740993", "-9007199254740993",
      } do
        assert.equal(digits, tostring((get(digits))))
        assert.equal(digits, tostring(get('{"a":' .. digits .. "}").a))
      end
    end)

    it("has the nearest double for all others", function()
      local cases = {
        ["9223372036854775808"] = 2 ^ 63, ["-9223372036854775809"] = -2 ^ 63, ["18446744073709551616"] = 2 ^ 64,
        ["12345678901234567890"] = 12345678901234567890.0, ["1" .. ("0"):rep(308)] = 1e308, ["1e23"] = 1e23, ["5e-324"] = 5e-324,
        ["2.4703282292062327e-324"] = 0, ["2.4703282292062328e-324"] = 5e-324, ["1.7976931348623157e308"] = 1.7976931348623157e308,
        ["2.2250738585072011e-308"] = 2.2250738585072011e-308, ["9007199254740993.0"] = 2 ^ 53, ["9007199254740993e0"] = 2 ^ 53,
        ["9007199254740995.0"] = 2 ^ 53 + 4, ["1e-400"] = 0, ["0e400"] = 0, ["0.0"] = 0, ["1E2"] = 100, ["1e+2"] = 100, ["10e-1"] = 1,
        ["100000000000000000000000e-23"] = 1, ["0.1"] = 0.1, ["-1.5e-3"] = -0.0015, ["0.3"] = 0.3, ["1.005"] = 1.005,
        ["123456789012345.6"] = 123456789012345.6, ["0.000000000000000000000123"] = 1.23e-22, ["0.0000000000000000000000123"] = 1.23e-23,
      }
      for text, number in pairs(cases) do accept("[" .. text .. "]", { number }) end
    end)

    it("has a negative zero where Lua has one", function()
      for _, text in ipairs { "-0", "-0.0", "-0e5" } do
        assert.equal(math.type and math.huge or -math.huge, 1 / get(text))
      end
    end)

    -- Texts of doubles: any bits, and few digits.
    local function decimals(n)
      local texts = {}
      for i = 1, n do
        local number = (math.random(0, 2 ^ 26) * 2 ^ 27 + math.random(0, 2 ^ 27 - 1)) * 2 ^ math.random(-1070, 960)
        local text = ("%.17g"):format(math.random() < 0.5 and -number or number)
        if i % 2 == 0 then
          local digits = math.random(1, 17)
          text = ("%d.%0" .. digits .. "d"):format(math.random(0, 10 ^ math.random(0, 6)), math.random(0, 10 ^ math.min(digits, 9) - 1))
          if i % 4 == 0 then text = text .. "e" .. math.random(-30, 30) end
        end
        texts[i] = text:find "[.e]" and text or text .. ".0"
      end
      return texts
    end

    it("reads what strtod reads", function()
      local texts, bad = decimals(20000), {}
      local values = assert(get("[" .. table.concat(texts, ",") .. "]"))
      for i, text in ipairs(texts) do
        if values[i] ~= tonumber(text) then bad[#bad + 1] = text end
      end
      assert.same({}, bad)
    end)

    it("reads the same where the locale has a comma", function()
      local directory = tmp.directory()
      local compiled = os.execute(("unset LD_PRELOAD; localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1"):format(directory))
      assert.is_true(compiled == true or compiled == 0)
      local texts, bad, i = decimals(5000), {}, 0
      peer:script { { "answer", body = "[" .. table.concat(texts, ",") .. "]" } }
      local output = child.run(([[
        local api = require "oneentry".define(%q)
        assert(os.setlocale "de_DE.UTF-8")
        local values = assert(api.Payments.getSessionById(1))
        assert(os.setlocale "C")
        for i = 1, #values do print(("%%.17g"):format(values[i])) end
      ]]):format(peer.url), "ASAN_OPTIONS=detect_leaks=0 LOCPATH=" .. process.quote(directory)) -- glibc keeps LOCPATH
      tmp.remove(directory)
      for line in output:gmatch "[^\n]+" do
        i = i + 1
        if tonumber(line) ~= tonumber(texts[i]) then bad[#bad + 1] = tostring(texts[i]) .. " " .. line end
      end
      assert.same({}, bad)
      assert.equal(5000, i)
    end)
  end)

  describe("of names", function()
    it("reads their escapes before it looks at them", function()
      local function same(body, want) assert.same(want, (assert(shape(body)))) end
      same([[{"\u0074ype":"integer","value":"5"}]], { type = "integer", value = 5 })
      same([[{"type":"in\u0074eger","value":"5"}]], { type = "integer", value = 5 })
      same([[{"attribute\u0056alues":{"en_\u0055S":{"a":{"type":"float","value":"2.5"}}}}]],
        { attributeValues = { a = { type = "float", value = 2.5 } } })
      same([[{"a":{"\u0065n_US":"x","de_DE":"y"},"b":{"en_US\u0000":1},"c":{"en_U":2}}]],
        { a = "x", b = { ["en_US\0"] = 1 }, c = { en_U = 2 } })
      same([[{"type":"x","\u0061dditionalFields":[{"mark\u0065r":"m"}],"\u0069sLogin":null}]],
        { type = "x", additionalFields = { m = { marker = "m" } }, isLogin = false })
    end)

    it("keeps those apart that are much alike", function()
      accept([==[[{"axbxc":1,"aybyc":2},{"aybyc":3},{"axbxc":4,"axbxC":5,"axbx":6,"a\u0000bxc":7}]]==],
        { { axbxc = 1, aybyc = 2 }, { aybyc = 3 }, { axbxc = 4, axbxC = 5, axbx = 6, ["a\0bxc"] = 7 } })
    end)

    it("has the last of those that stand twice", function()
      accept('{"a":1,"b":2,"a":[3]}', { a = { 3 }, b = 2 })
      accept([[{"a":1,"\u0061":2}]], { a = 2 })
      assert.same({ type = "string", value = "5" }, (assert(shape '{"type":"integer","type":"string","value":"5"}')))
      assert.same({ type = "integer", value = 5 }, (assert(shape '{"type":"string","value":"4","type":"integer","value":"5"}')))
    end)

    it("has nothing where the last is null", function()
      accept('{"a":1,"a":null}', {})
      accept('{"a":null,"a":1}', { a = 1 })
      accept('[{"a":{"b":1,"b":null}},{"b":2}]', { { a = {} }, { b = 2 } })
      assert.same({ a = null }, (get('{"a":1,"a":null}', nulls)))
      assert.same({ type = "x", isLogin = true }, (assert(shape '{"type":"x","isLogin":null,"isLogin":true}')))
      assert.same({ type = "x", isLogin = false }, (assert(shape '{"type":"x","isLogin":true,"isLogin":null}')))
    end)

    it("may come in any order", function()
      local fields = '"additionalFields":[{"marker":"m"}]'
      local list = '"attributes":[{"isLogin":null,' .. fields .. "}]"
      local kept = { { isLogin = false, additionalFields = { m = { marker = "m" } } } }
      local plain = { { additionalFields = { { marker = "m" } } } }
      assert.same({ attributes = plain, attributeValues = {} }, (assert(shape("{" .. list .. ',"attributeValues":{}}'))))
      assert.same({ attributes = plain, attributeValues = {} }, (assert(shape('{"attributeValues":{},' .. list .. "}"))))
      assert.same({ attributes = kept }, (assert(shape("{" .. list .. ',"attributeValues":null}'))))
      assert.same({ attributes = kept }, (assert(shape('{"attributeValues":null,' .. list .. "}"))))
      assert.same({ attributes = plain, attributeValues = {} },
        (assert(shape('{"attributes":[{"isLogin":null}],' .. list .. ',"attributeValues":{}}'))))
      assert.same({ value = 5, type = "integer" }, (assert(shape '{"value":"5","type":"integer"}')))
      assert.same({ a = "x" }, (assert(shape '{"a":{"de_DE":{"deep":[1]},"en_US":"x","fr_FR":[2]}}')))
      local french = oneentry.define(peer.url, { token = "t", maxRetries = 0, langCode = "fr_FR" })
      for _, body in ipairs { '{"a":{"en_US":"x","fr_FR":"y"}}', '{"a":{"fr_FR":"y","en_US":"x"}}' } do
        peer:script { { "answer", body = body } }
        assert.same({ a = "x" }, (assert(french.Users.getUser "en_US")))
      end
      french.close()
    end)

    it("asks of a language that is dropped no more than that", function()
      for _, body in ipairs { '{"a":{"en_US":"x","de_DE":1e400}}', '{"a":{"de_DE":1e400,"en_US":"x"}}' } do
        assert.same({ a = "x" }, (assert(shape(body))))
      end
      local value, err = shape '{"b":1e400,"a":{"de_DE":1,"en_US":"x"}}'
      assert.same({ [2] = "invalid_response" }, { value, err and err.code })
    end)

    it("checks and counts what no language needs", function()
      for _, other in ipairs { "[1,]", "01", '"\1"', "{1:2}", "nul", '"\\x"', "1.", ("["):rep(99) .. ("]"):rep(99) } do
        for _, body in ipairs { '{"a":{"en_US":"x","de_DE":%s}}', '{"a":{"de_DE":%s,"en_US":"x"}}' } do
          local value, err = shape((body:gsub("%%s", function() return other end)))
          assert.same({ [2] = "invalid_response" }, { value, err and err.code })
        end
      end
      for _, body in ipairs { '{"a":{"en_US":"x","de_DE":[1,2]}}', '{"a":{"de_DE":[1,2],"en_US":"x"}}' } do
        for max = 8, 9 do
          local client = oneentry.define(peer.url, { token = "t", maxRetries = 0, maxValues = max })
          local value, err = shape(body, client)
          assert.same(max == 9 and { { a = "x" } } or { [2] = "too_large" }, { value, err and err.code })
          client.close()
        end
      end
    end)
  end)
end)
