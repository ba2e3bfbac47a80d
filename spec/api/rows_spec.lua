-- The rows against the recorded description of the official SDK (spec/fixtures): a row that differs has its reason here.
local oneentry = require "oneentry"
local json = require "support.fixtures.json"
local process = require "support.process"

-- JSON null counts as absent.
local function given(value)
  if value ~= json.null then return value end
end

local TYPES = { string = "string", number = "integer", boolean = "boolean" }

local rows = {}
for _, row in ipairs(oneentry.rows()) do rows[row.module .. "." .. row.name] = row end

describe("oneentry.rows", function()
  local file = assert(io.open(process.spec .. "fixtures/api.json"))
  local methods = json.decode(file:read "*a").methods
  file:close()

  it("has every method of the four modules, and no other but extensions", function()
    local expected, found = {}, {}
    for _, method in ipairs(methods) do expected[#expected + 1] = method.module .. "." .. method.method end
    for name, row in pairs(rows) do
      if not row.does.extension then found[#found + 1] = name end
    end
    table.sort(expected)
    table.sort(found)
    assert.equal(36, #expected)
    assert.same(expected, found)
  end)

  for _, method in ipairs(methods) do
    local name = method.module .. "." .. method.method
    local row = rows[name]
    describe(name, function()
      it("has the verb and the path", function()
        assert.same({ method.verb, method.path }, { row.verb, row.path })
      end)

      it("has the query in the order of the wire", function()
        local query = {}
        for i, parameter in ipairs(method.query) do
          query[i] = parameter.name
          assert.equal(parameter.name, parameter.from)
        end
        assert.same(query, row.query)
      end)

      it("has the arguments", function()
        assert.equal(#method.params, #row.args)
        for i, param in ipairs(method.params) do
          local arg = row.args[i]
          assert.equal(param.name, arg.name)
          assert.equal(not param.required, arg.optional)
          local kind = TYPES[param.type] or (param.type:find "'" and "string") or "table"
          assert.equal(kind, arg.type == "id" and "integer" or arg.type)
          if given(param.default) ~= nil then assert.equal(tostring(param.default), arg.default) end
        end
      end)

      it("has the body", function()
        local body = given(method.body) or {}
        assert.equal(body.param, row.body)
        local fields = {}
        for member, from in pairs(body.fields or {}) do fields[member] = from:match "^[^?]+" end
        local found = {}
        for _, field in ipairs(row.fields or {}) do
          local member, argument = field:match "^(.-):(.*)$"
          found[member or field] = argument or field
        end
        assert.same(fields, found)
      end)

      it("has the effects", function()
        local function said(list, what)
          for _, text in ipairs(list or {}) do
            if text:find(what, 1, true) then return true end
          end
        end
        local steps, state = (given(method.body) or {}).steps, method.state
        local oauth = name == "AuthProvider.oauth" -- logs in, unlike the SDK's (D28)
        assert.equal(said(state, "stores accessToken") or oauth or nil, row.does.login)
        assert.equal(said(state, "become undefined"), row.does.logout)
        assert.equal(said(steps, "wrap formData"), row.does.wrapForm)
        assert.equal(said(steps, "overwriting"), row.does.bodyLang)
        assert.equal(said(steps, "add langCode"), row.does.bodyLangAdd)
        assert.equal(said(steps, "drop notificationData.phoneSMS"), row.does.dropEmptySMS)
        assert.equal(#method.post > 0 or nil, row.does.normalize)
        assert.equal((method.auth or method.authImplied) and true or nil, row.does.user)
      end)
    end)
  end

  it("names only arguments in paths and queries", function()
    for name, row in pairs(rows) do
      local known = {}
      for _, arg in ipairs(row.args) do known[arg.name] = true end
      for part in row.path:gmatch "{(.-)}" do assert.is_true(known[part], name .. ": " .. part) end
      for _, part in ipairs(row.query) do assert.is_true(known[part], name .. ": " .. part) end
    end
  end)

  it("is a function of the api table, too, with setters on each module", function()
    local api = oneentry.define("https://shop.example")
    for _, row in pairs(rows) do
      assert.is_function(api[row.module][row.name])
      assert.is_function(api.prepare[row.module][row.name])
      assert.is_function(api[row.module].setAccessToken)
      assert.is_function(api[row.module].setRefreshToken)
    end
  end)
end)
