-- Writes texts for users from the rows in src/api: types for editors, the README's table, the reference.
-- Usage, in the project's directory: main.lua [--check]. --check: writes nothing, names the files that are stale and fails.
package.path = ".ci/?.lua;" .. package.path
local meta = require "generate.meta"
local reference = require "generate.reference"
local oneentry = require "oneentry"

local check = arg[1] == "--check"
local rows, entities, tables = oneentry.rows()
local stale = {}

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then file:close() end
  return text
end

local function write(path, text)
  if read(path) == text then return end
  if check then
    stale[#stale + 1] = path
    return
  end
  local file = assert(io.open(path, "wb"))
  file:write(text)
  assert(file:close())
  print("wrote " .. path)
end

-- The lines of the README's table, one for each table of the API.
local function functions_of_readme()
  local lines = {}
  for _, one in ipairs(tables) do
    local own, ours = {}, {}
    for _, row in ipairs(rows) do
      local list = row.extension and ours or own
      if row.module == one.name then list[#list + 1] = "`" .. row.name .. "`" end
    end
    lines[#lines + 1] = ("| [`%s`](src/api/%s) | %s%s |"):format(one.name, reference.file_of(one.name), table.concat(own, " "),
      #ours > 0 and ", and our own " .. table.concat(ours, " ") or "")
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The README with the lines between its two marks replaced.
local function readme()
  local head = "| Table | Functions |\n|---|---|\n"
  local text = read "README.md"
  local _, from = text:find(head, 1, true)
  local to = text:find("| each of them |", from, true)
  return text:sub(1, from) .. functions_of_readme() .. text:sub(to)
end

write("src/lua/oneentry/meta.lua", meta(rows, entities, tables, read ".ci/generate/surface.lua"))
write("README.md", readme())
for _, one in ipairs(tables) do
  write("src/api/" .. reference.file_of(one.name), reference.write(one, rows, entities))
end
if #stale > 0 then
  io.stderr:write("stale, run make generate: ", table.concat(stale, " "), "\n")
  os.exit(1, true)
end
