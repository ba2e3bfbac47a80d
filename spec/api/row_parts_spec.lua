-- Edits, checks and steps: those that rows name are there, and each serves a row. The code that interprets rows knows no method.
local oneentry = require "oneentry"
local process = require "support.process"

local rows = {}
for _, row in ipairs(oneentry.rows()) do rows[row.module .. "." .. row.name] = row end

-- Each object of that kind in the C source has a name of its own, by which rows are read as data, and rows use it.
local function check_objects(source, kind, names_of)
  local used, count = {}, 0
  for _, row in pairs(rows) do
    for _, name in ipairs(names_of(row)) do used[name] = true end
  end
  for object, name in source:gmatch(('const oe_%s oe_%s_([%%w_]+) = { "(%%w+)"'):format(kind, kind)) do
    assert.equal((object:gsub("_", "")), name:lower())
    assert.is_true(used[name], name)
    used[name] = nil
    count = count + 1
  end
  assert.is_nil((next(used)))
  assert.equal(select(2, source:gsub(("const oe_%s [%%w_]"):format(kind), "")), count)
end

describe("the edits of bodies", function()
  local list = io.popen("cat " .. process.quote(process.spec .. "../src/request/") .. "*.c")
  local source = list:read "*a"
  list:close()

  it("have the name of their C object, and serve a row", function()
    check_objects(source, "edit", function(row) return row.body and row.body.edits or {} end)
  end)

  it("of one row are about a member each", function()
    local members = {}
    for name, member in source:gmatch '= { "(%w+)", "(%w+)"' do members[name] = member end
    for name, row in pairs(rows) do
      local seen = {}
      for _, edit in ipairs(row.body and row.body.edits or {}) do
        assert.is_nil(seen[assert(members[edit], edit)], name)
        seen[members[edit]] = true
      end
    end
  end)
end)

describe("the checks of lists", function()
  local file = assert(io.open(process.spec .. "../src/request/checks.c"))
  local source = file:read "*a"
  file:close()

  it("have the name of their C object, and serve a row that has a list", function()
    local used, count = {}, 0
    for name, row in pairs(rows) do
      local lists = 0
      for _, arg in ipairs(row.args) do lists = lists + (arg.type == "list" and 1 or 0) end
      if row.body and row.body.check then
        used[row.body.check] = true
        assert.equal(1, lists, name)
      end
    end
    for object, name in source:gmatch 'const oe_check oe_check_([%w_]+) = { "(%w+)"' do
      assert.equal((object:gsub("_", "")), name:lower())
      assert.is_true(used[name], name)
      used[name] = nil
      count = count + 1
    end
    assert.is_nil((next(used)))
    assert.equal(select(2, source:gsub("const oe_check ", "")), count)
  end)

  it("are those of every list of filters", function()
    local filtered = 0
    for name, row in pairs(rows) do
      for _, arg in ipairs(row.args) do
        if arg.shape == "[@Filter]" then
          filtered = filtered + 1
          assert.same({ "filters", { "pageUrls" } }, { row.body.check, row.body.lists }, name)
        end
      end
    end
    assert.is_true(filtered > 0)
  end)
end)

describe("the steps of replies", function()
  local list = io.popen("cat " .. process.quote(process.spec .. "../src/reply/") .. "*.c")
  local source = list:read "*a"
  list:close()

  it("have the name of their C object, and serve a row", function()
    check_objects(source, "step", function(row) return row.reply end)
  end)

  it("of one row differ, and a reply is validated as the server sent it", function()
    for name, row in pairs(rows) do
      local seen = {}
      for i, step in ipairs(row.reply) do
        assert.is_nil(seen[step], name)
        assert.is_true(step ~= "validate" or i == 1, name)
        seen[step] = true
      end
    end
  end)
end)

