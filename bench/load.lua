-- load.run{ server = an nginx, path = "/sdk", connections = 32, seconds = 2, pids = all processes that take part }
-- Has wrk ask for the path, and asks /ping of the same worker every few milliseconds meanwhile. Returns rate (requests/s),
-- failures, p50, p99 and ping (its p99) in ms, cpu (us of the worker per request), others (cores used by foreign processes).
local cqueues = require "cqueues"
local socket = require "cqueues.socket"
local figures = require "figures"

local PROBE = 0.004 -- seconds
local here = debug.getinfo(1, "S").source:match("^@(.*)load%.lua$")
local load = {}

-- Seconds of CPU that processes have used, with their threads.
local function cpu(pids)
  local total = 0
  local pipe = assert(io.popen("cat /proc/" .. table.concat(pids, "/task/*/schedstat /proc/") .. "/task/*/schedstat"))
  for line in pipe:lines() do total = total + tonumber(line:match "^%d+") / 1e9 end
  pipe:close()
  return total
end

local function first_line(name)
  local file = assert(io.open(name))
  local line = file:read "*l"
  file:close()
  return line
end

-- Seconds of CPU: of the whole machine, of this process and those that it has waited for.
local function machine()
  local user, nice, system, irq, soft = first_line("/proc/stat"):match("cpu +(%d+) (%d+) (%d+) %d+ %d+ (%d+) (%d+)")
  return (user + nice + system + irq + soft) / 100
end

local function own()
  local times = first_line("/proc/self/stat"):match("%) %S+" .. (" %S+"):rep(10) .. "(" .. (" %d+"):rep(4) .. ")")
  local total = 0
  for ticks in times:gmatch "%d+" do total = total + ticks / 100 end
  return total
end

local function probe(port, running)
  local times = {}
  local peer = socket.connect { host = "127.0.0.1", port = port }
  peer:setmode("b", "bn")
  peer:settimeout(60)
  while running() do
    local start = cqueues.monotime()
    peer:write("GET /ping HTTP/1.1\r\nhost: ping\r\n\r\n")
    repeat local line = assert(peer:read("*L")) until line == "\r\n"
    assert(peer:read(4) == "pong")
    times[#times + 1] = cqueues.monotime() - start
    cqueues.sleep(PROBE)
  end
  peer:close()
  return times
end

local function once(options)
  local loop, line, over, times = cqueues.new(), nil, false, nil
  local worker = options.server:workers()
  local start, before, all, mine, machines = cqueues.monotime(), cpu(worker), cpu(options.pids), own(), machine()
  loop:wrap(function()
    local pipe = assert(io.popen(("exec wrk -t1 --timeout 60 -c%d -d%d -s %swrk.lua %s%s"):format(
      options.connections, options.seconds, here, options.server.url, options.path)))
    local output = socket.dup(pipe)
    for text in output:lines() do line = text:match("^figures (.*)") or line end
    output:close()
    pipe:close()
    over = true
  end)
  loop:wrap(function() times = probe(options.server.url:match "%d+$", function() return not over end) end)
  assert(loop:loop())
  local elapsed = cqueues.monotime() - start
  local seconds, requests, failures, p50, p99 = assert(line, "wrk has failed"):match("(%S+) (%S+) (%S+) (%S+) (%S+)")
  return {
    rate = requests / seconds, p50 = p50 / 1000, p99 = p99 / 1000, ping = figures.percentile(times, 0.99) * 1000,
    cpu = (cpu(worker) - before) / requests * 1e6, failures = tonumber(failures),
    others = (machine() - machines - (own() - mine) - (cpu(options.pids) - all)) / elapsed,
  }
end

-- Where others use the machine, the quietest of a few tries.
function load.run(options)
  local best
  for _ = 1, options.tries do
    local result = once(options)
    if not best or result.others < best.others then best = result end
    if best.others < 0.15 then break end
  end
  return best
end

return load
