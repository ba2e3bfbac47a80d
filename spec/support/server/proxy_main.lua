-- A TCP proxy in a process of its own: each connection goes to the next of the ports, in turn. Prints the port it listens
-- on. Usage: proxy_main.lua PORT...
local cqueues = require "cqueues"
local errno = require "cqueues.errno"
local socket = require "cqueues.socket"

local ports, count = { ... }, 0
local loop = cqueues.new()

-- Returns the bytes that have come, as soon as there are some; nil at the end.
local function receive(from)
  local bytes, code = from:recv(-65536)
  while not bytes and code == errno.EAGAIN do
    cqueues.poll { pollfd = from:pollfd(), events = "r" }
    bytes, code = from:recv(-65536)
  end
  return bytes
end

local function copy(from, to)
  local bytes = receive(from) -- Lua 5.1 cannot yield in the iterator of a for loop
  while bytes and to:write(bytes) and to:flush() do bytes = receive(from) end
  to:shutdown("w")
end

local function serve(client)
  count = count + 1
  local target = socket.connect("127.0.0.1", tonumber(ports[(count - 1) % #ports + 1]))
  assert(target:connect(5))
  for _, one in ipairs { client, target } do
    one:setmode("b", "bn")
    one:onerror(function(_, _, code) return code end)
  end
  loop:wrap(function()
    copy(target, client)
    client:close()
  end)
  copy(client, target)
end

local listener = assert(socket.listen { host = "127.0.0.1", port = 0 })
assert(listener:listen())
loop:wrap(function()
  while true do
    local client = assert(listener:accept())
    loop:wrap(function() serve(client) end)
  end
end)
loop:wrap(function()
  cqueues.poll { pollfd = 0, events = "r" }
  os.exit(0)
end)
io.stdout:write((select(3, listener:localname())), "\n")
io.stdout:flush()
while true do
  local ok, reason = loop:loop()
  if not ok then io.stderr:write(tostring(reason), "\n") end
end
