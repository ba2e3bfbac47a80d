-- The rows against the recorded description of the official SDK (spec/fixtures): a row that differs has its reason here.
local oneentry = require "oneentry"
local json = require "support.fixtures.json"
local process = require "support.process"

-- JSON null counts as absent.
local function given(value)
  if value ~= json.null then return value end
end

-- The type of an argument by the documented type of a parameter, and by the place where it goes.
local TYPES = { string = "string", number = "integer", boolean = "boolean" }
local NAMED = { BlockType = "string", IDiscountType = "string", IBonusTransactionType = "string" }

local function type_of(method, param)
  if param.type == "File|Blob" then return "file" end
  if param.name == "langCode" then return "languages" end
  for _, parameter in ipairs(method.query) do
    if parameter.spread == param.name then return "query" end
  end
  if param.type:find "%[%]$" then return "list" end
  return TYPES[param.type] or NAMED[param.type] or param.type:find "'" and "string" or "table"
end

-- A default as rows write it.
local function default_of(value)
  if type(value) ~= "table" then return tostring(value) end
  return json.kind(value) == "list" and "[]" or "{}"
end

-- The names of a list as keys.
local function set_of(names)
  local set = {}
  for _, name in ipairs(names or {}) do set[name] = true end
  return set
end

local rows = {}
for _, row in ipairs(oneentry.rows()) do rows[row.module .. "." .. row.name] = row end

