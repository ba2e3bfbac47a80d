-- HTTP/1.1 clients that keep their connections, for soak.lua: many at once, each answer compared with what it must be.
--
--   local client = soak_client.new(port, 64)
--   client:run(1000, meanwhile)   -- requests; meanwhile() runs beside them, in the same event loop
--   client:collect()              -- /collect on every connection
--   client.count                  -- answered, wrong, lost, refused, cut
--   client.slowest                -- seconds until an answer began
--
-- nginx closes idle connections when it reloads. A request that meets such a close was not looked at: not a byte comes
-- back on a connection that has answered before. It is sent once more on a new connection ("refused"). So is a request
-- that a worker under TERM had at hand ("cut"): client.terminated names such workers.
local cqueues = require "cqueues"
local errno = require "cqueues.errno"
local socket = require "cqueues.socket"

local USERS, REQUESTS = 997, 400 -- requests over one connection

local client = {}
client.__index = client

function client.new(port, connections)
  local self = setmetatable({ port = port, pool = {}, sent = 0, slowest = 0, terminated = {}, requests = {} }, client)
  for i = 1, connections do self.pool[i] = false end
  self.count = { answered = 0, wrong = 0, lost = 0, refused = 0, cut = 0 }
  return self
end

local function connect(port)
  local peer = socket.connect { host = "127.0.0.1", port = port }
  peer:setmode("b", "bn")
  peer:settimeout(30)
  peer:onerror(function(_, _, code) return code end) -- no exceptions
  return { peer = peer, answered = 0 }
end

-- status and body; nil and whether the server closed the connection before a byte of an answer.
local function exchange(connection, path, user)
  local peer, start = connection.peer, cqueues.monotime()
  peer:write(("GET %s HTTP/1.1\r\nhost: soak\r\nx-user: %s\r\n\r\n"):format(path, user))
  local line, failure = peer:read("*l")
  connection.seconds = cqueues.monotime() - start
  if not line then return nil, failure ~= errno.ETIMEDOUT end
  local status = tonumber(line:match("^HTTP/1%.1 (%d+)"))
  local headers = {}
  repeat
    line = peer:read("*l")
    local name, value = (line or ""):match("^([^:]+): *(.-)\r?$")
    if name then headers[name:lower()] = value end
  until not line or line == "\r"
  local size = tonumber(headers["content-length"] or "")
  local body = line and size and peer:read(size)
  if not body or #body ~= size then return nil, false end
  connection.answered = connection.answered + 1
  connection.worker = headers["x-worker"]
  connection.ends = headers.connection == "close"
  return status, body
end

function client:drop(place)
  if self.pool[place] then self.pool[place].peer:close() end
  self.pool[place] = false
end

-- Returns why a request without an answer may be repeated: "refused", "cut", or nil.
function client:excuse(connection, closed)
  if not closed then return nil end
  local cut = connection.suspect
  if connection.worker then cut = self.terminated[connection.worker] end
  if cut then return "cut" end
  return connection.answered > 0 and "refused" or nil
end

-- status and body, or nil. The connection at `place` of the pool is used, or a new one.
function client:get(place, path, user)
  for attempt = 1, 3 do
    local connection = self.pool[place] or connect(self.port)
    connection.suspect = connection.suspect or self.terminating
    self.pool[place] = connection
    local status, body = exchange(connection, path, user)
    if status then
      self.slowest = math.max(self.slowest, connection.seconds)
      if connection.ends or connection.answered >= REQUESTS + place then self:drop(place) end
      self.requests[connection.worker] = (self.requests[connection.worker] or 0) + 1
      return status, body
    end
    local excuse = attempt < 3 and self:excuse(connection, body)
    self:drop(place)
    if not excuse then return nil end
    self.count[excuse] = self.count[excuse] + 1
  end
end

-- A worker will be terminated. Its connections may be those of unknown workers, and those that are opened until `terminating`
-- is false again.
function client:terminate(pid)
  self.terminated[pid], self.terminating = true, true
  for _, connection in ipairs(self.pool) do
    if connection then connection.suspect = true end
  end
end

function client:ask(place, id)
  local user = ("user-%d"):format(id * 7919 % USERS)
  local status, body = self:get(place, "/order/" .. id, user .. "-" .. id)
  local wanted = ("%d %s-%d"):format(id, user, id)
  local outcome = status == nil and "lost" or status ~= 200 and "lost" or body == wanted and "answered" or "wrong"
  self.count[outcome] = self.count[outcome] + 1
  if outcome ~= "answered" and not self.example then
    self.example = ("%s: %s %s instead of %s"):format(outcome, tostring(status), tostring(body), wanted)
  end
end

function client:run(n, meanwhile)
  local loop, last = cqueues.new(), self.sent + n
  for place = 1, #self.pool do
    loop:wrap(function()
      while self.sent < last do
        self.sent = self.sent + 1
        self:ask(place, self.sent)
      end
    end)
  end
  if meanwhile then loop:wrap(meanwhile) end
  assert(loop:loop())
end

function client:collect()
  local loop = cqueues.new()
  for place = 1, #self.pool do
    loop:wrap(function() assert(self:get(place, "/collect", "") == 200, "/collect failed") end)
  end
  assert(loop:loop())
end

return client
