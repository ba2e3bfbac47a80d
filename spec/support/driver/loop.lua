-- The event loops of the drivers, for code that waits in one of their coroutines.
--
--   loop.names                  -- those that this Lua has
--   loop.run(name, f, ...)      -- the functions, each in a coroutine of the loop, until all have ended, at most 30 s;
--                               -- raises their errors
--   loop.sleep(name, seconds)   -- in such a coroutine, the way that users of that loop do; nil: for ever
--   loop.ways                   -- the names, and two more ways to wait: "blocking", where functions run one after the
--                               -- other, and "own", a driver of one's own
--   loop.driver(name)           -- config.driver
local own_loop = require "support.driver.own_loop"
local socket = require "socket"

local LIMIT = 30

local loops = { cqueues = {}, luv = {} }
local others = { blocking = {}, own = {} }

function others.blocking.run(...)
  for _, f in ipairs { ... } do f() end
end

others.blocking.sleep = socket.sleep

function others.own.run(...) own_loop.run { ... } end

function others.own.sleep(seconds) own_loop.sleep(seconds or 2 * LIMIT) end

function loops.cqueues.run(...)
  local loop = require "cqueues".new()
  for _, f in ipairs { ... } do loop:wrap(f) end
  assert(loop:loop(LIMIT))
  assert(loop:empty(), "a coroutine waits for ever")
end

function loops.cqueues.sleep(seconds)
  if not seconds then return require "cqueues.condition".new():wait() end
  require "cqueues".sleep(seconds)
end

function loops.luv.run(...)
  local uv, threads = require "luv", {}
  for i, f in ipairs { ... } do
    local timer = uv.new_timer() -- a thread of the loop begins in the loop
    threads[i] = coroutine.create(f)
    timer:start(1, 0, function()
      timer:close()
      assert(coroutine.resume(threads[i]))
    end)
  end
  uv.run()
  for _, thread in ipairs(threads) do assert(coroutine.status(thread) == "dead", "a coroutine waits for ever") end
end

function loops.luv.sleep(seconds)
  if not seconds then return coroutine.yield() end
  local uv, thread = require "luv", coroutine.running()
  local timer = uv.new_timer()
  timer:start(math.ceil(seconds * 1000), 0, function()
    timer:close()
    assert(coroutine.resume(thread))
  end)
  coroutine.yield()
end

if _VERSION == "Lua 5.1" then loops.copas = {} end -- LuaJIT calls itself so, too

-- Nothing: another of its coroutines runs meanwhile, which makes the time pass.
local function nothing() end

local function run_copas(...)
  local copas = require "copas"
  local threads, problem, deadline = {}, nil, socket.gettime() + LIMIT
  for i, f in ipairs { ... } do
    threads[i] = coroutine.create(function()
      copas.setErrorHandler(function(message) problem = message end)
      f()
    end)
  end
  for _, thread in ipairs(threads) do copas.addthread(thread) end
  for _, thread in ipairs(threads) do
    while coroutine.status(thread) ~= "dead" do
      assert(socket.gettime() < deadline, "a coroutine waits for ever")
      copas.step(0.1)
    end
  end
  if problem then error(problem, 0) end
end

-- Copas 1 has no timers: it asks for what a socket has, again and again.
local function sleep_copas(seconds)
  local peer, deadline = assert(socket.udp4()), socket.gettime() + (seconds or 2 * LIMIT)
  require "copas".receive {
    getfd = function() return peer:getfd() end,
    dirty = function() return true end,
    receive = function()
      if socket.gettime() >= deadline then return true end
      return nil, "timeout"
    end,
    close = nothing,
  }
  peer:close()
end

if loops.copas then loops.copas.run, loops.copas.sleep = run_copas, sleep_copas end

local loop = { names = {}, ways = { "blocking", "own" } }
for name in pairs(loops) do loop.names[#loop.names + 1] = name end
table.sort(loop.names)
for _, name in ipairs(loop.names) do loop.ways[#loop.ways + 1] = name end

local function of(name) return loops[name] or others[name] end

function loop.run(name, ...) return of(name).run(...) end

function loop.sleep(name, seconds) return of(name).sleep(seconds) end

function loop.driver(name) return name == "own" and own_loop.driver or name end

return loop
