-- Waiting in a cqueues controller.
local cqueues = require "cqueues"

local driver = { name = "cqueues" }

local can_yield = coroutine.isyieldable or function() return true end -- Lua 5.1 and 5.2 cannot tell

-- False in a coroutine of the program's own inside one of cqueues, where what is yielded would not reach the controller,
-- and below a C function.
function driver.ready()
  local _, direct = cqueues.running()
  return direct == true and can_yield()
end

function driver.wait(fd, seconds)
  local readable = { pollfd = fd, events = "r" }
  local one, two = cqueues.poll(readable, seconds)
  -- The controller keeps the descriptor, and would not notice that it was closed and its number given to another.
  cqueues.cancel(fd)
  return one == readable or two == readable
end

-- Has f run in a coroutine of its own. False: this is none of a controller's.
function driver.spawn(f)
  local controller = cqueues.running()
  if controller then controller:wrap(f) end
  return controller ~= nil
end

return driver
