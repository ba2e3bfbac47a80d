-- usage: parallel_socket.lua socket|copas URL CALLS
-- luasocket's http.request, one call after another, or each in a coroutine of copas. Both connect for every call.
local way, url, calls = (unpack or table.unpack)(arg)
local copas = way == "copas" and require "copas" -- before socket.http, it demands
local cjson = require "cjson"
local ltn12 = require "ltn12"
local http = require "socket.http"
local socket = require "socket"
local rounds = require "rounds"

-- A socket for http.request: those of copas.wrap have no connect in Debian's copas.
local function create()
  local tcp = assert(socket.tcp())
  return {
    settimeout = function() return 1 end,
    connect = function(_, ...) return copas.connect(tcp, ...) end,
    send = function(_, ...) return copas.send(tcp, ...) end,
    receive = function(_, ...) return copas.receive(tcp, ...) end,
    close = function() return tcp:close() end,
  }
end


local function call(id)
  local body = {}
  local _, status = http.request {
    url = url .. "/api/content/payments/sessions/order/" .. id,
    headers = { ["x-app-token"] = "app", authorization = "Bearer token" },
    sink = ltn12.sink.table(body),
    create = copas and create,
  }
  if status ~= 200 or cjson.decode(table.concat(body))[3].orderId ~= id then
    io.stderr:write(tostring(status), "\n")
    os.exit(1)
  end
end

rounds(function()
  local done = 0
  for i = 1, tonumber(calls) do
    if copas then
      copas.addthread(function()
        call(i)
        done = done + 1
      end)
    else
      call(i)
      done = done + 1
    end
  end
  while copas and done < tonumber(calls) do copas.step(1) end -- Debian's copas.loop() has no end
  assert(done == tonumber(calls))
end)
