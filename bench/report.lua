-- usage: report.lua DIRECTORY LIBCURL-VERSION SCENARIOS SHORTS LISTS [--profile]
-- Reads the measurements of run.sh and prints the figures; the numbers are the rounds of each work.
local directory, libcurl, scenarios, shorts, lists, mode = (table.unpack or unpack)(arg)
local CALLS = 4 -- of the scenario
local TARGET = 185000
local ROWS = 15

local function total(peer, work, times)
  for line in io.lines(("%s/%s.%s.%d"):format(directory, peer, work, times)) do
    local count = line:match("^totals: (%d+)")
    if count then return tonumber(count) end
  end
  error("no totals: " .. peer .. " " .. work)
end

local function per_round(peer, work, rounds)
  return (total(peer, work, 2) - total(peer, work, 1)) / rounds
end

local function grouped(number)
  local text = ("%.0f"):format(number):reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (text:gsub("^,", ""))
end

local function row(label, floor, ours, note)
  print(("%-44s %11s %11s %7.3f  %s"):format(label, grouped(floor), grouped(ours), ours / floor, note or ""))
end

local function figures()
  local function both(work, rounds) return per_round("floor", work, rounds), per_round("oneentry", work, rounds) end
  local floor, ours = both("scenario", scenarios * CALLS)
  local floor_short, ours_short = both("short", shorts)
  local floor_list, ours_list = both("list", lists)
  local size = dofile(directory .. "/traffic.lua").list[1].size
  local list = ("30 orders, %.0f KB"):format(size / 1000)
  print(("Instructions in user space; Lua 5.4, libcurl %s, one kept connection."):format(libcurl))
  print "floor: a reused libcurl handle and lua-cjson, called from C.\n"
  print(("%-44s %11s %11s %7s"):format("", "floor", "oneentry", "ratio"))
  row("a call of the order payment scenario", floor, ours,
    (ours <= TARGET and "within %s" or "over %s"):format(grouped(TARGET)))
  row("a call that lists " .. list, floor_list, ours_list)
  row("  of that: decoding and shaping", floor_list - floor_short, ours_list - ours_short)
end

-- The times of a peer for that work: the middle one, and all in the order of the rounds.
local function times_of(peer, lua, work)
  local all, sorted = {}, {}
  for line in io.lines(("%s/us.%s.%s.%s"):format(directory, peer, lua, work)) do all[#all + 1] = tonumber(line) end
  for i, time in ipairs(all) do sorted[i] = time end
  table.sort(sorted)
  return sorted[math.ceil(#sorted / 2)], all
end

-- The middle ratio of the rounds, the least and the greatest.
local function ratios(ours, floor)
  local list = {}
  for i in ipairs(ours) do list[i] = ours[i] / floor[i] end
  table.sort(list)
  return list[math.ceil(#list / 2)], list[1], list[#list]
end

local function microseconds()
  local traffic = dofile(directory .. "/traffic.lua")
  print "\nMicroseconds of the processor for a call, kernel included; ratio: the middle of the rounds, and all of them"
  print(("%-34s %9s %9s %22s %9s %22s"):format("", "floor 5.4", "Lua 5.4", "ratio", "LuaJIT", "ratio"))
  for _, work in ipairs { { "list", "30 orders" }, { "products", "30 products" }, { "order", "an order" } } do
    local floor, all = times_of("floor", "lua5.4", work[1])
    local label = ("%s, %.1f KB"):format(work[2], traffic[work[1]][1].size / 1000)
    local line = ("%-34s %9.0f"):format(label, floor)
    for _, lua in ipairs { "lua5.4", "luajit" } do
      local ours, each = times_of("oneentry", lua, work[1])
      line = line .. (" %9.0f %9s"):format(ours, "") .. ("%.2f (%.2f-%.2f)"):format(ratios(each, all))
    end
    print(line)
  end
end

-- Self cost of every function in a profile, under its name and "[library]".
local function functions(peer, part)
  local costs = {}
  local pipe = assert(io.popen(("callgrind_annotate --auto=no --threshold=100 --show-percs=no '%s/%s.scenario.%d'"):format(
    directory, peer, part)))
  for line in pipe:lines() do
    local count, name, library = line:match("^%s*([%d,]+)%s+%S-:(%S+) %[.-([^/]*)%]$")
    if count then
      name = name .. " [" .. library .. "]"
      costs[name] = (costs[name] or 0) + tonumber((count:gsub(",", "")))
    end
  end
  assert(pipe:close())
  return costs
end

-- The same for a call of the scenario: by function, and summed up by library.
local function per_call(peer)
  local before, by_function, by_library = functions(peer, 1), {}, {}
  for name, cost in pairs(functions(peer, 2)) do
    local each = (cost - (before[name] or 0)) / (scenarios * CALLS)
    local library = name:match("%[(.-)%]$")
    by_function[name] = each
    by_library[library] = (by_library[library] or 0) + each
  end
  return by_function, by_library
end

local function print_table(title, ours, floor)
  local names = {}
  for name, cost in pairs(ours) do
    if cost >= 1 then names[#names + 1] = name end
  end
  table.sort(names, function(a, b) return ours[a] > ours[b] end)
  print(("\n%-60s %9s %9s"):format(title, "floor", "oneentry"))
  for i = 1, math.min(ROWS, #names) do
    print(("%-60s %9s %9s"):format(names[i], grouped(floor[names[i]] or 0), grouped(ours[names[i]])))
  end
end

local function profile()
  local floor, floor_libraries = per_call "floor"
  local ours, our_libraries = per_call "oneentry"
  local own = {}
  for name, cost in pairs(ours) do
    if name:find("[oneentry.so]", 1, true) then own[name] = cost end
  end
  print "\nOf the scenario call, self cost"
  print_table("by library", our_libraries, floor_libraries)
  print_table("by function", ours, floor)
  print_table("by function of this module", own, floor)
end

figures()
microseconds()
if mode == "--profile" then profile() end
