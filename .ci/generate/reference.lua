-- Writes src/api/TABLE.md: a table's functions and entities for people.
local shape = require "generate.shape"

local type_of

local function object_of(tree)
  local members = {}
  for i, member in ipairs(tree.members) do
    local text = type_of(member.type)
    members[i] = ("%s%s %s"):format(member.name, member.optional and "?" or "", text)
  end
  return "{ " .. table.concat(members, ", ") .. " }"
end

-- The shape as one line of Markdown text, entities as links.
function type_of(tree, link)
  if tree.kind == "name" then return tree.name end
  if tree.kind == "entity" then return link and link(tree.name) or tree.name end
  if tree.kind == "any object" then return "object" end
  if tree.kind == "object" then return object_of(tree) end
  if tree.kind == "list" then return "list of " .. type_of(tree.of, link) end
  local types = {}
  for i, one in ipairs(tree.of) do types[i] = type_of(one, link) end
  return table.concat(types, " or ")
end

local function with_words(tree, link)
  return type_of(tree, link) .. (tree.words and ": " .. tree.words or "")
end

local function default_of(arg)
  if not arg.optional then return "" end
  if arg.default == "$lang" then return "`config.langCode`" end
  return arg.default and "`" .. arg.default:gsub("^=", "") .. "`" or "none"
end

local TYPES = { id = "integer", languages = "string, or a list of them" }

local function argument_of(arg, link)
  local text = TYPES[arg.type] or arg.type
  if arg.choices then text = '`"' .. table.concat(arg.choices, '"` or `"') .. '"`' end
  if arg.shape then text = type_of(shape.read(arg.shape), link) end
  return ("| `%s` | %s | %s | %s |"):format(arg.name, text, default_of(arg), arg.about or "")
end

-- "langCode, the members of userQuery".
local function query_of(row)
  local words = {}
  for i, parameter in ipairs(row.query) do
    local spread = parameter:match "^%*(%w+)"
    words[i] = spread and "the members of " .. spread or parameter:match "^%w+"
  end
  return #words > 0 and ", query " .. table.concat(words, ", ") or ""
end

local function method_of(row, link)
  local names, lines = {}, {}
  local function put(line) lines[#lines + 1] = line end
  for i, arg in ipairs(row.args) do names[i] = arg.name end
  put(("### %s.%s(%s)\n"):format(row.module, row.name, table.concat(names, ", ")))
  put(row.about .. (row.extension and " (Not in the official SDK.)" or "") .. "\n")
  if #row.args > 0 then
    put "| argument | type | default | |\n|---|---|---|---|"
    for _, arg in ipairs(row.args) do put(argument_of(arg, link)) end
    put ""
  end
  put(("Returns %s.  "):format(with_words(shape.read(row.returns), link)))
  if #row.fails > 0 then put(("Fails with %s.  "):format(table.concat(row.fails, "; "))) end
  if row.reads and row.verb ~= "GET" then put "Changes nothing: it is repeated as a GET is.  " end
  if row.pages then put "A page of a list: `oneentry.each` brings all of it.  " end
  put(("`%s %s`%s\n"):format(row.verb, row.path, query_of(row)))
  return table.concat(lines, "\n")
end

local function entity_of(entity, link)
  local lines = { ("### %s\n"):format(entity.name), entity.about .. "\n", "| member | type | |", "|---|---|---|" }
  for _, member in ipairs(shape.read(entity.shape).members) do
    lines[#lines + 1] = ("| `%s`%s | %s | %s |"):format(
      member.name, member.optional and " ?" or "", type_of(member.type, link), member.type.words or "")
  end
  return table.concat(lines, "\n") .. "\n"
end

local reference = {}

--- "AuthProvider" -> "auth_provider.md".
function reference.file_of(name)
  return (name:gsub("(%l)(%u)", "%1_%2"):lower()) .. ".md"
end

function reference.write(one, rows, entities)
  local home = {}
  for _, entity in ipairs(entities) do home[entity.name] = entity.module or false end
  local used, order = {}, {}
  -- A link to the entity, on this page or on its table's; entities of several tables are written on each page that uses them.
  local function link(name)
    local module = home[name]
    if not module and not used[name] then
      used[name] = true
      order[#order + 1] = name
    end
    local page = module and module ~= one.name and reference.file_of(module) or ""
    return ("[%s](%s#%s)"):format(name, page, name:lower())
  end
  local text = { ("# %s\n"):format(one.name),
    one.about .. " Written by `make generate` from the rows beside this file. A `?` marks members that may be absent.\n", "## Functions\n" }
  for _, row in ipairs(rows) do
    if row.module == one.name then text[#text + 1] = method_of(row, link) end
  end
  local by_name, head = {}, #text + 1
  for _, entity in ipairs(entities) do
    by_name[entity.name] = entity
    if entity.module == one.name then text[#text + 1] = entity_of(entity, link) end
  end
  for _, name in ipairs(order) do text[#text + 1] = entity_of(by_name[name], link) end
  if text[head] then table.insert(text, head, "## Entities\n") end
  return (table.concat(text, "\n"):gsub("\n+$", "\n"))
end

return reference
