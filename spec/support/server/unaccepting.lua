-- A port where nobody accepts and the queue is full: connections to it wait for ever.
--
--   local full = unaccepting()   -- full.port, full.close()
local socket = require "socket"

return function()
  local listener = assert(socket.bind("127.0.0.1", 0, 0))
  local port = tonumber((select(2, listener:getsockname())))
  local open = { listener }
  for i = 2, 5 do -- the first ones fill the queue, the system leaves the others without an answer
    open[i] = socket.tcp()
    open[i]:settimeout(0)
    open[i]:connect("127.0.0.1", port)
  end
  return {
    port = port,
    close = function()
      for _, one in ipairs(open) do one:close() end
    end,
  }
end
