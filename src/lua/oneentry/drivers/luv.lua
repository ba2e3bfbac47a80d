-- Waiting in the loop of luv. The coroutine is resumed from the loop; its errors are the loop's.
local driver = { name = "luv" }

local TAKEN = 0.01 -- seconds until another look at a descriptor that another coroutine waits for: libuv has one poll for each

local function in_coroutine()
  local thread, is_main = coroutine.running()
  return thread ~= nil and not is_main
end

-- Lua 5.1 and 5.2 cannot tell whether a C function is in between.
local can_yield = coroutine.isyieldable or in_coroutine

-- luv calls back on the Lua thread that has loaded it, which no coroutine should be.
local uv = package.loaded.luv
if not uv and not in_coroutine() then uv = require "luv" end

-- Where luv is not loaded yet, its loop does not run.
function driver.ready()
  uv = uv or package.loaded.luv
  return uv ~= nil and can_yield()
end

local function resume(thread, ...)
  local ok, problem = coroutine.resume(thread, ...)
  if not ok then error(debug.traceback(thread, tostring(problem)), 0) end
end

function driver.wait(fd, seconds)
  local thread = coroutine.running()
  local poll, timer = uv.new_poll(fd), uv.new_timer()
  if not poll then seconds = math.min(seconds, TAKEN) end
  local function finish(...)
    if poll then poll:close() end
    timer:close()
    resume(thread, ...)
  end
  -- The loop looks at timers before it looks at descriptors, with a time that may be old: only when it comes round again
  -- has it looked at this one.
  local function late()
    timer:start(1, 0, function() finish(false) end)
  end
  uv.update_time()
  timer:start(math.ceil(seconds * 1000), 0, late)
  if poll then poll:start("r", function(problem) finish(not problem, problem) end) end
  local readable, problem = coroutine.yield()
  if problem then error("luv cannot wait for descriptor " .. fd .. ": " .. problem, 0) end
  return readable
end

return driver
