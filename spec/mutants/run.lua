-- Takes one guard out of the sources at a time and sees the specs of its promise turn red. `make mutants` runs it.
-- Usage: run.lua [--write | --check | TEXT...]. TEXT: only the mutants whose name, file or promise contains it; --write: writes
-- spec/PROMISES.md and runs nothing; --check: only looks whether each mutant has its place and its spec files, and the
-- document is current. Ends with "N passed, N failed" otherwise: specs before, mutants, and the table.
local table_of = require "mutants.table"

local default = os.getenv "LUA" or "lua5.4" -- a row may name another, which alone shows it
local tree = ".build/mutants"
local limit = 60 -- seconds, for the specs of one mutant
local pwd = io.popen "pwd"
local root = pwd:read "*l" .. "/" .. tree
pwd:close()

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  assert(file:close())
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Returns the output of a command and its exit status; 124 when it had to be stopped.
local function run(command)
  local log = tree .. "/log"
  local _, kind, status = os.execute(("exec >%s 2>&1 </dev/null; %s"):format(log, command))
  return read(log), kind == "signal" and 128 + status or status
end

local function out_of(lua) return ".build/" .. lua:match "[^/]+$" end

local function make(lua)
  local out = out_of(lua)
  local goals = ("%s/oneentry.so %s/specfork.so %s/slow_resolver.so %s/later_clock.so %s-inject/host"):format(out, out, out, out, out)
  return run(("env -u MAKEFLAGS make -s -C %s LUA=%s CFLAGS='-O0 -w' %s"):format(tree, quote(lua), goals))
end

-- "wire/at_most_once: some words" is the spec file and what its tests are filtered by; "inject: KINDS" one of spec/inject.
local function parts_of(red)
  local where, what = red:match "^(%S+): (.+)$"
  assert(where, red)
  return where, what
end

local function file_of(red)
  local where = parts_of(red)
  return where == "inject" and "spec/inject/run.lua" or ("spec/%s_spec.lua"):format(where)
end

local function command_of(red, lua)
  local where, what = parts_of(red)
  local out = out_of(lua)
  local paths = ("LUA_PATH=%s LUA_CPATH=%s "):format(
    quote(("%s/src/lua/?.lua;%s/src/lua/?/init.lua;%s/spec/?.lua;%s/spec/?/init.lua;%s"):format(
      root, root, root, root, os.getenv "LUA_PATH" or ";")),
    quote(("%s/%s/?.so;%s"):format(root, out, os.getenv "LUA_CPATH" or ";")))
  local head = ("cd %s && %s timeout -k 5 %d %s "):format(tree, paths, limit, quote(lua))
  if where == "inject" then return ("%s %s %s-inject/host once %s"):format(head, file_of(red), out, what) end
  local filter = what:gsub("%p", "%%%0")
  return ("%s spec/support/run.lua %s %s"):format(head, file_of(red), quote("--filter=" .. filter))
end

-- Returns the outcome of a run of specs: "green", "red: why", or nil and the problem of the run itself.
local function outcome(red, lua)
  local text, status = run(command_of(red, lua))
  if status == 124 or status == 137 then return "red: it hangs" end
  if red:find "^inject:" then
    if not text:find "%d+ points" then return nil, text end
    return status == 0 and "green" or "red: " .. text:match "[^\n]*\n*$"
  end
  local passed, failed = text:match "(%d+) passed, (%d+) failed\n$"
  if not passed then return status ~= 0 and ("red: it crashes (%d)"):format(status) or nil, text end
  if passed + failed == 0 then return nil, "no test has this name: " .. red end
  if failed == "0" then return status == 0 and "green" or ("red: it crashes at its end (%d)"):format(status) end
  return ("red: %s failed"):format(failed), text
end

local passed, failed = 0, 0
local unusable = {} -- specs that are red without any change

local function report(ok, line, detail)
  if ok then passed = passed + 1 else failed = failed + 1 end
  io.write(line, "\n")
  if not ok and detail then io.write("    ", (detail:gsub("\n", "\n    ")), "\n") end
  io.flush()
end

