-- Waiting in the loop of luv. The coroutine is resumed from the loop; its errors are the loop's.
local driver = { name = "luv" }

local function is_main_thread()
  local thread, is_main = coroutine.running()
  return thread == nil or is_main == true
end

-- luv calls back on the Lua thread that has loaded it, which no coroutine should be.
local uv = package.loaded.luv or is_main_thread() and require "luv"

-- Where luv is not loaded yet, its loop does not run.
function driver.ready()
  uv = uv or package.loaded.luv
  return not is_main_thread() and uv ~= nil
end

local function resume(thread, ...)
  local ok, problem = coroutine.resume(thread, ...)
  if not ok then error(debug.traceback(thread, tostring(problem)), 0) end
end

function driver.wait(fd, seconds)
  local thread = coroutine.running()
  local poll, timer = assert(uv.new_poll(fd)), uv.new_timer()
  local function finish(...)
    poll:close()
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
  poll:start("r", function(problem) finish(not problem, problem) end)
  local readable, problem = coroutine.yield()
  if problem then error("luv cannot wait for descriptor " .. fd .. ": " .. problem, 0) end
  return readable
end

return driver
