-- The soak's server: HTTP/1.1 in one process. How a request is answered is the marker in its path, or of an id the
-- fault at that place in the list faults.lua; DELETE takes its turn through them. Prints its port; ends when stdin does.
local directory = arg[0]:match "^(.*)soak/server%.lua$"
package.path = directory .. "?.lua;" .. package.path

local cqueues = require "cqueues"
local socket = require "cqueues.socket"
local errno = require "cqueues.errno"
local luasocket = require "socket"
local order = require "soak.faults"

local loop = cqueues.new()
local generations = {} -- how often the user of a refresh token has refreshed
local deleted = 0

local function response(status, body, headers)
  return ("HTTP/1.1 %d Status\r\ncontent-length: %d\r\n%s\r\n%s"):format(status, #body, headers or "", body)
end

local ok = response(200, '{"id":116,"status":"completed","attributeValues":{"n":{"type":"integer","value":"7"}},' ..
  '"formData":[{"marker":"a","value":"b"}],"orderId":9007199254740993,"items":[],"total":0}')
local denied = response(401, '{"statusCode":401,"message":"Unauthorized"}')

-- Each fault sends something, and ends the connection or leaves it open.
local faults = {
  ok = function() return ok end,
  bad = function() return response(400, '{"statusCode":400,"message":["a is wrong","b is missing"]}') end,
  missing = function() return response(404, '{"statusCode":404,"message":"Not found"}') end,
  broken = function() return response(500, '{"message":"Internal"}') end,
  html = function() return response(200, "<html><body>maintenance</body></html>") end,
  gateway = function() return response(502, "<html><body>502</body></html>", "content-type: text/html\r\n") end,
  redirect = function() return response(302, "", "location: http://elsewhere.test/\r\n") end,
  large = function() return response(200, '{"x":"' .. ("x"):rep(70000) .. '"}') end,
  cut = function() return ok:sub(1, -20), "close" end,
  hangup = function() return nil, "close" end,
  reset = function() return nil, "reset" end,
  expired = function(head) return head:find("authorization: Bearer fresh", 1, true) and ok or denied end,
}

-- Refresh tokens are "user.number". Those of good users are each good for one use; the others' answers are useless.
local function refresh(body)
  local user, number = body:match '"refreshToken":"(%w+)%.(%d+)"'
  number = tonumber(number)
  if user:find "^bad" then return response(201, '{"accessToken":"a\\r\\nb"}') end
  if number ~= (generations[user] or 0) then return response(400, '{"message":"spent"}') end
  generations[user] = number + 1
  return response(201, ('{"accessToken":"fresh.%d","refreshToken":"%s.%d"}'):format(number, user, number + 1))
end

local function answer(head, body)
  local method, path = head:match "^(%u+) (%S+)"
  if path:find "/users/refresh$" then return refresh(body) end
  local fault, id = path:match "/orders%-storage/marker/(%w+)/", path:match "/sessions/(%d+)$"
  if method == "DELETE" then
    deleted = deleted + 1
    id = deleted
  end
  return faults[fault or order[tonumber(id) % #order + 1]](head)
end

local function set_option(connection, name, value)
  local handle = luasocket.tcp()
  handle:setfd(connection:pollfd())
  handle:setoption(name, value)
  handle:setfd(-1)
end

-- Returns the next request's head and body, and the bytes after them; nil when the peer is gone.
local function receive(connection, buffer)
  while true do
    local _, last = buffer:find("\r\n\r\n", 1, true)
    local length = last and tonumber(buffer:sub(1, last):lower():match "content%-length: (%d+)" or 0)
    if last and #buffer >= last + length then
      return buffer:sub(1, last), buffer:sub(last + 1, last + length), buffer:sub(last + length + 1)
    end
    local bytes, code = connection:recv(-65536)
    if bytes then
      buffer = buffer .. bytes
    elseif code == errno.EAGAIN then
      cqueues.poll(connection)
    else
      return nil
    end
  end
end

local function serve(connection)
  connection:setmode("b", "bf")
  connection:onerror(function(_, _, code) return code end)
  set_option(connection, "tcp-nodelay", true)
  local head, body, rest = receive(connection, "")
  while head do
    local bytes, ending = answer(head, body)
    if bytes then
      connection:write(bytes)
      connection:flush()
    end
    if ending == "reset" then set_option(connection, "linger", { on = true, timeout = 0 }) end
    if ending then break end
    head, body, rest = receive(connection, rest)
  end
  connection:close()
end

local listener = assert(socket.listen({ host = "127.0.0.1", port = 0 }))
assert(listener:listen())
loop:wrap(function()
  while true do
    local connection = assert(listener:accept())
    loop:wrap(function() serve(connection) end)
  end
end)
loop:wrap(function()
  cqueues.poll({ pollfd = 0, events = "r" })
  os.exit(0)
end)
local _, _, port = listener:localname()
io.stdout:write(port, "\n")
io.stdout:flush()
assert(loop:loop())
