-- Reads the output of gcov --json-format, one document a line, and says how much of each source ran.
-- Usage: coverage.lua [PERCENT]. Fails when less of the lines ran.
local json = require "dkjson"

local files, names = {}, {}

local function add(file)
  if not file.file:find "^src/" then return end -- headers, helpers of the specs
  local known = files[file.file]
  if not known then
    known = { lines = {}, branches = {} }
    files[file.file] = known
    names[#names + 1] = file.file
  end
  for _, line in ipairs(file.lines) do
    local n = line.line_number
    known.lines[n] = (known.lines[n] or 0) + line.count
    for i, branch in ipairs(line.branches) do
      local key = n .. ":" .. i
      known.branches[key] = (known.branches[key] or 0) + branch.count
    end
  end
end

for text in io.lines() do
  if text:find "%S" then
    for _, file in ipairs(assert(json.decode(text)).files) do add(file) end
  end
end
table.sort(names)

-- Counts all and those that ran; lists the keys of the others.
local function count(list)
  local all, ran, missing = 0, 0, {}
  for key, times in pairs(list) do
    all = all + 1
    if times > 0 then ran = ran + 1 else missing[#missing + 1] = key end
  end
  return all, ran, missing
end

local function percent(ran, all)
  return all == 0 and 100 or ran / all * 100
end

-- { 3, 4, 5, 9 } as "3-5 9"
local function ranges(numbers)
  table.sort(numbers)
  local out, first = {}, nil
  for i, n in ipairs(numbers) do
    first = first or n
    if numbers[i + 1] ~= n + 1 then
      out[#out + 1] = first == n and tostring(n) or first .. "-" .. n
      first = nil
    end
  end
  return table.concat(out, " ")
end

local row = "%-28s %5.1f %% of %-4d %5.1f %% of %-4d  %s"
local total = { 0, 0, 0, 0 }

local function put(name, all, ran, all_branches, ran_branches, missing)
  print(row:format(name, percent(ran, all), all, percent(ran_branches, all_branches), all_branches, missing))
end

print(("%-28s %13s %15s  %s"):format("file", "lines", "branches", "lines that never ran"))
for _, name in ipairs(names) do
  local all, ran, missing = count(files[name].lines)
  local all_branches, ran_branches = count(files[name].branches)
  for i, n in ipairs { all, ran, all_branches, ran_branches } do total[i] = total[i] + n end
  put(name, all, ran, all_branches, ran_branches, ranges(missing))
end
put("all", total[1], total[2], total[3], total[4], "")
assert(total[1] > 0, "nothing was built with --coverage")
local wanted = tonumber(arg[1] or 0)
if percent(total[2], total[1]) < wanted then
  print(("fewer than %g %% of the lines"):format(wanted))
  os.exit(1)
end
