-- How the work of a reply grows with it: each shape of growth/shapes.lua in four sizes, and as large as the default
-- configuration lets it be. Usage: growth.lua [TEXT], with the specs' LUA_PATH and LUA_CPATH; TEXT: only the shapes whose
-- name holds it. Ends with "N passed, N failed".
--
-- The sizes double, from 1 MB (of errors an eighth: a megabyte of one is decoded). Work in proportion has the factor 8 from
-- the first to the last. Where large tables and many strings are made the caches come to an end, and Lua's own factor is more:
-- that of plain Lua making the same value (growth/plain.lua) stands behind. A factor beyond 16, and twice Lua's, has failed,
-- and beyond 32 where there is no value, unless it is too little to be told from noise.
-- The last columns are of a fresh process with the default configuration, and of as many bytes as that reads: a second of the
-- processor, and 4 times maxResponseSize and 100 MB of memory. Others who use the caches of a busy machine make even that
-- time longer: what took more is tried three times, and the shortest counts.
local measure = require "growth.measure"
local shapes = require "growth.shapes"

local MB = 1024 * 1024
local limits = { factor = 32, of_value = 16, noise = 0.08, seconds = 1, tries = 3, memory = 4 * 64 + 100, text = 16384 }
local passed, failed = 0, 0

local function check(ok, name, ...)
  passed, failed = passed + (ok and 1 or 0), failed + (ok and 0 or 1)
  if not ok then print("FAILED  " .. name .. ": " .. (...):format(select(2, ...))) end
end

local runner = measure.start()

local function run(shape)
  local first, seconds, made = shape.status == 400 and MB / 8 or MB, {}, {}
  for i = 1, 4 do seconds[i], made[i] = runner:seconds(shape, math.floor(first * 2 ^ (i - 1)) - 512) end
  local least = limits.noise / 16
  local factor = seconds[4] / math.max(seconds[1], least)
  local own = made[4] and made[4] / math.max(made[1], least)
  local one, two, four, eight = seconds[1], seconds[2], seconds[3], seconds[4]
  local line = ("%-40s %6.3f %6.3f %6.3f %6.3f %5.1f %5s"):format(shape.name, one, two, four, eight, factor,
    own and ("%.1f"):format(own) or "")
  local limit = own and math.max(limits.of_value, 2 * own) or limits.factor
  check(eight <= limits.noise or factor <= limit, shape.name, "takes %.1f times as long for 8 times as much", factor)
  local bytes = measure.limit(shape)
  runner:serve(shape, bytes)
  local spent, memory, text, outcome = runner:fresh(shape.name)
  for _ = 2, limits.tries do
    if spent > limits.seconds then spent = math.min(spent, (runner:fresh(shape.name))) end
  end
  print(line .. (" | %4.1f MB %.3f s %3.0f MB %s"):format(bytes / MB, spent, memory, outcome))
  check(spent <= limits.seconds, shape.name, "%.0f MB take %.2f s", bytes / MB, spent)
  check(memory <= limits.memory, shape.name, "%.0f MB take %.0f MB of memory", bytes / MB, memory)
  check(text <= limits.text, shape.name, "the error's text has %d bytes", text)
  check(outcome ~= "too_large" or shape.name:find "alike", shape.name, "%d bytes are too large", bytes)
end

print((jit and jit.version or _VERSION) .. ", seconds of the processor for 1, 2, 4, 8 MB (errors: of an eighth), factor, "
  .. "that of plain Lua | as many bytes as are read")
for _, shape in ipairs(shapes) do
  if not arg[1] or shape.name:find(arg[1], 1, true) then run(shape) end
end
runner:stop()

print(("\n%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and 0 or 1)
