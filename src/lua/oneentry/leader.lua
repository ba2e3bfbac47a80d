-- The scheduler for any driver that can wait for one descriptor: of the coroutines that wait for a client's calls, one
-- waits on the client's descriptor and drives for all; each of the others sleeps on a signal of its own until the leader
-- has news for it, or goes.

local ipairs, next, pairs, setmetatable, table_remove = ipairs, next, pairs, setmetatable, table.remove

local SLICE = 1 -- seconds between looks whether somebody leads
local BEAT = 0.5 -- seconds from one sign of life of the leader to the next, as its loop goes round
local TURN = 0.01 -- seconds that the loop stands still where no descriptor is left
local LOST = 1 -- without one for so long, it leads no more: it failed, was dropped, or its loop stands still

return function(core, client, driver)
  local scheduler = {}
  local waiting = setmetatable({}, { __mode = "v" }) -- signals by ticket, of those who sleep
  local signals = setmetatable({}, { __mode = "v" }) -- by ticket; a coroutine that is dropped takes its own along
  local free = {} -- signals that nobody uses
  local last = 0
  local leading -- ticket of the leader
  local asleep -- its ticket again, while it waits
  local beat = 0 -- when it gave the last sign of life

  local function signal()
    return table_remove(free) or (core.signal())
  end

  local function wake(ticket)
    local sleeper = waiting[ticket]
    if sleeper then
      sleeper:post()
    elseif ticket and ticket == asleep then -- another one has heard what concerns the leader
      core.ring(client)
    end
  end

  -- Wakes those whom the news concern; are they for `own`, too?
  local function spread(own, tickets, everyone, orphans)
    local mine = everyone
    if orphans then scheduler.adopt() end
    if everyone then
      for ticket in pairs(waiting) do wake(ticket) end
      wake(asleep)
    end
    for _, ticket in ipairs(tickets) do
      wake(ticket)
      mine = mine or ticket == own
    end
    return mine
  end

  function scheduler:tell(ticket) -- luacheck: ignore self
    return spread(ticket, core.news(client))
  end

  -- Has the engine work.
  local function step()
    spread(nil, core.step(client))
  end

  local function is_led()
    return leading and core.now() - beat < LOST
  end

  function scheduler:enter() -- luacheck: ignore self
    last = last % 0x7ffffffe + 1
    return last
  end

  function scheduler:leave(ticket) -- luacheck: ignore self
    local own = signals[ticket]
    if own then
      own:clear()
      free[#free + 1] = own
      signals[ticket] = nil
    end
    if leading == ticket then leading = nil end
    if not leading and not next(signals) then -- nobody waits: an idle client holds none
      while free[1] do table.remove(free):close() end
    end
    if not is_led() then wake((next(waiting))) end -- that one may be on its way out, too, and wakes another then
  end

  -- No descriptor is left to wait for: the loop has to wait, too. What has been sent is not given up for that.
  local function block(seconds)
    core.wait(client, seconds < TURN and seconds or TURN)
    step()
  end

  local function lead(ticket, seconds)
    local fd = core.watch(client)
    if not fd then return block(seconds) end
    leading, asleep, beat = ticket, ticket, core.now()
    driver.wait(fd, seconds < BEAT and seconds or BEAT)
    if asleep == ticket then asleep = nil end
    step()
    core.unwatch(client)
  end

  local function follow(ticket, seconds)
    local own = signals[ticket] or signal()
    if not own then return block(seconds) end
    signals[ticket], waiting[ticket] = own, own
    driver.wait(own:fd(), seconds < SLICE and seconds or SLICE)
    waiting[ticket] = nil
    own:clear()
  end

  -- A coroutine whose time is over does not rely on others.
  function scheduler:wait(ticket, seconds) -- luacheck: ignore self
    if driver.ready and not driver.ready() then
      core.wait(client, seconds)
      step()
    elseif leading == ticket or seconds <= 0 or not is_led() then
      lead(ticket, seconds)
    else
      follow(ticket, seconds)
    end
  end

  return scheduler
end