describe("a row that polls", function()
  it("has its options and a reply with a status", function()
    local polling = 0
    for name, row in pairs(rows) do
      local shapes = {}
      for _, arg in ipairs(row.args) do shapes[arg.name] = arg.shape end
      if row.polls then
        assert.equal("@WaitOptions", shapes.options, name)
        assert.matches("^@PaymentSession", row.returns)
        polling = polling + 1
      end
    end
    assert.equal(1, polling)
  end)
end)

-- A row says everything that is special about its method: the code that interprets rows knows no method.
describe("the interpreter of rows", function()
  local names = {}
  for _, row in pairs(rows) do names[row.module], names[row.name] = true, true end

  -- The C text without comments, each literal of a text replaced by "", and the list of the literals.
  local function split(text)
    local code, literals, at = {}, {}, 1
    while true do
      local from = text:find("[\"'/]", at)
      if not from then break end
      local rest = text:sub(from, from + 1)
      local last = from
      code[#code + 1] = text:sub(at, from - 1)
      if rest == "/*" then
        last = select(2, text:find("*/", from, true))
      elseif rest:find "^/" then
        code[#code + 1] = "/"
      else
        last = from + 1
        while text:sub(last, last) ~= rest:sub(1, 1) do last = last + (text:sub(last, last) == "\\" and 2 or 1) end
        if rest:find '^"' then literals[#literals + 1] = text:sub(from + 1, last - 1) end
        code[#code + 1] = rest:sub(1, 1):rep(2)
      end
      at = last + 1
    end
    code[#code + 1] = text:sub(at)
    return table.concat(code), literals
  end

  local comparing = { "%f[%w_][%w_]*cmp%s*(%b())", "%f[%w_]strn?str%s*(%b())", "%f[%w_]strchr%s*(%b())", "has_word%s*(%b())" }

  -- Returns the words by which a C text knows a single method, or nil.
  local function knowledge(text)
    local code, literals = split(text)
    for _, literal in ipairs(literals) do
      if names[literal] or literal:find "^/api/content/" then return '"' .. literal .. '"' end
    end
    for _, pattern in ipairs(comparing) do
      for arguments in code:gmatch(pattern) do
        if arguments:find "row%->name" or arguments:find "row%->path" then return arguments end
      end
    end
    return code:match "row%->name%s*[%[=!]=?" or code:match "row%->path%s*[%[=!]=?" or code:match "oe_[%w_]+_rows%f[^%w_]"
  end

  it("names no method and no table, and compares the name of none", function()
    local command = "cd %s../src && ls request/*.c reply/*.c call/*.c wire/*.c loop/*.c base/*.c"
    local list = io.popen(command:format(process.quote(process.spec)))
    local files = 0
    for path in list:lines() do
      local source = assert(io.open(process.spec .. "../src/" .. path))
      assert.is_nil(knowledge(source:read "*a"), path)
      source:close()
      files = files + 1
    end
    list:close()
    assert.is_true(files > 40)
  end)

  for _, text in ipairs {
    'if (strcmp(row->name, wanted) == 0)', 'if (memcmp(call->row->path, path, n) == 0)', 'static const char name[] = "createOrder";',
    'lua_getfield(L, 1, "Orders");', 'if (row->name[0] == 99)', 'if (oe_text_has_word(words, call->row->name, n))',
    'if (row == &oe_orders_rows[3])', 'static const char path[] = "/api/content/orders-storage";', "if (row->name == other) /* '\"' */",
  } do
    it("would be caught at " .. text, function() assert.is_string(knowledge(text)) end)
  end

  for _, text in ipairs {
    'oe_raise(L, "bad argument to \'%s\'", row->name); /* createOrder */', "case '\"': return a / b; /* \"Orders\" */",
    'if (strcmp(row->args[i].name, name) == 0)', 'lua_pushlstring(L, row->path, oe_uri_path_n(row->path));',
  } do
    it("may say " .. text, function() assert.is_nil(knowledge(text)) end)
  end
end)
