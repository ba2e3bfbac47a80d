-- Waiting in copas (1.2 and later). It has no timers and waits for objects like luasocket's: an alarm is one. At the end
-- of a handler copas closes what its coroutine has waited for last, which is an alarm now: such a handler closes its
-- client itself.
local copas = require "copas"
local socket = require "socket"
local oneentry = require "oneentry"

local coroutine, error, pcall, setmetatable = coroutine, error, pcall, setmetatable
local table_remove = table.remove

local driver = { name = "copas" }

local waiter = {}
waiter.__index = waiter

local idle = {}

-- Raises where no descriptor is left, or none that select could take: that would raise in the loop.
local function new_waiter()
  local alarm = oneentry.alarm()
  local fd = alarm:getfd()
  if fd >= socket._SETSIZE then
    alarm:close()
    error(("descriptor %d is more than select can take"):format(fd), 0)
  end
  return setmetatable({ alarm = alarm, fd = fd }, waiter)
end

-- Is there a waiter to be had? Those from before a fork are the parent's.
local function reserve()
  while idle[1] and not idle[#idle].alarm:getfd() do idle[#idle] = nil end
  if idle[1] then return true end
  local ok, new = pcall(new_waiter)
  if ok then idle[1] = new end
  return ok
end

-- Called by select, mostly in the main thread: is_task is to see that.
function waiter:getfd()
  oneentry.is_task()
  return self.fd
end

function waiter:dirty()
  return false
end

-- The first time the answer is to wait: also a wait that is over at once lets the other coroutines run.
function waiter:receive()
  local rang
  if self.asked then rang = self.alarm:rang() end
  self.asked = true
  if rang == nil then return nil, "timeout" end
  return rang and "readable" or "late"
end

function waiter:close() end

-- Lua 5.1 and 5.2 cannot tell whether a C function is in between.
local can_yield = coroutine.isyieldable or function()
  local thread, is_main = coroutine.running()
  return thread ~= nil and not is_main
end

local learning
local function learn()
  if learning then return end
  learning = true
  copas.addthread(function()
    local any = socket.udp4()
    if any then driver.wait(any:getfd(), 0) end
  end)
end

-- False in a coroutine of the program's own inside one of copas, where what is yielded would not reach the loop.
function driver.ready()
  if not can_yield() or not reserve() then return false end
  local is_task = oneentry.is_task(copas.step)
  if is_task == nil then learn() end
  return is_task ~= false
end

function driver.wait(fd, seconds)
  local own = table_remove(idle) or new_waiter()
  own.alarm:set(fd, seconds)
  own.asked = false
  local what
  repeat what = copas.receive(own) until what
  idle[#idle + 1] = own
  return what == "readable"
end

-- Has f run in a coroutine of its own.
function driver.spawn(f)
  copas.addthread(f)
  return true
end

return driver
