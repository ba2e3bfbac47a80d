-- usage: client.lua oneentry|floor WORK URL TRAFFIC N
-- Does the work N times over one connection. Prints the microseconds of the processor for each, the first third left out.
local peer, name, url, file, n = (unpack or table.unpack)(arg)
local traffic = dofile(file)
local before

-- In three parts, the first of which warms up.
local function thirds(run)
  local third = math.max(math.floor(n / 3), 1)
  run(third)
  before = os.clock()
  run(n - third)
  print(("%.2f"):format((os.clock() - before) / math.max(n - third, 1) * 1e6))
end

if peer == "floor" then
  local floor = require "floor"
  thirds(function(times) floor(traffic[name], url, traffic.user_agent, times) end)
else
  local run = require("work")[name]
  local api = require("oneentry").define(url, traffic.token)
  thirds(function(times)
    for _ = 1, times do run(api) end
  end)
  api.close()
end
