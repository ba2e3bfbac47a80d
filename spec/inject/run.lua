-- Fails every allocation and every system call of each scenario, one at a time, and prints what came of it.
-- Usage: run.lua HOST [once|sticky] [KIND[/SCHEME[/FROM-TO[/SCENARIO]]]...]. Ends with status 1 after any finding. `make inject` runs it.
local process = require "support.process"
local tls = require "support.server.tls"

local host, mode = arg[1], arg[2] or "once"
local here = process.spec .. "inject/"

-- Left to the mode that fails one call: when these go on for ever, a call only ends at its deadline.
local passing = { EINTR = true, EAGAIN = true, early = true }

local kinds = { "lua", "malloc" }
for _, case in ipairs({
  "send EINTR EAGAIN ECONNRESET EPIPE ENOBUFS short", "recv EINTR EAGAIN ECONNRESET ENOMEM short end",
  "connect EINTR ECONNREFUSED ENETUNREACH ETIMEDOUT EADDRNOTAVAIL EAGAIN", "socket EMFILE ENFILE ENOMEM EACCES",
  "poll EINTR ENOMEM EINVAL early",
  "epoll_wait EINTR early", "epoll_ctl ENOMEM", "epoll_create1 EMFILE ENOMEM", "timerfd_create EMFILE",
  "timerfd_settime EINVAL", "eventfd EMFILE ENFILE",
  "socketpair EMFILE ENOMEM", "fcntl EINVAL EBADF", "getsockopt EINVAL ENOBUFS",
  "setsockopt EINVAL ENOMEM", "getsockname EINVAL ENOBUFS", "getpeername EINVAL ENOBUFS", "getentropy ENOSYS EIO",
  "opendir EMFILE ENOMEM",
}) do
  local call
  for word in case:gmatch("%S+") do
    if call and not (mode == "sticky" and passing[word]) then kinds[#kinds + 1] = call .. ":" .. word end
    call = call or word
  end
end
if arg[3] then kinds = { (unpack or table.unpack)(arg, 3) } end

local certificates = tls.make()
local server = process.start(("%s %s %s %s"):format(process.interpreter("cqueues", "openssl.ssl.context"),
  process.quote(here .. "server.lua"), process.quote(certificates.good.certificate), process.quote(certificates.good.key)))
local http, https, control = server:read():match("^(%d+) (%d+) (%d+)$")

local total, failed = {}, false

-- Only coroutines that wait need these.
local only_together = { timerfd_settime = true, eventfd = true }

local function go(kind, scheme, how, range, scenario)
  local url = scheme == "http" and "http://127.0.0.1:" .. http or "https://localhost:" .. https
  local command = ("%s %s --mode %s %s %s %s %s %s"):format(process.quote(host), range, how, kind, url,
    process.quote(scheme == "https" and certificates.ca or ""), control, process.quote(here .. scenario .. ".lua"))
  local started = os.time()
  local pipe = io.popen(command)
  local last = ""
  for line in pipe:lines() do
    if last ~= "" then print("  " .. last) end
    last = line
  end
  pipe:close()
  local counts = {}
  for n, what in last:gmatch("(%d+) ([%a ]+)") do
    counts[#counts + 1] = what
    total[what] = (total[what] or 0) + tonumber(n)
    failed = failed or (tonumber(n) > 0) ~= (what == "points") -- a call that is never made is no test
  end
  if #counts ~= 5 then failed = true end
  print(("%-24s %-6s %-7s %-9s %s (%d s)"):format(kind, scheme, how, scenario, last, os.time() - started))
end

for _, name in ipairs(kinds) do
  local kind, only, from, to, scenario = name:match("^([^/]+)/?([^/]*)/?(%d*)%-?(%d*)/?(.*)$")
  local range = from ~= "" and ("--from %s --to %s"):format(from, to) or ""
  local scenarios = only_together[kind:match("^[^:]+")] and { "together" } or { "scenario", "together" }
  for _, scheme in ipairs(only ~= "" and { only } or { "http", "https" }) do
    if scheme == "https" and #scenarios > 1 and not kind:find(":") then scenarios = { "scenario" } end -- takes too long
    for _, which in ipairs(scenario ~= "" and { scenario } or scenarios) do
      go(kind, scheme, mode, range, which)
      if kind == "lua" and mode == "once" then go(kind, scheme, "twice", range, which) end
    end
  end
end
server:stop()
certificates:remove()
print(("%d points, %d crashes, %d leaks, %d double posts, %d other"):format(total.points or 0, total.crashes or 0,
  total.leaks or 0, total["double posts"] or 0, total.other or 0))
os.exit(failed and 1 or 0)
