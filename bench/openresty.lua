-- usage: openresty.lua [ROUNDS [TRIES]]
-- One nginx worker, a backend that answers after 20 ms, wrk: calls of this module beside nginx's own ways, in turn.
-- While a way is measured, a location of the same worker that needs nobody is asked every few milliseconds.
local figures = require "figures"
local load = require "load"
local servers = require "servers"

local ROUNDS = tonumber(arg[1] or 7)
local TRIES = tonumber(arg[2] or 3) -- of each run, to find a quiet time
local SECONDS, BLOCKING_SECONDS = 2, 6
local CONNECTIONS = { 32, 256 }
local NATIVE = { "cosocket", "capture" }
local OURS = { "sdk", "session" }
local NAMES = {
  cosocket = "hand-written cosocket client", capture = "location.capture + proxy_pass",
  sdk = "this module", session = "this module, session per request", blocking = "this module, blocking",
}

local function row(way, runs)
  local function m(name) return figures.median_of(runs, name) end
  print(("  %-36s %10.0f %9.2f %9.2f %9.2f %8.0f %8.2f"):format(NAMES[way], m "rate", m "p50", m "p99", m "ping", m "cpu", m "others"))
end

local function judge(runs, ours, native, connections)
  local rate = figures.ratio(runs[ours], runs[native], "rate")
  local p99 = figures.ratio(runs[ours], runs[native], "p99")
  local ping, ping_ratio = figures.median_of(runs[ours], "ping"), figures.ratio(runs[ours], runs[native], "ping")
  figures.check(rate >= 0.9 and p99 <= 1.2 and (ping < 3 or ping_ratio <= 1.3),
    "%3d: %s / %s: requests/s %.2f, p99 %.2f, ping p99 %.2f (%.2f ms)",
    connections, NAMES[ours], NAMES[native], rate, p99, ping_ratio, ping)
end

local backend = servers.backend(0.02)
local fronts = {} -- a worker of its own for each way: none finds what another has left
for way in pairs(NAMES) do
  fronts[way] = servers.front(backend, 1)
end

local pids = {}
for _, server in pairs { backend, fronts.cosocket, fronts.capture, fronts.sdk, fronts.session, fronts.blocking } do
  pids[#pids + 1] = server:workers()[1]
end
local function measure(way, connections, seconds, tries)
  local result = load.run {
    server = fronts[way], path = "/" .. way, connections = connections, seconds = seconds, pids = pids, tries = tries,
  }
  assert(result.failures == 0 or way == "blocking", way .. ": requests failed\n" .. fronts[way]:log():sub(-2000))
  return result
end

local ways = {}
for _, list in ipairs { NATIVE, OURS } do
  for _, way in ipairs(list) do ways[#ways + 1] = way end
end
local runs = {}
for _, connections in ipairs(CONNECTIONS) do
  runs[connections] = { blocking = {} }
  for _, way in ipairs(ways) do runs[connections][way] = {} end
end
for round = 0, ROUNDS do -- the first opens connections and compiles; it does not count
  for _, connections in ipairs(CONNECTIONS) do
    for i = 1, #ways do
      local way = ways[(i + round) % #ways + 1]
      local result = measure(way, connections, SECONDS, round > 0 and TRIES or 1)
      if round > 0 then table.insert(runs[connections][way], result) end
    end
  end
end
for _, connections in ipairs(CONNECTIONS) do
  runs[connections].blocking[1] = measure("blocking", connections, BLOCKING_SECONDS, 1)
end

print(("One nginx worker, a backend that answers after 20 ms: medians of %d runs of %d s (blocking: one run of %d s)."):format(
  ROUNDS, SECONDS, BLOCKING_SECONDS))
for _, connections in ipairs(CONNECTIONS) do
  print(("\n%-38s %10s %9s %9s %9s %8s %8s"):format(connections .. " connections",
    "requests/s", "p50 ms", "p99 ms", "ping p99", "CPU us", "others"))
  for _, way in ipairs(ways) do row(way, runs[connections][way]) end
  row("blocking", runs[connections].blocking)
end
print [[

ping p99: of /ping in the same worker, ms. CPU: of the worker, per request. others: cores that foreign processes used.
Ratios are medians of each round's; the limits: requests/s 0.90, p99 1.20, ping p99 1.30 or 3 ms.
]]
for _, connections in ipairs(CONNECTIONS) do
  for _, ours in ipairs(OURS) do
    for _, native in ipairs(NATIVE) do judge(runs[connections], ours, native, connections) end
  end
end

for _, server in pairs(fronts) do server:stop() end
backend:stop()
figures.finish()
