-- One accepted connection of the scripted server, as the behaviours see it: read a request, write bytes,
-- end it in one of several ways. Runs inside a cqueues coroutine; every wait yields.
local cqueues = require "cqueues"
local condition = require "cqueues.condition"
local errno = require "cqueues.errno"
local luasocket = require "socket"

local connection = {}
connection.__index = connection

connection.activity = 0 -- counts what has happened on any connection

-- The spec sees `record` of this connection; finished requests join the list `requests`.
function connection.new(socket, record, requests)
  socket:setmode("b", "bn")
  socket:onerror(function(_, _, code) return code end)
  local self = { socket = socket, record = record, requests = requests, buffer = "", seen = "", open = true }
  self.wake = condition.new()
  return setmetatable(self, connection)
end

function connection:append(bytes)
  self.buffer = self.buffer .. bytes
  self.seen = self.seen .. bytes
  self.record.received = self.record.received + #bytes
end

-- The requests whose head has arrived since forget(), whatever became of them: { { method, path, cookie, connection } }.
function connection:heads()
  local list = {}
  for method, path, rest in self.seen:gmatch("(%u+) (%S+) HTTP/1%.1(\r\n.-\r\n)\r\n") do
    list[#list + 1] = { method = method, path = path, cookie = rest:lower():match("\r\n(cookie:[^\r]*)"), connection = self.record.id }
  end
  return list
end

function connection:forget()
  self.seen = ""
end

-- Waits for more bytes. False when the peer has closed or reset.
function connection:fill()
  local bytes, code = self.socket:recv(-65536)
  while not bytes and code == errno.EAGAIN do
    cqueues.poll(self.socket)
    bytes, code = self.socket:recv(-65536)
  end
  connection.activity = connection.activity + 1
  if not bytes then
    self.record.peerClosed = true
    return false
  end
  self:append(bytes)
  return true
end

-- Waits between two requests: true when bytes are there, false when the peer has closed. Meanwhile it
-- plays what `assign` hands over, as only this coroutine may touch the socket.
function connection:idle(play)
  if self.record.peerClosed then return false end -- the rest of its bytes is no request
  while self.open and self.buffer == "" do
    if self.assigned then
      local step = self.assigned
      play(self, step)
      self.assigned = nil
      self.wake:signal()
    else
      local bytes, code = self.socket:recv(-65536)
      if bytes then
        self:append(bytes)
      elseif code == errno.EAGAIN then
        cqueues.poll(self.socket, self.wake)
      else
        self.record.peerClosed = true
        return false
      end
    end
  end
  connection.activity = connection.activity + 1
  return self.open
end

-- From another coroutine: has an idle connection play a step, and waits until it has. False when that
-- step itself waits for the client, which cannot come while the spec waits.
function connection:assign(step)
  self.assigned = step
  self.wake:signal()
  local deadline = cqueues.monotime() + 5
  while self.assigned and cqueues.monotime() < deadline do
    self.wake:wait(deadline - cqueues.monotime())
  end
  return not self.assigned
end

-- Waits until the buffer matches the pattern; its captures, or nil when the peer closed first.
function connection:until_match(pattern)
  while not self.buffer:find(pattern) do
    if not self:fill() then return nil end
  end
  return self.buffer:match(pattern)
end

function connection:take(count)
  while #self.buffer < count do
    if not self:fill() then return nil end
  end
  local bytes = self.buffer:sub(1, count)
  self.buffer = self.buffer:sub(count + 1)
  return bytes
end

local function parse_head(raw)
  local request = { headers = {}, names = {}, raw = raw }
  request.method, request.path, request.version = raw:match("^(%S+) (%S+) (%S+)\r\n")
  for name, value in raw:gmatch("\r\n([^:\r\n]+):[ \t]*([^\r\n]*)") do
    local key = name:lower()
    request.names[#request.names + 1] = key
    request.headers[key] = request.headers[key] and request.headers[key] .. ", " .. value or value
  end
  return request
end

-- The request line and headers of the next request, not recorded; nil when the peer closed first.
function connection:receive_head()
  local head = self:until_match("^(.-\r\n\r\n)")
  if not head then return nil end
  self:take(#head)
  return parse_head(head)
end

function connection:receive_chunked(request)
  local body = {}
  repeat
    local line = self:until_match("^(%x+[^\n]*\r\n)")
    local size = line and tonumber(line:match("^%x+"), 16)
    local chunk = line and self:take(#line) and self:take(size + 2)
    if not chunk then return nil end
    request.raw = request.raw .. line .. chunk
    body[#body + 1] = chunk:sub(1, -3)
  until size == 0
  return table.concat(body)
end

-- Reads one request whole and records it; nil when the peer closed before its end.
function connection:receive()
  local request = self:receive_head()
  if not request then return nil end
  if (request.headers["transfer-encoding"] or ""):lower():find("chunked") then
    request.body = self:receive_chunked(request)
  else
    request.body = self:take(tonumber(request.headers["content-length"]) or 0)
    request.raw = request.body and request.raw .. request.body
  end
  if not request.body then return nil end
  self.record.requests = self.record.requests + 1
  request.connection, request.number = self.record.id, self.record.requests
  request.at = cqueues.monotime()
  self.requests[#self.requests + 1] = request
  return request
end

-- False when the peer is gone.
function connection:write(bytes)
  return self.open and self.socket:write(bytes) ~= nil and self.socket:flush() ~= nil
end

function connection:sleep(seconds)
  cqueues.sleep(seconds)
end

-- Reads and drops everything until the peer closes.
function connection:drain()
  while self:fill() do self.buffer = "" end
end

-- Ends the sending direction only.
function connection:shutdown()
  self.socket:shutdown("w")
end

function connection:close()
  if not self.open then return end
  self.open = false
  self.record.closed = true
  self.record.unread = #self.buffer
  self.socket:close()
end

-- Closes with an RST.
function connection:reset()
  if not self.open then return end
  local handle = luasocket.tcp()
  handle:setfd(self.socket:pollfd())
  handle:setoption("linger", { on = true, timeout = 0 })
  handle:setfd(-1)
  self:close()
end

return connection