describe("oneentry.rows", function()
  local file = assert(io.open(process.spec .. "fixtures/api.json"))
  local methods = json.decode(file:read "*a").methods
  file:close()

  it("has every method of the description, and no other but extensions", function()
    local expected, found = {}, {}
    for _, method in ipairs(methods) do expected[#expected + 1] = method.module .. "." .. method.method end
    for name, row in pairs(rows) do
      if not row.extension then found[#found + 1] = name end
    end
    table.sort(expected)
    table.sort(found)
    assert.equal(112, #expected)
    assert.same(expected, found)
  end)

  for _, method in ipairs(methods) do
    local name = method.module .. "." .. method.method
    local row = rows[name]
    describe(name, function()
      it("has the verb and the path", function()
        assert.same({ method.verb, method.path }, { row.verb, (row.path:gsub("/}", "}")) })
      end)

      it("keeps the slashes of a page's url, and of nothing else", function()
        local kept = {}
        for argument in row.path:gmatch "{(%w+)/}" do kept[#kept + 1] = argument end
        assert.same(method.path:find "{url}" and not method.absolute and { "url" } or {}, kept)
      end)

      it("has the query in the order of the wire", function()
        local query = {}
        for _, parameter in ipairs(method.query) do
          if parameter.spread then
            query[#query + 1] = "*" .. parameter.spread
            local defaults = {}
            for member, value in pairs(parameter.defaults or {}) do
              if value == "$" .. member then
                query[#query + 1] = member
              elseif given(value) ~= nil then
                defaults[#defaults + 1] = member .. "=" .. value
              end
            end
            table.sort(defaults)
            for _, arg in ipairs(row.args) do
              if arg.name == parameter.spread then assert.equal(table.concat(defaults, " "), arg.default or "") end
            end
          elseif parameter.from == parameter.name then
            query[#query + 1] = parameter.name
          elseif parameter.from then
            query[#query + 1] = parameter.name .. "=" .. parameter.from
          else
            assert.equal("", parameter.value) -- an empty parameter, which is not sent
          end
        end
        local found, spread = {}, nil
        for i, parameter in ipairs(row.query) do
          found[i] = parameter:gsub("%?$", "")
          spread = spread or parameter:find "^%*"
        end
        if spread then -- a table of parameters has no place among the others
          table.sort(query)
          table.sort(found)
        end
        assert.same(query, found)
      end)

      it("has the arguments", function()
        local ours = #row.args > 0 and row.args[#row.args].name == "options" and 1 or 0 -- progress and the like
        assert.equal(#method.params, #row.args - ours)
        for i, param in ipairs(method.params) do
          local arg = row.args[i]
          assert.equal(param.name, arg.name)
          assert.equal(not param.required, arg.optional)
          local kind = type_of(method, param)
          if param.name == "id" then kind = "integer" end -- one of them is documented as a string
          assert.equal(kind, arg.type == "id" and "integer" or arg.type == "ids" and "string" or arg.type)
          if given(param.default) ~= nil and param.default ~= "" then assert.equal(default_of(param.default), arg.default) end
        end
      end)

      it("has the body", function()
        local expected, body = given(method.body), row.body
        if not expected then
          assert.is_nil(body)
        elseif expected.multipart then
          assert.same({ "parts", { "files:" .. expected.multipart.files } }, { body.kind, body.of })
        elseif expected.param then
          local list = body.kind == "list"
          for _, arg in ipairs(row.args) do
            if arg.name == expected.param then assert.equal(list, arg.type == "list") end
          end
          assert.same({ list and "list" or "object", { expected.param } }, { body.kind, body.of })
        else
          local fields, found = {}, {}
          for member, from in pairs(expected.fields) do fields[member] = from:match "^[^?]+" end
          for _, field in ipairs(body.of) do
            local member, argument = field:match "^(.-):(.*)$"
            found[member or field] = argument or field
          end
          assert.same(fields, found)
          assert.same({ "members", {} }, { body.kind, body.edits }) -- which are an object's
        end
      end)

      it("has the effects", function()
        local function said(list, what)
          for _, text in ipairs(list or {}) do
            if text:find(what, 1, true) then return true end
          end
        end
        local steps, state = (given(method.body) or {}).steps, method.state
        local session, reply = set_of(row.session), set_of(row.reply)
        local oauth = name == "AuthProvider.oauth" -- logs in, unlike the SDK's (D28)
        assert.equal(said(state, "stores accessToken") or oauth or nil, session.login)
        assert.equal(said(state, "become undefined"), session.logout)
        assert.same({
          wrapFormData = not row.uploads and said(steps, "wrap formData") or nil,
          uploadFormData = said(steps, '"button" removed') and said(steps, "wrap formData"), setLangCode = said(steps, "overwriting"),
          defaultLangCode = said(steps, "add langCode"), omitEmptyPhoneSMS = said(steps, "drop notificationData.phoneSMS"),
        }, set_of(row.body and row.body.edits))
        local taken = reply.success or reply.valid or method.rawFetch or row.follows[1] and not reply.normalize -- nothing is left to shape
        assert.equal(#method.post > 0 and not taken or nil, reply.normalize)
        local images = name ~= "Pages.searchPage" and not taken -- whose hits are as Pages.getPageById brings them
        assert.equal(images and said(method.post, "dataPostProcess") or nil, reply.singleImages)
        assert.equal(method.rawFetch, reply.bytes or reply.file)
        local first = #method.extraRequests > 0 and method.extraRequests[1].order
        assert.equal(first and first:find "^before the main request" and method.extraRequests[1].call:match "^[%w.]+" or nil, row.uploads)
        assert.equal((method.auth or method.authImplied) and true or nil, session.user)
      end)
    end)
  end

  it("follows: methods that read, whose first argument is asked for", function()
    local count = 0
    for name, row in pairs(rows) do
      for _, follow in ipairs(row.follows) do
        local child = assert(rows[follow.method], name .. " is followed by " .. follow.method)
        assert.is_true(child.reads and #child.args > 0 and not child.args[1].optional, follow.method)
        count = count + 1
      end
    end
    assert.is_true(count >= 8)
  end)

  it("reads: a GET, and the POSTs of which it is known that they change nothing", function()
    local reading = {}
    for name in ([[
      Admins.getAdminsInfo Blocks.getBlocks
      FormData.getFormsDataByMarker Orders.previewOrder Products.getProductsEmptyPage Products.getProductsCount
      Products.getProductsCountByPageId Products.getProductsCountByPageUrl Products.getProducts Products.getProductsByPageId
      Products.getProductsByPageUrl
    ]]):gmatch "%S+" do reading[name] = true end
    for name, row in pairs(rows) do
      assert.equal(row.verb == "GET" or row.verb == "POST" and reading[name] == true, row.reads, name)
      reading[name] = nil
    end
    assert.same({}, reading)
  end)

  it("pages: what takes an offset, but for lists of what was named, and groups", function()
    local whole = { ["Products.getProductsByIds"] = true, ["Products.getProductsEmptyPage"] = true }
    for name, row in pairs(rows) do
      local offset = false
      for _, part in ipairs(row.query) do offset = offset or part == "offset" end
      for _, arg in ipairs(row.args) do
        offset = offset or arg.type == "query" and (arg.shape == "@ProductsQuery" or arg.shape == "@CollectionQuery")
      end
      assert.equal(offset and not whole[name], row.pages, name)
      assert.is_true(row.reads or not row.pages, name)
    end
  end)

  it("names only arguments in paths and queries", function()
    for name, row in pairs(rows) do
      local known = {}
      for _, arg in ipairs(row.args) do known[arg.name] = true end
      for part in row.path:gmatch "{(.-)/?}" do assert.is_true(known[part], name .. ": " .. part) end
      for _, part in ipairs(row.query) do assert.is_true(known[part:match "(%w+)%??$"], name .. ": " .. part) end
    end
  end)

  it("spreads every table of parameters into the query, and nothing else", function()
    for name, row in pairs(rows) do
      local spread, tables = {}, {}
      for _, part in ipairs(row.query) do spread[#spread + 1] = part:match "^%*(%w+)$" end
      for _, arg in ipairs(row.args) do tables[#tables + 1] = arg.type == "query" and arg.name or nil end
      assert.same(tables, spread, name)
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
