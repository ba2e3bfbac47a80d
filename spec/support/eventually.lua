-- Waits until condition() is true, at most 10 s.
local socket = require "socket"

return function(condition, what)
  local limit = socket.gettime() + 10
  while not condition() do
    if socket.gettime() > limit then error(what or "never", 2) end
    socket.sleep(0.005)
  end
end
