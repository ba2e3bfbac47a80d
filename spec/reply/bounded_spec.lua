-- Time and memory of a reply are bounded by what the user configured, whatever the server sends.
local cjson = require "cjson"
local measure = require "growth.measure"
local oneentry = require "oneentry"
local server = require "support.server"
local shapes = require "growth.shapes"

local TEXT = 16384 -- bytes of an error's text

describe("a bounded reply:", function()
  local peer

  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function fail(body, config, status)
    peer:script { fallback = { "answer", status = status or 400, body = body } }
    config = config or {}
    config.token, config.maxRetries = "app-token", 0
    return select(2, oneentry.define(peer.url, config).Orders.createOrder("orders", {}))
  end

  describe("S4: a list of messages", function()
    local function list(n) return '{"message":[' .. ('"name is required",'):rep(n - 1) .. '"name is required"]}' end

    it("says how many more there are, in 16 KB", function()
      local err = fail(list(50000))
      local told, more = err.message:match "^(.*); %.%.%., and ([%d,]+) more$"
      local _, items = told:gsub("name is required", "")
      assert.equal(50000, items + tonumber((more:gsub(",", ""))))
      assert.matches("^%d%d,%d%d%d$", more)
      assert.equal(("name is required; "):rep(items - 1) .. "name is required", told)
      assert.is_true(#err.message <= TEXT and #err.message > TEXT - 200)
      assert.is_true(#tostring(err) <= TEXT)
      assert.equal(50000, #err.body.message)
    end)

    it("is joined whole while it is short", function()
      assert.equal(("name is required; "):rep(499) .. "name is required", fail(list(500)).message)
    end)

    it("takes time in proportion", function()
      local function seconds(n)
        local body, began = list(n), os.clock()
        fail(body)
        return os.clock() - began
      end
      local few = math.min(seconds(5000), seconds(5000))
      local many = math.min(seconds(50000), seconds(50000))
      assert.is_true(many < 0.05 or many < 40 * few, many .. " and " .. few)
    end)
  end)

  it("S4: a message of many pages is cut between characters", function()
    local err = fail(cjson.encode { message = "x" .. ("é"):rep(300000) })
    assert.equal("x" .. ("é"):rep((#err.message - 4) / 2) .. "...", err.message)
    assert.is_true(#err.message > TEXT - 100)
    assert.is_true(#err.message <= TEXT and #tostring(err) <= TEXT)
    assert.is_true(#("" .. err) <= TEXT)
    err = fail(cjson.encode { message = ("\1"):rep(20000) }) -- shown in four bytes each
    assert.is_true(#tostring(err) <= TEXT and #tostring(err) > TEXT - 500)
    assert.matches("\\x01%.%.%. %(POST /api/[^()]*orders%)$", tostring(err))
  end)

  it("S4: what is written into an error later is bounded, too", function()
    local err = fail "{}"
    err.path, err.code, err.statusCode, err.method = ("p"):rep(1e6), ("c"):rep(1e6), ("s"):rep(1e6), ("m"):rep(1e6)
    err.message = ("m"):rep(1e6)
    assert.is_true(#tostring(err) <= TEXT)
  end)

  it("S5: an error's body beyond a megabyte is not decoded", function()
    local text = '{"message":"' .. ("x"):rep(1048576 - 14) .. '"}'
    assert.equal(1048576, #text)
    assert.equal("x", fail(text).message:sub(1, 1))
    local err = fail(text .. " ")
    assert.same({ "http", 400, "HTTP 400", text:sub(1, 4096) }, { err.code, err.statusCode, err.message, err.body })
  end)

  describe("S5: maxValues", function()
    local function get(body, max, method)
      peer:script { fallback = { "answer", body = body } }
      local api = oneentry.define(peer.url, { token = "t", maxValues = max, maxRetries = 0 })
      return (method or api.Payments.getSessionById)(1)
    end

    -- Each text has so many: one less is too few.
    local function counts(texts)
      for text, n in pairs(texts) do
        local value, err = get(text .. (" "):rep(40), n)
        assert.is_nil(err, text)
        assert.is_not_nil(value)
        if n > 1 then
          value, err = get(text .. (" "):rep(40), n - 1)
          assert.is_nil(value, text)
          assert.same({ "too_large", 200, "the answer holds more values than config.maxValues" }, { err.code, err.statusCode, err.message })
        end
      end
    end

    it("counts values, and nothing in texts", function()
      counts {
        ["1"] = 1, ["[]"] = 1, ["{}"] = 1, ["[1]"] = 2, ["[1,2]"] = 3, ["[[],[]]"] = 3, ["[[1],[ ]]"] = 4, ["[{},{ }]"] = 3,
        ['["a,b[{,:"]'] = 2, ['["\\",:,\\\\","[,"]'] = 3, ['"[,:,"'] = 1, ['[ [ [ ] ] ]'] = 3, ['["\\\\",1]'] = 3,
        ["[[\n]\t,\r[ ]]"] = 3,
      }
    end)

    it("counts the names of members, which take as long", function()
      counts { ['{"a":1}'] = 3, ['{"a":1,"b":[1,{"c":null}]}'] = 9, ['{"a,:b[":{"[\\"{":[]}}'] = 5, ['{"" : {}}'] = 3 }
      local members = {}
      for i = 1, 500000 do members[i] = ('"%x":1'):format(i) end
      assert.equal("too_large", select(2, get("{" .. table.concat(members, ",") .. "}")).code)
      members[500000] = nil
      assert.equal(1, get("{" .. table.concat(members, ",") .. "}")[("%x"):format(499999)])
    end)

    it("is a million by default", function()
      assert.equal(999999, #get("[" .. ("1,"):rep(999998) .. "1]"))
      assert.equal("too_large", select(2, get("[" .. ("1,"):rep(999999) .. "1]")).code)
    end)

    it("holds for errors, whose bodies stay texts", function()
      local body = '{"message":"no","list":[' .. ("1,"):rep(2000) .. "1]}"
      assert.equal("no", fail(body).message)
      local err = fail(body, { maxValues = 2000 })
      assert.same({ "http", "HTTP 400", body:sub(1, 4096) }, { err.code, err.message, err.body })
    end)

    it("holds for a session that is waited for, and for a refresh", function()
      local many = '{"status":"waiting","accessToken":"a","refreshToken":"r","list":[' .. ("1,"):rep(2000) .. "1]}"
      peer:script { fallback = { "answer", body = many } }
      local api = oneentry.define(peer.url, { token = "t", maxValues = 2000 })
      assert.equal("too_large", select(2, api.Payments.waitForSession(1, { interval = 0.01, timeout = 5 })).code)
      peer:script { { "answer", status = 401, body = "{}" }, { "answer", body = many }, fallback = { "answer", body = "5" } }
      local user = api.session { accessToken = "old-access", refreshToken = "old-refresh" }
      assert.equal(401, select(2, user.Payments.getSessionById(1)).statusCode)
      assert.equal("old-refresh", user.getSession().refreshToken)
    end)

    it("refuses what is no number of values", function()
      for _, bad in ipairs { 0, -1, 1.5, "1" } do
        assert.has_error(function() oneentry.define(peer.url, { maxValues = bad }) end)
      end
    end)
  end)

  -- The units of REPORTS.md, as gzip of 63 MB in a fresh process; the largest replies that are read; growth.
  describe("S5: with the default configuration", function()
    local runner

    setup(function() runner = measure.start() end)
    teardown(function() runner:stop() end)

    local function shape(name)
      for _, each in ipairs(shapes) do
        if each.name == name then return each end
      end
    end

    for _, name in ipairs { "empty objects", "lists in lists", "numbers" } do
      for _, status in ipairs { 200, 500 } do
        it(("%s of 63 MB take neither memory nor time, status %d"):format(name, status), function()
          runner:serve(shape(name), 63 * 1024 * 1024, status)
          local seconds, memory, _, outcome = runner:fresh(name)
          assert.equal(status == 200 and "too_large" or "http", outcome)
          assert.is_true(memory < 250, memory .. " MB") -- some 160, more with a sanitizer
          assert.is_true(seconds < 1.5, seconds .. " s")
        end)
      end
    end

    for _, name in ipairs { "long integers", "many members", "one long string" } do
      it("as many bytes as it reads take what the README says: " .. name, function()
        runner:serve(shape(name), measure.limit(shape(name)))
        local _, memory, _, outcome = runner:fresh(name)
        assert.equal("value", outcome)
        assert.is_true(memory <= 4 * 64 + 100, memory .. " MB")
      end)
    end

    -- Some Luas hash only some bytes of a long string: making n of these takes them n * n.
    for _, name in ipairs { "strings alike, of 150", "names alike, of 300", "strings alike, of 2000", "strings alike, escaped" } do
      it("S5: texts that a Lua cannot tell apart quickly: " .. name, function()
        runner:serve(shape(name), 16 * 1024 * 1024)
        local seconds, _, _, outcome = runner:fresh(name)
        assert.is_true(seconds < 1, seconds .. " s")
        local keys_only = { ["Lua 5.2"] = true, ["Lua 5.3"] = true }
        local safe = not jit and _VERSION ~= "Lua 5.1" and (not keys_only[_VERSION] or name:find "^strings")
        assert.equal(safe and "value" or "too_large", outcome)
      end)
    end

    it("S5: long texts that are not alike are a value in any Lua", function()
      local urls = {}
      for i = 1, 20000 do
        urls[i] = ('"https://files.example/%x/%s/%s/picture.png"'):format(i * 7919, ("%x"):format(i * 104729):rep(4),
          ("%08x"):format(i * 2654435761 % 2 ^ 32):rep(8))
      end
      for _, list in ipairs { urls, { ('"' .. ("x"):rep(500) .. '",'):rep(20000) .. "1" } } do
        peer:script { { "answer", body = "[" .. table.concat(list, ",") .. "]" } }
        local value, err = oneentry.define(peer.url, { token = "t", maxRetries = 0 }).Payments.getSessionById(1)
        assert.is_nil(err)
        assert.is_true(#value >= 20000)
      end
    end)

    for _, name in ipairs { "long integers", "schedules", "attributes", "maps of languages", "error: constraints" } do
      it("time grows with the reply: " .. name, function()
        local small, large = runner:seconds(shape(name), 125000), runner:seconds(shape(name), 1000000)
        assert.is_true(large < 0.08 or large < 32 * small, ("%.3f s for 8 times as much as took %.3f"):format(large, small))
      end)
    end
  end)

  it("S4: a request with many secrets is no reason to work for long", function()
    local values = {}
    for i = 1, 20000 do values[i] = "secret-" .. i end
    local text = ("secret-%d secret-"):rep(2000)
    peer:script { fallback = { "answer", status = 400, body = cjson.encode { message = text } } }
    local api = oneentry.define(peer.url, { token = "t" })
    local began = os.clock()
    local _, err = api.Orders.createOrder("orders", { passwords = values })
    assert.is_true(os.clock() - began < 1)
    assert.is_true(#err.message <= TEXT)
    text = ""
    for i = 1, 1500 do text = text .. values[i] .. " " end
    peer:script { fallback = { "answer", status = 400, body = cjson.encode { message = text } } }
    _, err = api.Orders.createOrder("orders", { passwords = values })
    assert.equal("***", err.message) -- too many to look for: nothing of it is shown
  end)
end)
