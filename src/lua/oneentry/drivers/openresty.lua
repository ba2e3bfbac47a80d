-- Waiting inside nginx: the coroutine of a call sleeps on a semaphore, and one timer per worker, the pump, drives the
-- transfers of all clients. The pump sleeps in a read of a socket; a helper thread (src/loop/waker.c) writes a byte there when
-- an epoll descriptor of a client has something to read. Where that cannot be set up, the pump looks every millisecond;
-- where no timer starts, the waiting calls look themselves. All state is of one Lua state; nothing is opened before a
-- call waits, so that what a master process inherits to its workers is empty.
local semaphore = require "ngx.semaphore"

local ngx, assert, error, next, pcall, setmetatable = ngx, assert, error, next, pcall, setmetatable
local math_ceil, math_max, math_min = math.ceil, math.max, math.min

local LINGER = 10 -- seconds that the pump, its thread and its socket outlive the last call
local TICK = 0.001 -- seconds from look to look without the thread
local STARTS = 0.05 -- seconds that the first to wait gives the pump's timer to begin
local ASK_AGAIN = 1 -- seconds
local FOR_EVER = 2147483647 -- ms; a timeout of a read writes to nginx's error log
local WEEK = 7 * 24 * 3600
local TICKETS = 2147483647

-- By ngx.get_phase(): nginx can put these off. ssl_client_hello and ssl_session_fetch only where nginx has OpenResty's
-- patches, which cannot be told; without them it drops the connection.
local CAN_WAIT = {
  rewrite = true, server_rewrite = true, access = true, precontent = true, content = true, timer = true, preread = true, ssl_cert = true,
}

local active = {} -- schedulers with transfers in flight
local pump -- nil; "asked": a timer will start it; "lost": it has not; "running"
local asked, asks = 0, 0 -- when, ngx.now(), and how often
local waker -- while the pump has one
local watched = false -- a timer will wake the pump when the worker begins to exit
local warned = false

local scheduler = {}
scheduler.__index = scheduler

local function warn(reason)
  if warned then return end
  warned = true
  ngx.log(ngx.WARN, "oneentry: ", reason, "; looking for answers every millisecond instead")
end

-- ---- the scheduler's side of the pump ------------------------------------------------------------------

-- Wakes the coroutine that waits with the ticket. Where nobody is in the semaphore's queue any more, nginx has ended that
-- coroutine: then others tell what it was to tell. Returns whether it was so.
local function wake(self, ticket, sleeper)
  self.waiting[ticket] = nil
  if sleeper:count() < 0 then
    sleeper:post()
    return false
  end
  self.core.abandon(self.client, ticket)
  return true
end

-- Wakes those whom the news concern; returns whether `own` is among them.
local function spread(self, own, tickets, everyone, orphans)
  local waiting, mine = self.waiting, everyone
  if everyone then
    for ticket, sleeper in next, waiting do
      if wake(self, ticket, sleeper) then orphans = true end
    end
  end
  for i = 1, #tickets do
    local ticket = tickets[i]
    local sleeper = waiting[ticket]
    mine = mine or ticket == own
    if sleeper and wake(self, ticket, sleeper) then orphans = true end
  end
  if orphans then self.adopt() end
  return mine
end

-- Drives without waiting.
function scheduler:step()
  spread(self, nil, self.core.step(self.client))
end

function scheduler:tell(ticket)
  return spread(self, ticket, self.core.news(self.client))
end

-- Has f run in a request of its own.
function scheduler.spawn(f)
  return (ngx.timer.at(0, function() f() end))
end

function scheduler:arm()
  local fd, reason = self.core.fd(self.client)
  if not fd then return nil, reason end
  return waker:arm(fd)
end

function scheduler:is_busy()
  return self.core.flight(self.client) > 0
end

-- ---- the pump ------------------------------------------------------------------------------------------

local function step_all()
  for one in next, active do
    one:step()
    if not one:is_busy() then active[one] = nil end
  end
end

local function poll()
  while next(active) do
    ngx.sleep(TICK)
    step_all()
  end
end

-- A timer that lies in wait for the end of the worker, when nginx runs all timers. False: the pump must not outlive its work.
local function watch()
  watched = watched or ngx.timer.at(WEEK, function(premature)
    watched = false
    if premature and waker then waker:wake() end
  end)
  return watched
end

-- The reading end of a new waker, or nil and why there is none. No other coroutine runs meanwhile.
local function connect(core)
  local new = core.waker()
  local path, reason = new:listen()
  if not path then return nil, reason end
  local socket = ngx.socket.tcp()
  socket:settimeouts(1000, 1000, FOR_EVER)
  local ok
  ok, reason = socket:connect("unix:" .. path)
  if ok then ok, reason = new:accept(LINGER) end
  if ok then
    waker = new
    return socket
  end
  new:stop()
  socket:close()
  return nil, reason
