-- Writes src/lua/oneentry/meta.lua: annotations of the LuaLS language server for every table, method and entity.
-- surface.lua has the rest: define, sessions, futures, errors.
local shape = require "generate.shape"

local NAMES = { integer = "integer", number = "number", string = "string", boolean = "boolean", any = "any", null = "nil" }

local type_of

local function object_of(tree)
  local members = {}
  for i, member in ipairs(tree.members) do
    local text, optional = type_of(member.type)
    members[i] = ("%s%s: %s"):format(member.name, (member.optional or optional) and "?" or "", text)
  end
  return "{ " .. table.concat(members, ", ") .. " }"
end

-- The type as an annotation, and whether it may be absent: null members are, unless config.nulls keeps them.
function type_of(tree)
  if tree.kind == "name" then return NAMES[tree.name], tree.name == "any" end
  if tree.kind == "entity" then return "oneentry." .. tree.name end
  if tree.kind == "any object" then return "table" end
  if tree.kind == "object" then return object_of(tree) end
  if tree.kind == "list" then
    local of = type_of(tree.of)
    return (of:find "|" and "(" .. of .. ")" or of) .. "[]"
  end
  local types, optional = {}, false
  for _, one in ipairs(tree.of) do
    if one.kind == "name" and one.name == "null" then
      optional = true
    else
      types[#types + 1] = type_of(one)
    end
  end
  return table.concat(types, "|"), optional
end

local function class_of(entity)
  local tree = shape.read(entity.shape)
  local lines = { ("--- %s"):format(entity.about), ("---@class oneentry.%s"):format(entity.name) }
  for _, member in ipairs(tree.members) do
    local text, optional = type_of(member.type)
    lines[#lines + 1] = ("---@field %s%s %s%s"):format(
      member.name, (member.optional or optional) and "?" or "", text, member.type.words and " # " .. member.type.words or "")
  end
  return table.concat(lines, "\n") .. "\n"
end

local ARGUMENTS = {
  string = "string", languages = "string|string[]", integer = "integer", id = "integer", boolean = "boolean", table = "table",
  query = "table", list = "table", file = "any",
}

local function argument_type(arg)
  if arg.choices then return '"' .. table.concat(arg.choices, '"|"') .. '"' end
  if arg.shape then return (type_of(shape.read(arg.shape))) end
  return ARGUMENTS[arg.type]
end

local function default_of(arg)
  if arg.default == "$lang" then return "config.langCode when nil" end
  if not arg.default then return nil end
  return (arg.default:gsub("^=", "")) .. " when nil"
end

-- "locale; config.langCode when nil", or nil.
local function words_of(arg)
  local words = {}
  words[#words + 1] = arg.about
  words[#words + 1] = default_of(arg)
  return #words > 0 and table.concat(words, "; ") or nil
end

local function method_of(row)
  local returned = shape.read(row.returns)
  local lines = { "--- " .. row.about }
  if #row.fails > 0 then lines[#lines + 1] = "---\n--- Fails: " .. table.concat(row.fails, "; ") .. "." end
  local names = {}
  for i, arg in ipairs(row.args) do
    local words = words_of(arg)
    names[i] = arg.name
    lines[#lines + 1] = ("---@param %s%s %s%s"):format(
      arg.name, arg.optional and "?" or "", argument_type(arg), words and " # " .. words or "")
  end
  lines[#lines + 1] = ("---@return %s? value%s"):format(
    (function(text) return text:find "|" and "(" .. text .. ")" or text end)(type_of(returned)),
    returned.words and " # " .. returned.words or "")
  lines[#lines + 1] = "---@return oneentry.Error? err"
  lines[#lines + 1] = ("function %s.%s(%s) end\n"):format(row.module, row.name, table.concat(names, ", "))
  return table.concat(lines, "\n")
end

-- The tables of api.async and api.prepare: the same arguments, another result.
local function variant_of(name, rows, prefix, result)
  local lines = { ("---@class oneentry.%s.%s"):format(prefix, name) }
  for _, row in ipairs(rows) do
    local arguments = {}
    for i, arg in ipairs(row.args) do
      arguments[i] = ("%s%s: %s"):format(arg.name, arg.optional and "?" or "", argument_type(arg))
    end
    lines[#lines + 1] = ("---@field %s fun(%s): %s"):format(row.name, table.concat(arguments, ", "), result)
  end
  return table.concat(lines, "\n") .. "\n"
end

local function tables_of(class, tables, prefix)
  local lines = { "---@class " .. class }
  for _, one in ipairs(tables) do
    lines[#lines + 1] = ("---@field %s oneentry.%s%s # %s"):format(one.name, prefix, one.name, one.about)
  end
  return table.concat(lines, "\n")
end

return function(rows, entities, tables, surface)
  local text = {}
  local function put(line) text[#text + 1] = line end
  put "---@meta oneentry\n"
  put "-- Types for editors with the Lua language server. Written by `make generate` from the rows in src/api: do not edit.\n"
  put "-- luacheck: ignore\n"
  for _, entity in ipairs(entities) do put(class_of(entity)) end
  for _, one in ipairs(tables) do
    local own = {}
    for _, row in ipairs(rows) do
      if row.module == one.name then own[#own + 1] = row end
    end
    put(("--- %s\n---@class oneentry.%s.Table\nlocal %s = {}\n"):format(one.about, one.name, one.name))
    for _, row in ipairs(own) do put(method_of(row)) end
    for _, setter in ipairs { "setAccessToken", "setRefreshToken" } do
      put(("---@param token? string\n---@return oneentry.%s.Table\nfunction %s.%s(token) end\n"):format(one.name, one.name, setter))
    end
    put(variant_of(one.name, own, "async", "oneentry.Future"))
    put(variant_of(one.name, own, "prepare", "oneentry.Request?, oneentry.Error?"))
  end
  local plain = {}
  for i, one in ipairs(tables) do plain[i] = { name = one.name, about = one.about } end
  put((tables_of("oneentry.Tables", plain, ""):gsub("(oneentry%.%a+) #", "%1.Table #")) .. "\n")
  put(tables_of("oneentry.AsyncTables", tables, "async.") .. "\n")
  put(tables_of("oneentry.PrepareTables", tables, "prepare.") .. "\n")
  put(surface)
  return table.concat(text, "\n")
end
