-- Seconds since stopwatch(), less those in which this thread could have run and the kernel gave the processors to others:
--
--   local seconds = stopwatch()
--   ...
--   assert(seconds() < 0.25)
local socket = require "socket"
local tmp = require "support.tmp"

local function withheld()
  return tonumber(tmp.read("/proc/thread-self/schedstat"):match("^%d+ (%d+)") or 0) / 1e9
end

return function()
  local began = socket.gettime() - withheld()
  return function() return socket.gettime() - withheld() - began end
end
