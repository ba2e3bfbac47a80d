-- Waiting in the loop of luv. The coroutine is resumed from the loop; its errors are the loop's.
local oneentry = require "oneentry"

local coroutine, debug, error, package, pcall, tostring = coroutine, debug, error, package, pcall, tostring
local math_ceil, math_min = math.ceil, math.min

local driver = { name = "luv" }

local LOOK = 2 -- milliseconds between looks whether a callback has ended
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

-- Has is_task see the main thread.
local learning
local function learn()
  if learning then return end
  learning = uv.new_timer()
  learning:unref()
  learning:start(0, 0, function()
    learning:close()
    oneentry.is_task()
  end)
end

-- Where luv is not loaded yet, its loop does not run. In a coroutine of the program's own inside one of the loop, what is
-- yielded would not reach the loop.
function driver.ready()
  uv = uv or package.loaded.luv
  if not uv or not can_yield() then return false end
  local is_task = oneentry.is_task()
  if is_task == nil then learn() end
  return is_task ~= false
end

local function resume(thread)
  local ok, problem = coroutine.resume(thread)
  if not ok then error(debug.traceback(thread, tostring(problem)), 0) end
end

function driver.wait(fd, seconds)
  local thread = coroutine.running()
  local poll, timer = uv.new_poll(fd), uv.new_timer()
  if not poll then seconds = math_min(seconds, TAKEN) end
  local readable, reason
  local function finish(...)
    if poll then poll:close() end
    timer:close()
    readable, reason = ...
    resume(thread)
  end
  -- The loop looks at timers before it looks at descriptors, with a time that may be old: only when it comes round again
  -- has it looked at this one.
  local function late()
    timer:start(1, 0, function() finish(false) end)
  end
  uv.update_time()
  timer:start(math_ceil(seconds * 1000), 0, late)
  if poll then poll:start("r", function(problem) finish(not problem, problem) end) end
  repeat coroutine.yield() until readable ~= nil -- whoever else resumes it has no answer
  if reason then error("luv cannot wait for descriptor " .. fd .. ": " .. reason, 0) end
  return readable
end

local function sleep(milliseconds)
  local thread, timer = coroutine.running(), uv.new_timer()
  timer:start(milliseconds, 0, function()
    timer:close()
    resume(thread)
  end)
  coroutine.yield()
end

-- pcall for Lua 5.1, where a function that pcall calls cannot wait: f runs in a coroutine of its own, which is resumed by what
-- it waits for, and gets its error, too, once it has waited.
function driver.pcall(f, ...)
  if not driver.ready() then return pcall(f, ...) end
  local returned
  local thread = coroutine.create(function(...)
    f(...)
    returned = true
  end)
  local ok, problem = coroutine.resume(thread, ...)
  while ok and coroutine.status(thread) ~= "dead" do sleep(LOOK) end
  if ok and not returned then return false, "it failed after it had waited" end
  return ok, problem
end

-- Has f run in a coroutine of its own. False: there is no loop.
function driver.spawn(f)
  if not uv then return false end
  local timer, thread = uv.new_timer(), coroutine.create(f)
  timer:start(0, 0, function()
    timer:close()
    resume(thread)
  end)
  return true
end

return driver
