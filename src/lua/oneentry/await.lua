-- Waiting for calls. `core` is the C half (future.c): a call is started there, taken forward there whenever there is news,
-- and finished there; only the waiting in between is here, because a driver's wait may yield, and LuaJIT cannot yield
-- below a C function.
--
-- A scheduler is how the running code waits for a client's calls: enter() gives a ticket (or raises: this is no place to
-- wait), wait(ticket, seconds) returns when that ticket has news or the time is over, maybe earlier, leave(ticket) ends it.

local leader = require "oneentry.leader"

return function(core)
  local await = {}
  local advance, finish, is_settled = core.advance, core.finish, core.is_settled

  local function blocking(_, client)
    return {
      enter = function() return 1 end,
      wait = function(_, _, seconds) core.wait(client, seconds) end,
      leave = function() end,
    }
  end

  -- One per client and process: descriptors do not go over a fork.
  local function scheduler_of(call)
    local client = core.client(call)
    local kept, pid = core.kept(client), core.pid()
    if not kept.scheduler or kept.scheduler_pid ~= pid then
      local driver = kept.driver
      local new = not driver and blocking or driver.scheduler or leader
      kept.scheduler, kept.scheduler_pid = new(core, client, driver), pid
    end
    return kept.scheduler
  end

  -- Waits until the call is settled.
  local function run(call)
    local scheduler = scheduler_of(call)
    local ticket = scheduler:enter()
    local left, seconds = advance(call, ticket)
    while left > 0 do
      scheduler:wait(ticket, seconds)
      left, seconds = advance(call, ticket)
    end
    scheduler:leave(ticket)
  end

  -- A method whose call is waited for the driver's way; `start` is its C function.
  function await.method(start)
    return function(...)
      local call = start(...)
      run(call)
      return finish(call)
    end
  end

  -- A method that returns a future: the call itself.
  function await.async(start)
    return function(...)
      local call = start(...)
      local scheduler = scheduler_of(call)
      scheduler:leave(scheduler:enter())
      advance(call)
      return call
    end
  end

  -- The results of a settled call, however often they are asked for: a list with n.
  local function results_of(call)
    local kept = core.kept(call)
    local results = kept.results
    if not results then
      local ok, value, err = pcall(finish, call)
      results = ok and { value, err } or { raised = true, err = value }
      kept.results = results
    end
    return results
  end

  local function check(future, name)
    if not pcall(is_settled, future) then
      error(("bad argument #1 to '%s' (future expected, got %s)"):format(name, type(future)), 3)
    end
  end

  local methods = {}

  --- Waits for the answer.
  -- @return what the method returns: the value, or nil and err; the same however often it is awaited
  function methods.await(future)
    check(future, "await")
    if not is_settled(future) then run(future) end
    local results = results_of(future)
    if results.raised then error(results.err, 0) end
    return results[1], results[2]
  end

  --- Has the answer come? Does not wait.
  -- @return boolean
  function methods.done(future)
    check(future, "done")
    if not is_settled(future) then
      core.wait(core.client(future), 0)
      advance(future)
    end
    return is_settled(future)
  end

  --- Gives the call up: it ends with err.code "cancelled", unless the answer has come. err.sent tells whether the server
  -- may have got it. Also what happens to a future at the end of the block of a variable with <close> (Lua 5.4).
  function methods.cancel(future)
    check(future, "cancel")
    core.cancel(future)
  end

  core.future.__index = methods
  core.future.__close = methods.cancel
  core.future.__name = "oneentry.future"

  -- The futures by client: those of one are waited for together.
  local function groups_of(futures)
    local groups, by_client = {}, {}
    for i = 1, #futures do
      local client = core.client(futures[i])
      if not by_client[client] then
        by_client[client] = {}
        groups[#groups + 1] = by_client[client]
      end
      table.insert(by_client[client], futures[i])
    end
    return groups
  end

  -- The results of a call that has failed.
  local function failure(call)
    if not is_settled(call) then return nil end
    local results = results_of(call)
    if results.raised or results[1] == nil then return results end
  end

  -- Waits until all are settled, or returns the results of the first that failed.
  local function run_all(futures, until_failure)
    local scheduler = scheduler_of(futures[1])
    local ticket = scheduler:enter()
    local waiting, failed = futures, nil
    local left, seconds = advance(waiting, ticket)
    repeat
      local still = {}
      for _, future in ipairs(waiting) do
        if not is_settled(future) then
          still[#still + 1] = future
        elseif until_failure then
          failed = failed or failure(future)
        end
      end
      waiting = still
      if left > 0 and not failed then
        scheduler:wait(ticket, seconds)
        left, seconds = advance(waiting, ticket)
      elseif not failed then
        break
      end
    until failed
    scheduler:leave(ticket)
    return failed
  end

  local function check_all(futures, mode)
    if type(futures) ~= "table" then
      error(("bad argument #1 to 'all' (list of futures expected, got %s)"):format(type(futures)), 3)
    end
    for i = 1, #futures do
      if not pcall(is_settled, futures[i]) then
        error(("bad argument #1 to 'all' (future expected at %d, got %s)"):format(i, type(futures[i])), 3)
      end
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
    for _, group in ipairs(groups_of(futures)) do
      local failed = run_all(group, mode == nil)
      if failed then
        if failed.raised then error(failed.err, 0) end
        return nil, failed[2]
      end
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

  return await
end
