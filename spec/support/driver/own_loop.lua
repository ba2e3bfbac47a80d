-- An event loop such as anybody could write: coroutines that yield a socket of luasocket and the seconds they would wait for it.
--
--   own_loop.driver              -- config.driver: waits in such a coroutine
--   own_loop.run(functions)      -- each in a coroutine, until all have ended, at most 30 s; raises their errors
--   own_loop.sleep(seconds)      -- in such a coroutine
--   own_loop.selectable(fd)      -- what luasocket selects on
local socket = require "socket"

local LIMIT = 30

local own_loop = {}

function own_loop.selectable(fd)
  return { fd = fd, getfd = function() return fd end, dirty = function() return false end }
end

own_loop.driver = {
  wait = function(fd, seconds) return coroutine.yield(own_loop.selectable(fd), seconds) end,
}

function own_loop.run(functions)
  local waits, limit = {}, socket.gettime() + LIMIT -- { socket, until when } by coroutine
  local function resume(thread, ...)
    local ok, waiter, seconds = coroutine.resume(thread, ...)
    if not ok then error(waiter, 0) end
    waits[thread] = coroutine.status(thread) ~= "dead" and { waiter, socket.gettime() + seconds } or nil
  end
  for _, f in ipairs(functions) do resume(coroutine.create(f)) end
  while next(waits) do
    local waiters, first = {}, limit
    for _, wait in pairs(waits) do
      waiters[#waiters + 1] = wait[1]
      first = math.min(first, wait[2])
    end
    local readable, now = socket.select(waiters, nil, math.max(first - socket.gettime(), 0)), socket.gettime()
    assert(now < limit, "a coroutine waits for ever")
    local due = {}
    for thread, wait in pairs(waits) do
      if readable[wait[1]] or wait[2] <= now then due[thread] = readable[wait[1]] ~= nil end
    end
    for thread, is_readable in pairs(due) do resume(thread, is_readable) end
  end
end

local nothing

function own_loop.sleep(seconds)
  nothing = nothing or assert(socket.udp4())
  coroutine.yield(own_loop.selectable(nothing:getfd()), seconds)
end

return own_loop
