-- usage: client.lua oneentry|floor WORK URL TRAFFIC N
-- Does the work N times over one connection.
local peer, name, url, file, n = (unpack or table.unpack)(arg)
local traffic = dofile(file)

if peer == "floor" then
  require "floor"(traffic[name], url, traffic.user_agent, tonumber(n))
else
  local run = require("work")[name]
  local api = require("oneentry").define(url, traffic.token)
  for _ = 1, n do run(api) end
  api.close()
end
