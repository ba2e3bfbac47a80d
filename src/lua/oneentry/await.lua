-- Waiting for calls. `core` is the C half (future.c): a call is started there, taken forward there whenever there is news,
-- and finished there; only the waiting in between is here, because a driver's wait may yield, and LuaJIT cannot yield
-- below a C function.
--
-- A scheduler is how the running code waits for a client's calls: enter() gives a ticket (or raises: this is no place to
-- wait), wait(ticket, seconds) returns when that ticket has news or the time is over, maybe earlier, leave(ticket) gives up what
-- waiting takes.
-- tell(ticket) passes on what starting a call has brought to light of others; true: it concerns that ticket, too. spawn(f),
-- where there is one, has f run in a coroutine of its own, or returns false. adopt(), which is
-- set here, is for it to call when a waiting coroutine is gone: its callbacks are called elsewhere then.
--
-- Callbacks of clients with a driver are called here, in the coroutine that waits: they may wait, make calls, or end a request.

local leader = require "oneentry.leader"
local make_each = require "oneentry.each"

local coroutine, setmetatable = coroutine, setmetatable
local error, ipairs, package, pairs, pcall, tostring, type = error, ipairs, package, pairs, pcall, tostring, type
local math_max, math_min, table_insert = math.max, math.min, table.insert

local TURN = 0.01 -- seconds to wait for one client while others are waited for, too
local LOST = 1 -- seconds after which a coroutine that has not begun does not count

-- LuaJIT compiles code for one closure, and so keeps that and its client alive; of a prototype that has had several closures it
-- compiles code for all of them.
local function make_several(make)
  for _ = 1, 8 do make() end
end

-- pcall for where it is a boundary of C: f runs in a coroutine of its own, and what it yields is passed on.
local function pass_on(thread, ok, ...)
  if not ok or coroutine.status(thread) == "dead" then return ok, ... end
  return pass_on(thread, coroutine.resume(thread, coroutine.yield(...)))
end

local function pcall_in_thread(f, ...)
  local thread = coroutine.create(f)
  return pass_on(thread, coroutine.resume(thread, ...))
end