-- Replaces the one place of `old` in the text of a source.
local function mutated(text, row)
  local first, last = text:find(row.old, 1, true)
  if not first then return nil, "its text is not there: " .. row.old end
  if text:find(row.old, first + 1, true) then return nil, "its text is there twice: " .. row.old end
  return text:sub(1, first - 1) .. row.new .. text:sub(last + 1)
end

local function try(row)
  local path = tree .. "/" .. row.file
  local original = read(path)
  local text, problem = mutated(original, row)
  local log, status = "", 0
  if text then
    write(path, text)
    if path:find "%.[ch]$" then log, status = make(row.lua or default) end
    if status ~= 0 then problem = "it does not compile:\n" .. log end
  end
  local how = {}
  for _, red in ipairs(row.red) do
    if problem then break end
    if unusable[red] then
      problem = "its specs are red without any change: " .. red
      break
    end
    local result, detail = outcome(red, row.lua or default)
    if not result then problem = detail
    elseif result == "green" then how.survived = red
    else how[#how + 1] = result:sub(6) end
  end
  write(path, original)
  local name = ("%d: %s (%s)"):format(row.promise, row.name, row.file)
  if problem then
    report(false, "BROKEN   " .. name, problem)
  elseif how.survived then
    report(false, "SURVIVED " .. name, how.survived)
  else
    report(true, ("killed   %s: %s"):format(name, table.concat(how, ", ")))
  end
end

local function selected(row)
  if not arg[1] then return true end
  local text = ("%d: %s %s %s"):format(row.promise, row.name, row.file, table.concat(row.red, " "))
  for _, word in ipairs(arg) do
    if text:find(word, 1, true) then return true end
  end
  return false
end

local rows, document, problems = table_of()
if arg[1] == "--write" then
  write("spec/PROMISES.md", document)
  os.exit(0)
end

for _, problem in ipairs(problems) do report(false, "BROKEN   the table: " .. problem) end
if read "spec/PROMISES.md" == document then
  report(true, "green    spec/PROMISES.md")
else
  report(false, "BROKEN   spec/PROMISES.md is not what the rows say: make mutants MUTANTS=--write")
end

local function exists(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close()
end

-- Lists the problems of a row's places, a line each.
local function misplaced(row)
  local found = {}
  for _, red in ipairs(row.red) do
    if not exists(file_of(red)) then found[#found + 1] = "there is no " .. file_of(red) end
  end
  if exists(row.file) then
    found[#found + 1] = select(2, mutated(read(row.file), row))
  else
    found[#found + 1] = "there is no " .. row.file
  end
  return table.concat(found, "\n")
end

if arg[1] == "--check" then
  for _, row in ipairs(rows) do
    local problem = misplaced(row)
    if problem ~= "" then report(false, ("BROKEN   %d: %s"):format(row.promise, row.name), problem) end
  end
  print(("%d mutants, %d problems"):format(#rows, failed))
  os.exit(failed == 0)
end

os.execute(("rm -rf %s && mkdir -p %s && cp -r src spec Makefile %s"):format(tree, tree, tree))

local chosen, seen, built = {}, {}, {}
for _, row in ipairs(rows) do
  if selected(row) then
    local lua = row.lua or default
    local log, status = "", 0
    if not built[lua] then log, status = make(lua) end
    if status ~= 0 then error("the build fails:\n" .. log, 0) end
    built[lua], chosen[#chosen + 1] = true, row
  end
end
for _, row in ipairs(chosen) do
  for _, red in ipairs(row.red) do
    if not seen[red] then
      seen[red] = true
      local result, detail = outcome(red, row.lua or default)
      unusable[red] = result ~= "green"
      if result == "green" then
        passed = passed + 1
      else
        report(false, "RED      without any change: " .. red, detail or result)
      end
    end
  end
end
-- Goes through the mutants by file: each time only that one is compiled.
table.sort(chosen, function(a, b)
  if a.file ~= b.file then return a.file < b.file end
  return a.number < b.number
end)
for _, row in ipairs(chosen) do try(row) end

print(("%d mutants\n%d passed, %d failed"):format(#chosen, passed, failed))
os.exit(failed == 0)
