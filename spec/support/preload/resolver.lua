-- A resolver that takes 4 seconds for the host host.slow: the assignment for the environment of a process that gets it.
local process = require "support.process"

for template in package.cpath:gmatch("[^;]+") do
  local path = template:gsub("%?", "slow_resolver")
  local file = io.open(path)
  if file then
    file:close()
    return 'LD_PRELOAD="${LD_PRELOAD:+$LD_PRELOAD:}"' .. process.quote(path)
  end
end
error("slow_resolver.so is not built: use make", 0)
