-- The notation of src/api/entities.c, read into a tree:
--   { kind = "name"|"entity"|"list"|"object"|"any object", name, of, members = { { name, optional, type } }, words }
-- and alternatives: { kind = "or", of = { ... }, words }.
local shape = {}

-- A reader over the text: at(pattern) tells, take(pattern) consumes; expect(pattern) raises.
local function reader_of(text)
  local position = 1
  local reader = {}
  function reader.take(pattern)
    local _, last, found = text:find("^(" .. pattern .. ")", position)
    if last then position = last + 1 end
    return found
  end
  function reader.expect(pattern)
    return reader.take(pattern) or error(("%s expected at %d in %s"):format(pattern, position, text))
  end
  function reader.ended()
    return position > #text
  end
  return reader
end

local read

local function read_object(reader)
  if reader.take "%*" then
    reader.expect "}"
    return { kind = "any object" }
  end
  local members = {}
  repeat
    local name = reader.expect "[%a_]+"
    local optional = reader.take "%?" ~= nil
    reader.expect " "
    members[#members + 1] = { name = name, optional = optional, type = read(reader) }
  until not reader.take ", ?"
  reader.expect "}"
  return { kind = "object", members = members }
end

local function read_one(reader)
  if reader.take "%[" then
    local of = read(reader)
    reader.expect "%]"
    return { kind = "list", of = of }
  elseif reader.take "{" then
    return read_object(reader)
  elseif reader.take "@" then
    return { kind = "entity", name = reader.expect "%a+" }
  end
  return { kind = "name", name = reader.expect "%a+" }
end

function read(reader)
  local all = { read_one(reader) }
  while reader.take "|" do all[#all + 1] = read_one(reader) end
  local words = reader.take " %b()"
  local tree = #all == 1 and all[1] or { kind = "or", of = all }
  tree.words = words and words:sub(3, -2)
  return tree
end

--- Reads a whole shape.
function shape.read(text)
  local reader = reader_of(text)
  local tree = read(reader)
  assert(reader.ended(), "something follows the shape " .. text)
  return tree
end

--- Calls f with each node of a tree.
function shape.visit(tree, f)
  f(tree)
  for _, node in ipairs(tree.kind == "or" and tree.of or { tree.of }) do shape.visit(node, f) end
  for _, member in ipairs(tree.members or {}) do shape.visit(member.type, f) end
end

return shape
