-- usage: parallel.lua [ROUNDS [PATTERN...]]
-- 64 calls at once against 50 ms of latency: this module under each driver, beside other clients, in turn.
-- With patterns (of Lua) only the clients whose names match one.
local figures = require "figures"
local process = require "support.process"
local servers = require "servers"
local tls = require "support.server.tls"

local ROUNDS, CALLS, LATENCY = tonumber(arg[1] or 15), 64, 0.05
local LIMIT = 60 -- ms
local here = debug.getinfo(1, "S").source:match("^@(.*)parallel%.lua$")
local build = here .. "../.build/"

local certificates = tls.make()
local backend = servers.backend(LATENCY, certificates.good)

local function environment(lua)
  return ('env LUA_PATH="%s?.lua;$LUA_PATH" LUA_CPATH="%s%s/?.so;;" %s '):format(here, build, lua, lua)
end

-- The command of a client: over HTTP/1.1 when plain, else over TLS with all that it can do there.
local function command(start, plain, mode)
  local words = { start, plain and backend.url or backend.tls_url, CALLS, mode }
  if not plain then words[#words + 1] = certificates.ca end
  return table.concat(words, " ")
end

local function ours(lua, driver)
  return environment(lua) .. here .. "parallel_ours.lua " .. driver
end

local pipe = assert(io.popen("'" .. here .. "../spec/peer/install.sh'"))
local modules = pipe:read "*l"
pipe:close()
local sdk = ("env NODE_EXTRA_CA_CERTS=%s node %sparallel_peer.mjs %s"):format(certificates.ca, here, modules)
local floor = build .. "bench/parallel_floor"
local http = environment("luajit") .. here .. "parallel_http.lua"
local luasocket = environment("luajit") .. here .. "parallel_socket.lua "

-- name, command, rounds; `limit`: of the wall time, `like`: the client that it may be 15 % slower than.
local clients = {
  { "this module, Lua 5.4, HTTP/1.1", command(ours("lua5.4", "blocking"), true, "warm"), limit = LIMIT },
  { "this module, Lua 5.4, h2", command(ours("lua5.4", "blocking"), false, "warm"), limit = LIMIT },
  { "this module, Lua 5.4, TLS, cold", command(ours("lua5.4", "blocking"), false, "cold") },
  { "this module, cqueues, HTTP/1.1", command(ours("lua5.4", "cqueues"), true, "warm"), like = 1 },
  { "this module, cqueues, h2", command(ours("lua5.4", "cqueues"), false, "warm"), like = 2 },
  { "this module, luv, HTTP/1.1", command(ours("lua5.4", "luv"), true, "warm"), like = 1 },
  { "this module, luv, h2", command(ours("lua5.4", "luv"), false, "warm"), like = 2 },
  { "this module, copas, LuaJIT, HTTP/1.1", command(ours("luajit", "copas"), true, "warm"), like = 1 },
  { "this module, copas, LuaJIT, h2", command(ours("luajit", "copas"), false, "warm"), like = 2 },
  { "libcurl multi in C, HTTP/1.1", command(floor, true, "warm") },
  { "libcurl multi in C, h2", command(floor, false, "warm") },
  { "libcurl multi in C, h2, cold", command(floor, false, "cold") },
  { "official SDK, HTTP/1.1", command(sdk, true, "warm") },
  { "official SDK, TLS, HTTP/1.1", command(sdk, false, "warm") },
  { "official SDK, TLS, HTTP/1.1, cold", command(sdk, false, "cold") },
  { "lua-http, LuaJIT, HTTP/1.1", command(http, true, "warm") },
  { "lua-http, LuaJIT, h2", command(http, false, "warm") },
  { "lua-http, LuaJIT, h2, cold", command(http, false, "cold") },
  { "copas.http, LuaJIT, HTTP/1.1, cold", command(luasocket .. "copas", true, "") },
  { "luasocket, LuaJIT, one after another", command(luasocket .. "socket", true, ""), rounds = 1 },
}

for _, client in ipairs(clients) do client.like = clients[client.like] end

local function is_wanted(name)
  for i = 2, #arg do
    if name:find(arg[i]) then return true end
  end
  return #arg < 2
end

for i = #clients, 1, -1 do
  if not is_wanted(clients[i][1]) then table.remove(clients, i) end
end

for _, client in ipairs(clients) do
  client.process = process.start(client[2])
  client.runs = {}
end
for round = 0, ROUNDS do -- the first compiles and does not count
  for _, client in ipairs(clients) do
    if not client.rounds or round > 0 and round <= client.rounds then
      client.process:write("go")
      local wall, cpu = client.process:read():match("^(%S+) (%S+)$")
      if round > 0 then table.insert(client.runs, { wall = tonumber(wall), cpu = tonumber(cpu) }) end
    end
  end
end

print(("%d calls at once, a server that answers after %g ms: medians of %d rounds, clients in turn.\n"):format(
  CALLS, LATENCY * 1000, ROUNDS))
print(("%-40s %9s %9s"):format("", "wall ms", "CPU ms"))
for _, client in ipairs(clients) do
  client.wall = figures.median_of(client.runs, "wall")
  print(("%-40s %9.1f %9.2f"):format(client[1], client.wall, figures.median_of(client.runs, "cpu")))
end
print ""
for _, client in ipairs(clients) do
  if client.limit then
    figures.check(client.wall <= client.limit, "%s: %.1f ms, at most %d", client[1], client.wall, client.limit)
  elseif client.like and client.like.runs then
    local ratio = figures.ratio(client.runs, client.like.runs, "wall")
    figures.check(ratio <= 1.15, "%s: %.2f of plain Lua's, at most 1.15", client[1], ratio)
  end
end

for _, client in ipairs(clients) do client.process:stop() end
backend:stop()
certificates:remove()
figures.finish()
