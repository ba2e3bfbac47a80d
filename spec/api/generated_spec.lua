-- Files that are written from the rows: types for editors, the README's table, the reference.
package.path = ".ci/?.lua;" .. package.path
local oneentry = require "oneentry"
local shape = require "generate.shape"

local rows, entities, tables = oneentry.rows()

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local known = {}
for _, entity in ipairs(entities) do known[entity.name] = true end

-- The names of the entities that a shape speaks of.
local function entities_of(text)
  local names = {}
  shape.visit(shape.read(text), function(node)
    if node.kind == "entity" then names[#names + 1] = node.name end
  end)
  return names
end

describe("rows and entities", function()
  it("have a shape that can be read, of known entities and types", function()
    local types = { string = true, number = true, integer = true, boolean = true, any = true, null = true }
    local function check(text, where)
      shape.visit(shape.read(text), function(node)
        if node.kind == "entity" then assert.is_true(known[node.name], where .. ": " .. node.name) end
        if node.kind == "name" then assert.is_true(types[node.name], where .. ": " .. node.name) end
      end)
    end
    for _, row in ipairs(rows) do
      check(row.returns, row.name)
      for _, arg in ipairs(row.args) do
        local has_members = arg.type == "table" or arg.type == "query" or arg.type == "list"
        if arg.shape or has_members then check(assert(arg.shape, row.name .. " has a table without a shape"), row.name) end
      end
    end
    for _, entity in ipairs(entities) do check(entity.shape, entity.name) end
  end)

  it("are there once", function()
    for _, list in ipairs { rows, entities, tables } do
      local seen = {}
      for _, one in ipairs(list) do
        local name = list == rows and one.module .. "." .. one.name or one.name
        assert.is_nil(seen[name], name)
        seen[name] = true
      end
    end
  end)

  it("have words", function()
    for _, list in ipairs { rows, entities, tables } do
      for _, one in ipairs(list) do assert.matches("%.$", one.about, one.name) end
    end
  end)

  it("are used: no entity is without a row or another entity", function()
    local used = {}
    local function use(text)
      for _, name in ipairs(entities_of(text)) do used[name] = true end
    end
    for _, row in ipairs(rows) do
      use(row.returns)
      for _, arg in ipairs(row.args) do
        if arg.shape then use(arg.shape) end
      end
    end
    for _, entity in ipairs(entities) do use(entity.shape) end
    for name in pairs(known) do
      if name ~= "LocalizeInfo" then assert.is_true(used[name], name) end
    end
  end)
end)

describe("the types for editors", function()
  local text = read "src/lua/oneentry/meta.lua"

  it("are Lua that does nothing", function()
    local chunk = assert(loadfile "src/lua/oneentry/meta.lua")
    assert.is_table(chunk())
  end)

  it("have every method with its arguments in their order, and what it returns", function()
    for _, row in ipairs(rows) do
      local names = {}
      for i, arg in ipairs(row.args) do names[i] = arg.name end
      local head = ("\nfunction %s.%s(%s) end\n"):format(row.module, row.name, table.concat(names, ", "))
      local at = assert(text:find(head, 1, true), head)
      local block = text:sub(1, at):match ".*\n\n(.*)$"
      for _, arg in ipairs(row.args) do
        assert.matches("\n%-%-%-@param " .. arg.name .. (arg.optional and "%? " or " ") .. "%S", block, head)
      end
      for _, name in ipairs(entities_of(row.returns)) do
        assert.matches("\n%-%-%-@return [^\n]*oneentry%." .. name, block, head)
      end
      assert.matches("\n%-%-%-@return oneentry%.Error%? err\n$", block, head)
    end
  end)

  it("have every entity with its members", function()
    for _, entity in ipairs(entities) do
      local class = assert(text:match("\n%-%-%-@class oneentry%." .. entity.name .. "\n(.-)\n\n"), entity.name)
      for _, member in ipairs(shape.read(entity.shape).members) do
        assert.matches("%-%-%-@field " .. member.name .. "%??%s", class, entity.name)
      end
    end
  end)

  it("name no type that they do not define", function()
    for line in text:gmatch "%-%-%-@[^\n]+" do
      for name in line:gsub("#.*", ""):gmatch "oneentry%.([%w.]+)" do
        assert.matches("%-%-%-@class oneentry%." .. name .. "[:\n]", text)
      end
    end
  end)

  it("have every function of the module", function()
    local described = assert(loadfile "src/lua/oneentry/meta.lua")()
    for name, value in pairs(oneentry) do
      if type(value) == "function" then assert.is_function(described[name], name) end
    end
    for name in pairs(described) do assert.is_function(oneentry[name], name) end
  end)

  it("have the members of the configuration, which define accepts and the README explains", function()
    local class = text:match "%-%-%-@class oneentry%.Config\n(.-)\n\n"
    local explained = read "README.md":match "\n## Configuration\n(.-)\n## "
    local members = {}
    for name in class:gmatch "%-%-%-@field (%w+)%?" do
      members[name] = true
      local ok, problem = pcall(oneentry.define, "https://shop.example", { [name] = function() end })
      assert.is_not_truthy(not ok and problem:find "unknown member", name)
      assert.is_truthy(explained:find("\n| `" .. name .. "` |", 1, true), name)
    end
    for name in explained:gmatch "\n| `(%w+)` |" do assert.is_true(members[name], name) end
  end)
end)

describe("the reference", function()
  it("has a page for each table with every method and entity of it", function()
    for _, one in ipairs(tables) do
      local page = read("src/api/" .. one.name:gsub("(%l)(%u)", "%1_%2"):lower() .. ".md")
      for _, row in ipairs(rows) do
        if row.module == one.name then
          assert.is_truthy(page:find(("\n### %s.%s("):format(row.module, row.name), 1, true), row.name)
          assert.is_truthy(page:find(("`%s %s`"):format(row.verb, row.path), 1, true), row.name)
        end
      end
      for _, entity in ipairs(entities) do
        if entity.module == one.name then assert.is_truthy(page:find("\n### " .. entity.name .. "\n", 1, true), entity.name) end
      end
    end
  end)

  it("links to entities that are there", function()
    for _, one in ipairs(tables) do
      local page = read("src/api/" .. one.name:gsub("(%l)(%u)", "%1_%2"):lower() .. ".md")
      for name, file in page:gmatch "%[(%u%w+)%]%((%S-)#%w+%)" do
        local there = file == "" and page or read("src/api/" .. file)
        assert.is_truthy(there:find("\n### " .. name .. "\n", 1, true), one.name .. ": " .. name)
      end
    end
  end)
end)
