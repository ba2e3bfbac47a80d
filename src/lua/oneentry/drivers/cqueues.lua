-- Waiting in a cqueues controller.
local cqueues = require "cqueues"

local driver = { name = "cqueues" }

-- False in a coroutine of the program's own inside one of cqueues: what it yields would not reach the controller.
function driver.ready()
  local _, direct = cqueues.running()
  return direct == true
end

function driver.wait(fd, seconds)
  local readable = { pollfd = fd, events = "r" }
  local one, two = cqueues.poll(readable, seconds)
  -- The controller keeps the descriptor, and would not notice that it was closed and its number given to another.
  cqueues.cancel(fd)
  return one == readable or two == readable
end

return driver
