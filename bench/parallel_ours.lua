-- usage: parallel_ours.lua DRIVER URL CALLS warm|cold [CA-FILE]
-- Calls of this module at once: futures where the driver blocks, else a coroutine of the event loop for each.
local oneentry = require "oneentry"
local rounds = require "rounds"

local driver, url, calls, mode, ca = (unpack or table.unpack)(arg)
calls = tonumber(calls)

local function define()
  local api = oneentry.define(url, { token = "app", driver = driver, tls = ca and { caFile = ca } })
  api.Payments.setAccessToken("token")
  return api
end

local function check(sessions, id)
  assert(sessions[3].orderId == id and sessions[3].clientSecret == "token")
end

local batches = {}

function batches.blocking(api)
  local futures = {}
  for i = 1, calls do futures[i] = api.async.Payments.getSessionByOrderId(i) end
  for i, sessions in ipairs(assert(oneentry.all(futures))) do check(sessions, i) end
end

-- Makes each call in a coroutine that `spawn` starts; run(finished) has the event loop work, until finished() at least.
local function spread(api, spawn, run)
  local left = calls
  for i = 1, calls do
    spawn(function()
      local sessions, err = api.Payments.getSessionByOrderId(i)
      if not sessions then
        io.stderr:write(tostring(err), "\n")
        os.exit(1)
      end
      check(sessions, i)
      left = left - 1
    end)
  end
  run(function() return left == 0 end)
  assert(left == 0)
end

function batches.cqueues(api)
  local loop = require "cqueues".new()
  spread(api, function(f) loop:wrap(f) end, function() assert(loop:loop()) end)
end

function batches.luv(api)
  spread(api, function(f) coroutine.wrap(f)() end, function() require "luv".run() end)
end

function batches.copas(api)
  local copas = require "copas"
  spread(api, copas.addthread, function(finished)
    while not finished() do copas.step(1) end -- Debian's copas.loop() has no end
  end)
end

local kept = mode == "warm" and define()
rounds(function()
  local api = kept or define()
  batches[driver](api)
  if not kept then api.close() end
end, kept)