return function(core)
  local await = {}
  local advance, finish, is_settled = core.advance, core.finish, core.is_settled
  local tellers = setmetatable({}, { __mode = "kv" }) -- the coroutines that call callbacks, by call; "v": one that is dropped goes

  local function blocking(_, client)
    return {
      blocks = true,
      enter = function() return 1 end,
      wait = function(_, _, seconds) core.wait(client, seconds) end,
      leave = function() end,
      tell = function() return false end,
    }
  end

  -- ---- callbacks ---------------------------------------------------------------------------------------

  -- The running coroutine; inside of pcall_in_thread and the like: the one outside.
  local outside = setmetatable({}, { __mode = "kv" })
  local function running()
    local thread = coroutine.running()
    return thread and outside[thread] or thread or "main"
  end

  local function pcall_outside(scheduler, f, ...)
    if not scheduler.pcall then return pcall(f, ...) end
    local thread = running()
    return scheduler.pcall(function(...)
      outside[coroutine.running() or thread] = thread
      f(...)
    end, ...)
  end

  -- Calls a callback. What it throws goes to errors.callback, or into the log.
  local function call_back(scheduler, client, callback, argument, name, user, second)
    local ok, problem
    if second == nil then
      ok, problem = pcall_outside(scheduler, callback, argument)
    else
      ok, problem = pcall_outside(scheduler, callback, argument, second)
    end
    if ok then return end
    local handler = core.handler(client)
    if handler then
      local told, other = pcall_outside(scheduler, handler, problem, name)
      if told then return end
      problem, name = other, "errors.callback"
    end
    core.complain(client, problem, name, user)
  end

  -- Compiled code would keep the callback alive.
  local jit = package.loaded.jit
  if jit then jit.off(call_back) jit.off(pcall_outside) end

  -- Calls all that the call has to tell. Others may lead and wait meanwhile.
  local function tell(scheduler, call, ticket)
    if scheduler.blocks then
      tellers[call] = running()
      core.tell(call)
      tellers[call] = nil
      return
    end
    local function next_one(callback, ...)
      if not callback then return end
      tellers[call] = running()
      scheduler:leave(ticket)
      call_back(scheduler, core.client(call), callback, ...)
      tellers[call] = nil
      return next_one(core.report(call, true))
    end
    next_one(core.report(call))
  end

  -- Has the orphans' callbacks called, in their order, each in a coroutine of its own. Such a coroutine takes one when it begins:
  -- loops begin several in any order, and where a loop has ended, never. Where spawn cannot: in the running coroutine, whose ticket
  -- is `here`; nil: later.
  local function hand_out(scheduler, client, here)
    local function tell_next(callback, ...)
      if callback then call_back(scheduler, client, callback, ...) end
    end
    local function run()
      scheduler.spawned = math_max(scheduler.spawned - 1, 0)
      tell_next(core.orphan(client))
    end
    if core.now() - scheduler.spawned_at > LOST then scheduler.spawned = 0 end
    while core.orphans(client) > scheduler.spawned do
      scheduler.spawned, scheduler.spawned_at = scheduler.spawned + 1, core.now()
      if not (scheduler.spawn and scheduler.spawn(run)) then
        scheduler.spawned = scheduler.spawned - 1
        if not here then return end
        scheduler:leave(here) -- others lead and wait meanwhile
        tell_next(core.orphan(client))
      end
    end
  end

  -- ---- waiting -----------------------------------------------------------------------------------------

  -- One per client and process: descriptors do not go over a fork.
  local function scheduler_of(call)
    local client = core.client(call)
    local kept, pid = core.kept(client), core.pid()
    if not kept.scheduler or kept.scheduler_pid ~= pid then
      local driver = kept.driver
      local new = not driver and blocking or driver.scheduler or leader
      local scheduler = new(core, client, driver)
      if not core.pcall_yields then scheduler.pcall = driver and driver.pcall or pcall_in_thread end
      scheduler.spawn, scheduler.spawned, scheduler.spawned_at = scheduler.spawn or driver and driver.spawn, 0, 0
      scheduler.adopt = function() hand_out(scheduler, client) end
      kept.scheduler, kept.scheduler_pid = scheduler, pid
    end
    return kept.scheduler
  end

  -- Takes the call, or those of a list of one client, forward, and calls what they have to tell: how many are not settled, and
  -- seconds until the next look.
  local function look(scheduler, waiting, ticket)
    while true do
      local left, seconds, news, reports, orphans = advance(waiting, ticket)
      local mine = news and scheduler:tell(ticket)
      if reports then
        for _, call in ipairs(type(waiting) == "table" and waiting or { waiting }) do tell(scheduler, call, ticket) end
      elseif orphans then
        local call = type(waiting) == "table" and waiting[1] or waiting
        if scheduler.blocks then core.tell(call) else hand_out(scheduler, core.client(call), ticket) end
      end
      if not reports and not (mine and left > 0) then return left, seconds end
    end
  end

  -- Waits until the call is settled.
  local function run(call)
    local scheduler = scheduler_of(call)
    local ticket = scheduler:enter()
    local left, seconds = look(scheduler, call, ticket)
    while left > 0 do
      scheduler:wait(ticket, seconds)
      left, seconds = look(scheduler, call, ticket)
    end
    scheduler:leave(ticket)
  end

  -- A method whose call is waited for the driver's way; `start` is its C function.
  function await.method(start)
    return function(...)
      local call = start(...)
      run(call)
      return core.take(call)
    end
  end

  -- A method that returns a future: the call itself.
  function await.async(start)
    return function(...)
      local call = start(...)
      local scheduler = scheduler_of(call)
      scheduler:leave(scheduler:enter())
      look(scheduler, call)
      return call
    end
  end

  -- Callbacks of a client that blocks, of a future that another call has brought to its end.
  local function tell_late(call)
    if tellers[call] ~= running() and scheduler_of(call).blocks then core.tell(call) end
  end

  local function check_teller(call)
    if tellers[call] == running() then error("a call's own callback cannot wait for it", 0) end
  end

  local function is_future(value)
    local ok, problem = pcall(is_settled, value)
    if problem == "not enough memory" then error(problem, 0) end
    return ok
  end

  local function check(future, name, extra)
    if not is_future(future) then
      error(("bad argument #1 to '%s' (future expected, got %s)"):format(name, type(future)), 3)
    elseif extra ~= nil then
      error(("bad argument #2 to '%s' (nothing expected: the time is that of the call)"):format(name), 3)
    end
  end

  local methods = {}

  --- Waits for the answer.
  -- @return what the method returns: the value, or nil and err; the same however often it is awaited
  function methods.await(future, extra)
    check(future, "await", extra)
    check_teller(future)
    if not is_settled(future) then run(future) else tell_late(future) end
    return finish(future)
  end

  --- Has the answer come? Does not wait.
  -- @return boolean
  function methods.done(future, extra)
    check(future, "done", extra)
    if not is_settled(future) then
      core.wait(core.client(future), 0)
      look(scheduler_of(future), future)
    end
    tell_late(future)
    return is_settled(future)
  end

  --- Gives the call up: it ends with err.code "cancelled", unless the answer has come. err.sent tells whether the server
  -- may have got it. Also what happens to a future at the end of the block of a variable with <close> (Lua 5.4).
  function methods.cancel(future)
    check(future, "cancel")
    core.cancel(future)
  end

  core.methods(methods, methods.cancel)

  -- The futures by client: those of one are waited for together.
  local function groups_of(futures)
    local groups, by_client = {}, {}
    for i = 1, #futures do
      local client = core.client(futures[i])
      local group = by_client[client]
      if not group then
        group = { waiting = {} }
        by_client[client], groups[#groups + 1] = group, group
      end
      table_insert(group.waiting, futures[i])
    end
    return groups
  end

  -- The results of a settled call.
  local function results_of(call)
    local ok, value, err = pcall(finish, call)
    if ok then return { value, err } end
    return { raised = true, err = value }
  end

  -- Those of a call that has failed, or nil.
  local function failure(call)
    local results = results_of(call)
    if results.raised or results[1] == nil then return results end
  end

  -- Takes the group's futures forward, and those that are settled out. Returns whether none is left and, until_failure, the
  -- results of one that has failed.
  local function settle(group, until_failure)
    local left, seconds = look(group.scheduler, group.waiting, group.ticket)
    local still, failed = {}, nil
    for _, future in ipairs(group.waiting) do
      if not is_settled(future) then
        still[#still + 1] = future
      elseif until_failure then
        failed = failed or failure(future)
      end
    end
    group.waiting, group.seconds = still, seconds
    return left == 0, failed
  end

  -- Waits until all are settled, or returns the results of the first that failed. Several clients are waited for in turn.
  local function run_all(groups, until_failure)
    for _, group in ipairs(groups) do
      group.scheduler = scheduler_of(group.waiting[1])
      group.ticket = group.scheduler:enter()
    end
    local failed
    local function settled(group)
      local ended, problem = settle(group, until_failure)
      failed = failed or problem
      if ended then group.scheduler:leave(group.ticket) end
      return ended
    end
    while true do
      local left = {}
      for _, group in ipairs(groups) do
        if not settled(group) then left[#left + 1] = group end
      end
      groups = left
      if failed or #groups == 0 then break end
      for _, group in ipairs(groups) do
        group.scheduler:wait(group.ticket, #groups == 1 and group.seconds or math_min(group.seconds, TURN))
      end
    end
    for _, group in ipairs(groups) do group.scheduler:leave(group.ticket) end
    return failed
  end

  local function check_all(futures, mode)
    if type(futures) ~= "table" then
      error(("bad argument #1 to 'all' (list of futures expected, got %s)"):format(type(futures)), 3)
    end
    for key in pairs(futures) do
      if not (type(key) == "number" and key >= 1 and key <= #futures) then
        error(("bad argument #1 to 'all' (a list without gaps expected, and nothing at %s)"):format(tostring(key)), 3)
      end
    end
    for i = 1, #futures do
      if not is_future(futures[i]) then
        error(("bad argument #1 to 'all' (future expected at %d, got %s)"):format(i, type(futures[i])), 3)
      end
      check_teller(futures[i])
    end
    if mode ~= nil and mode ~= "settled" then
      error("bad argument #2 to 'all' (\"settled\" or nothing expected)", 3)
    end
  end

  --- Waits for several futures.
  -- @function oneentry.all
  -- @param futures table  list of futures
  -- @param mode string?  "settled": wait for all of them, whatever becomes of each; nil: until one has failed
  -- @return table  their values, in their order
  -- @return err  nil: nothing failed. With "settled" a table: err by position. Without, nil and the err of the first to
  --   fail are returned; the others go on
  function await.all(futures, mode)
    check_all(futures, mode)
    local failed = run_all(groups_of(futures), mode == nil)
    if failed then
      if failed.raised then error(failed.err, 0) end
      return nil, failed[2]
    end
    local values, errors = {}, nil
    for i = 1, #futures do
      local results = results_of(futures[i])
      values[i] = results[1]
      if results.raised or results[1] == nil then
        errors = errors or {}
        errors[i] = results.err or results[2]
      end
    end
    return values, errors
  end

  -- In Lua 5.1 the iterator of a for loop cannot yield: in a coroutine of its own, drivers see that and block.
  local function all_in_thread(...)
    if not coroutine.running() then return await.all(...) end
    local ok, values, errors = pcall_in_thread(await.all, ...)
    if not ok then error(values, 0) end
    return values, errors
  end

  await.each = make_each(core, core.pcall_yields and await.all or all_in_thread)

  make_several(blocking)
  make_several(leader)
  make_several(await.method)
  make_several(await.async)
  return await
end
