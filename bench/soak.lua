-- usage: soak.lua [COUNT]
-- Sends requests through nginx with two workers, each with a session of its own, each to get its own data back, while nginx
-- reloads again and again, and one worker after another is stopped. Then does so undisturbed: memory and descriptors must
-- not grow.
local cqueues = require "cqueues"
local figures = require "figures"
local process = require "support.process"
local servers = require "servers"
local soak_client = require "soak_client"
local tmp = require "support.tmp"

local COUNT, CONNECTIONS, WORKERS = tonumber(arg[1] or 20000), 64, 2
local STORMY, WARM, PLATEAUS = 12, 2, 9 -- of the same number of requests each
local GROWTH, OWN_FILES = 512, 32 -- kB; descriptors of a worker without connections
local PER_CONNECTION = 64 -- kB of a worker for a connection, and its own to the backend, at a time: nginx does not keep their number even

local directory = tmp.directory() -- for the worker's temporary files
local backend = servers.backend(0.005)
local front = servers.front(backend, WORKERS, directory)
local client = soak_client.new(front.port, CONNECTIONS)
local each = math.ceil(COUNT / (STORMY + WARM + PLATEAUS))
local reloads = 0

local function exists(pid)
  return (tmp.read("/proc/" .. pid .. "/stat") or ""):find("%(") ~= nil
end

-- The workers that do not exit.
local function serving()
  local list = {}
  for _, pid in ipairs(front:workers()) do
    local name = tmp.read(("/proc/%s/cmdline"):format(pid)) -- nil: it has just ended
    if name and not name:find("shutting down", 1, true) then list[#list + 1] = pid end
  end
  return list
end

local function until_served_by(n, seconds)
  local deadline = cqueues.monotime() + seconds
  while #serving() ~= n or #front:workers() ~= n do
    if cqueues.monotime() > deadline then return false end
    cqueues.sleep(0.02)
  end
  return true
end

local function until_gone(pid)
  local deadline = cqueues.monotime() + 30
  while exists(pid) do
    assert(cqueues.monotime() < deadline, "a worker stays")
    cqueues.sleep(0.005)
  end
end

local replaced = {} -- workers that the last reload ends

local function reload()
  replaced = front:workers()
  front:signal("HUP")
  reloads = reloads + 1
end

-- Stops one worker that is to go on; nginx starts another in its place.
local function stop(signal)
  for _, pid in ipairs(replaced) do until_gone(pid) end
  local pid = serving()[1]
  if signal == "TERM" then client:terminate(pid) end
  os.execute(("kill -%s %s"):format(signal, pid))
  until_gone(pid)
  client.terminating = false
end

local function storm(round)
  return function()
    local half = client.sent + each / 2
    while client.sent < half do cqueues.sleep(0.005) end
    if round % 4 == 2 then stop("QUIT") elseif round % 4 == 0 then stop("TERM") else reload() end
  end
end

-- The worker's own kB, its descriptors and threads.
local function reading(pid)
  local pipe = assert(io.popen(("ls /proc/%s/fd | wc -l; ls /proc/%s/task | wc -l"):format(pid, pid)))
  local files, threads = pipe:read("*n", "*n")
  pipe:close()
  local kilobytes = tonumber(tmp.read(("/proc/%s/smaps_rollup"):format(pid)):match("Private_Dirty:%s+(%d+)"))
  return { memory = kilobytes, files = files, threads = threads }
end

local started = cqueues.monotime()
for round = 1, STORMY do client:run(each, storm(round)) end
reload()
client:run(each)
figures.check(until_served_by(WORKERS, 30), "every worker that was told to end has ended (%d reloads, %d stopped workers)",
  reloads, STORMY / 2)
for _ = 2, WARM do client:run(each) end

local function all_have_work()
  client.requests = {}
  client:collect()
  for _, pid in ipairs(serving()) do
    if not client.requests[pid] then return false end
  end
  return true
end

-- Opens new connections until each worker has some: nginx does not share out kept ones.
local patience = cqueues.monotime() + 30
while not all_have_work() and cqueues.monotime() < patience do
  for place = 1, CONNECTIONS / 2 do client:drop(place) end
end

local workers, readings = serving(), {}
for _, pid in ipairs(workers) do
  readings[pid] = {}
  client.requests[pid] = 0
end
for plateau = 1, PLATEAUS do
  client:run(each)
  client:collect()
  for _, pid in ipairs(workers) do readings[pid][plateau] = reading(pid) end
end

local count = client.count
local summary = "%d requests in %.0f s over %d connections: %d answered, the slowest after %.2f s;\n" ..
  "%d met a closed connection first, %d a terminated worker\n"
print(summary:format(client.sent, cqueues.monotime() - started, CONNECTIONS, count.answered, client.slowest, count.refused, count.cut))
figures.check(count.lost == 0, "%d requests lost%s", count.lost, client.example and ": " .. client.example or "")
figures.check(count.wrong == 0, "%d answered with another's data", count.wrong)
figures.check(count.answered == client.sent, "%d of %d answered", count.answered, client.sent)
figures.check(count.cut <= CONNECTIONS * STORMY / 4, "%d requests cut by TERM, at most what was in flight", count.cut)
for _, pid in ipairs(workers) do
  local list, third = readings[pid], PLATEAUS / 3
  local function lowest(name, from)
    local low = math.huge
    for i = from, from + third - 1 do low = math.min(low, list[i][name]) end
    return low
  end
  local function texts(name)
    local words = {}
    for i, item in ipairs(list) do words[i] = item[name] end
    return table.concat(words, " ")
  end
  print(("worker: %d requests; kB: %s; descriptors: %s; threads: %s"):format(
    client.requests[pid], texts "memory", texts "files", texts "threads"))
  local function growth(name) return lowest(name, PLATEAUS - third + 1) - lowest(name, third + 1) end
  figures.check(client.requests[pid] > 0, "the worker had work")
  local limit = GROWTH + PER_CONNECTION * math.max(0, growth "files") / 2
  figures.check(growth "memory" <= limit, "memory grew by %d kB, at most %d", growth "memory", limit)
  figures.check(list[PLATEAUS].files <= OWN_FILES + 2 * CONNECTIONS,
    "%d descriptors, at most one per connection on either side and %d", list[PLATEAUS].files, OWN_FILES)
end
local problems = {}
for line in front:log():gmatch("[^\n]+") do
  if line:find("%[alert%]") or line:find("%[crit%]") or line:find("%[error%]") or line:find("%[emerg%]") then
    problems[#problems + 1] = line
  end
end
figures.check(#problems == 0, "%d complaints in nginx's error log%s", #problems, problems[1] and ": " .. problems[1] or "")
front:stop()
backend:stop()
local pipe = assert(io.popen("ls -A " .. process.quote(directory)))
local left = pipe:read "*a"
pipe:close()
figures.check(left == "", "temporary files left: %s", left == "" and "none" or left)
tmp.remove(directory)
figures.finish()