end

-- nginx has closed the socket because worker_shutdown_timeout is over: nobody is there to read the answers.
local function give_up()
  for one in next, active do
    one.core.close(one.client)
    one:step()
    active[one] = nil
  end
end

local function arm_all()
  for one in next, active do
    local ok, reason = one:arm()
    if not ok then return nil, reason end
  end
  return true
end

-- Returns when there is nothing to do any more, or nil and why it cannot go on like this.
local function listen(socket)
  -- Several Lua states in one worker: lua_code_cache is off, each request has its own, which ends with it.
  local lingers = waker:states() <= 2
  local heard
  while true do
    step_all()
    if not next(active) and (heard == "i" or not lingers or ngx.worker.exiting() or not watch()) then return true end
    local ok, reason = arm_all()
    if not ok then return nil, reason end
    heard, reason = socket:receive(1)
    if not heard and reason ~= "timeout" then
      if not ngx.worker.exiting() then return nil, reason end
      give_up()
    end
  end
end

local function run()
  local first = next(active)
  if not first then return end
  local socket, reason = connect(first.core)
  if not socket then
    warn(reason)
    return poll()
  end
  local good, result, problem = pcall(listen, socket)
  waker:stop()
  waker = nil
  socket:close()
  if not good then error(result, 0) end
  if not result then
    warn(problem)
    poll()
  end
end

local function start()
  if pump == "running" then return end -- a timer that was lost and found
  pump = "running"
  local good, problem = pcall(run)
  pump = nil
  if good then return end
  ngx.log(ngx.ERR, "oneentry: ", problem)
  for one in next, active do -- who still waits starts another
    active[one] = nil
    for _, sleeper in next, one.waiting do sleeper:post() end
  end
end

-- nil and the reason: no timer starts, for the time being. nil alone: nginx complains of the first timer of a worker that ends.
local function ensure_pump()
  if pump == "running" or pump == "asked" then return true end
  if asks == 0 and ngx.worker.exiting() then return nil end
  local now = ngx.now()
  if pump == "lost" and now - asked < ASK_AGAIN then return nil, "a timer does not start (lua_max_running_timers)" end
  local ok, reason = ngx.timer.at(0, start)
  if not ok then return nil, "no timer: " .. reason end
  pump, asked, asks = "asked", now, asks + 1
  return true
end

-- Has the pump look after this scheduler, if there is one.
function scheduler:activate()
  if not active[self] then
    active[self] = true
    if waker then self:arm() end
  end
  return ensure_pump()
end

-- ---- what await.lua uses -------------------------------------------------------------------------------

-- A place that can wait. Raises where none is, before anything is sent.
function scheduler:enter()
  local phase = ngx.get_phase()
  if not CAN_WAIT[phase] then
    error(("nginx cannot wait in its phase '%s': make this call in ngx.timer.at(0, f), "
      .. "or through a client with driver = \"blocking\""):format(phase), 0)
  end
  if not self.core.yieldable() then
    error("nginx cannot wait inside a function that C code calls (string.gsub, table.sort, the top level of a required file): "
      .. "make this call outside of it, or through a client with driver = \"blocking\"", 0)
  end
  self:activate()
  self.last = self.last % TICKETS + 1
  return self.last
end

-- Returns when the ticket has news, after so many seconds, or earlier. News from before make the descriptor readable, so
-- that the pump has them; news that come to nobody who waits are dropped: the caller looks before it waits again.
function scheduler:wait(ticket, seconds)
  local ok, problem = self:activate()
  if not ok then
    if problem then warn(problem) end
    ngx.sleep(TICK)
    self:step()
    return
  end
  local idle, woken, reason = self.idle
  local sleeper = idle[#idle]
  if sleeper then idle[#idle] = nil else sleeper = assert(semaphore.new(0)) end
  self.waiting[ticket] = sleeper
  -- Whole milliseconds, and not none: that would not let the pump run.
  local limit = math_max(TICK, math_min(seconds, pump == "running" and WEEK or STARTS))
  local before = asks
  woken, reason = sleeper:wait(math_ceil(limit * 1000) / 1000)
  self.waiting[ticket] = nil
  if woken then
    idle[#idle + 1] = sleeper
  elseif reason ~= "timeout" then
    error(reason, 0)
  elseif pump == "asked" and asks == before then
    pump = "lost" -- timers run in their order: its turn was before that of this wait
  end
end

function scheduler:leave(ticket)
  self.waiting[ticket] = nil
end

return {
  name = "openresty",
  scheduler = function(core, client)
    return setmetatable({
      core = core,
      client = client,
      last = 0,
      -- A coroutine that nginx ends never comes back for its semaphore: only its own stack holds it.
      waiting = setmetatable({}, { __mode = "v" }),
      idle = {}, -- semaphores whose last wait ended with their post: nobody else is in their queue
    }, scheduler)
  end,
}
