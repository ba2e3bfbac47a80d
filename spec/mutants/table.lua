-- Checks the rows of all promises, and makes the document of them.
--
-- rows/NAME.lua returns { title =, text =, row... }: a promise and its mutants, in the order of `promises`. A row:
--   name   the fault of the changed code
--   trap   the trap of libcurl's that it steps into (a key of `traps`), if any
--   file   of the sources
--   old    text that is there exactly once; a whole condition or statement
--   new    what takes its place
--   red    { "folder/name: words", ... }: spec files, each with words of the names of tests; every one has to fail.
--          "inject: KINDS" is spec/inject/run.lua.
local promises = {
  "at_most_once", "no_value", "deadline", "origin", "refresh", "injection", "exact", "bounded", "tls", "retries", "secrets", "host",
  "files", "languages", "lists",
}

local traps = {
  { "resend", "libcurl sends a request again, whatever its verb, when a reused connection dies before a byte of an answer" },
  { "unasked", "what arrives on an idle connection is taken for the answer to the next request" },
  { "redirect", "custom headers and bodies follow redirects to other hosts" },
  { "dots", "dot segments are taken out of a path before it is sent" },
  { "scheme", "schemes other than HTTP's are spoken, and a missing one is guessed" },
  { "expect", "a large body waits a second for `100 Continue`" },
  { "bomb", "endless and packed bodies pass CURLOPT_MAXFILESIZE" },
  { "fork", "parent and child of a fork share sockets" },
  { "sigpipe", "CURLOPT_NOSIGNAL leaves SIGPIPE alive" },
  { "cut", "header values and urls are cut at a NUL, and line ends go through" },
  { "mixed", "below 8.5, HTTP/1.1 and HTTP/2 connections in one multi handle mix up answers" },
  { "resolver", "the end of a transfer waits for the resolver's thread" },
  { "authorities", "a bundle and a directory of authorities together are read anew for every connection" },
  { "finished", "a transfer may be done when the call that starts it returns" },
}

local function check(row, problems)
  local name = tostring(row.name)
  for _, member in ipairs { "name", "file", "old", "new" } do
    if type(row[member]) ~= "string" then problems[#problems + 1] = name .. " has no " .. member end
  end
  if type(row.red) ~= "table" or not row.red[1] then problems[#problems + 1] = name .. " has no specs" end
  if row.old == row.new then problems[#problems + 1] = name .. " changes nothing" end
end

-- The spec files of rows, sorted, each once.
local function spec_files(rows)
  local list, seen = {}, {}
  for _, row in ipairs(rows) do
    for _, red in ipairs(row.red) do
      local name = red:match "^(%S+):"
      local file = name == "inject" and "inject/run.lua" or name .. "_spec.lua"
      if not seen[file] then list[#list + 1] = file end
      seen[file] = true
    end
  end
  table.sort(list)
  return list
end

local function linked(files)
  local list = {}
  for i, file in ipairs(files) do list[i] = ("[%s](%s)"):format(file, file) end
  return table.concat(list, ", ")
end

local function cell(text)
  return (text:gsub("|", "\\|"))
end

local function section(lines, number, promise)
  local function add(text, ...) lines[#lines + 1] = text:format(...) end
  add("\n## %d. %s\n\n%s\n\nHeld by %s.\n", number, promise.title, promise.text, linked(spec_files(promise)))
  add "| Changed so that | in | turns red |\n|---|---|---|"
  for _, row in ipairs(promise) do
    local red = {}
    for i, one in ipairs(row.red) do
      local where, what = one:match "^(%S+): (.*)$"
      red[i] = ("%s: \"%s\""):format(where, what)
    end
    add("| %s | %s | %s |", cell(row.name), row.file:match "[^/]+$", cell(table.concat(red, "<br>")))
  end
end

local function trap_table(lines, rows, problems)
  lines[#lines + 1] = "\n## Traps of libcurl\n\n| The trap | Stepped into, when |\n|---|---|"
  local known = {}
  for _, trap in ipairs(traps) do
    local names = {}
    for _, row in ipairs(rows) do
      if row.trap == trap[1] then names[#names + 1] = ("%s (%d)"):format(row.name, row.promise) end
    end
    known[trap[1]] = true
    if not names[1] then problems[#problems + 1] = "no mutant steps into the trap " .. trap[1] end
    lines[#lines + 1] = ("| %s | %s |"):format(trap[2], cell(table.concat(names, "<br>")))
  end
  for _, row in ipairs(rows) do
    if row.trap and not known[row.trap] then problems[#problems + 1] = row.name .. ": unknown trap " .. row.trap end
  end
end

-- All rows, with their promise's number; the text of spec/PROMISES.md; what is wrong with the rows.
return function()
  local rows, problems, lines = {}, {}, {}
  local names = {}
  for number, file in ipairs(promises) do
    local promise = require("mutants.rows." .. file)
    for _, row in ipairs(promise) do
      check(row, problems)
      if names[row.name] then problems[#problems + 1] = "two mutants are called " .. row.name end
      names[row.name] = true
      rows[#rows + 1] = row
      row.promise, row.number = number, #rows
    end
    if #promise == 0 then problems[#problems + 1] = promise.title .. " has no mutant" end
    section(lines, number, promise)
  end
  trap_table(lines, rows, problems)
  local head = ([[
# Promises

What a user may rely on, the specs that hold it, and for each guard in the sources the change that takes it away and the
tests that fail then. `make mutants` makes all %d changes, one at a time, and fails where a test does not. Written by
`make mutants MUTANTS=--write` from the rows in [mutants/rows](mutants/rows).
]]):format(#rows)
  return rows, head .. table.concat(lines, "\n") .. "\n", problems
end
