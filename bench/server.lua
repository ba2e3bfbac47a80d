-- usage: server.lua TRAFFIC
-- Answers the recorded requests with the recorded bytes, over keep-alive connections. Prints its url, ends with its stdin.
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

-- As on a network, no answer is there before the client waits for it: whether it waits would be chance otherwise.
local LATENCY = 0.002 -- seconds

local answers = {}
local traffic = dofile(arg[1])
for _, exchanges in pairs(traffic) do
  for _, exchange in ipairs(type(exchanges) == "table" and exchanges or {}) do
    answers[exchange.method .. " " .. exchange.path] = exchange.answer
  end
end

local function serve(connection)
  connection:setmode("b", "bf")
  for line in connection:lines("*l") do
    local request = line:match("^(%S+ %S+) HTTP/1%.1\r$")
    local length = 0
    for field in connection:lines("*l") do
      if field == "\r" then break end
      length = tonumber(field:lower():match("^content%-length: *(%d+)\r$")) or length
    end
    if length > 0 then connection:read(length) end
    cqueues.sleep(LATENCY)
    connection:write(answers[request] or "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
    connection:flush()
  end
  connection:close()
end

local loop = cqueues.new()
local listener = assert(socket.listen { host = "127.0.0.1", port = 0 })
assert(listener:listen())
local _, _, port = listener:localname()
local running = true
loop:wrap(function()
  while true do loop:wrap(serve, assert(listener:accept { nodelay = true })) end
end)
loop:wrap(function()
  local input = socket.fdopen(0)
  while input:read(1) do end
  running = false
end)

print("http://127.0.0.1:" .. port)
io.stdout:flush()
while running do assert(loop:step()) end
