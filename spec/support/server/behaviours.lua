-- The scripted server's ways to treat a connection. A step of a script is a table whose first element
-- names a function here; the function gets the connection and the step. It runs when the first byte of a
-- request has arrived, with nothing read yet, or as soon as a connection is accepted for `at = "accept"`
-- (before a TLS handshake). A behaviour that returns with the connection open leaves it to the next step.
--
-- They read as much of the request as `read` says: nil = all of it, "head", "some" (the bytes that are there, waiting for the first
-- one), "nothing". Answers end with `close = true` (over TLS with a close_notify), `reset = true` (an RST),
-- `cut = true` (a FIN, over TLS without a close_notify) or `drain = true` (stays until the client goes).
local cqueues = require "cqueues"
local errno = require "cqueues.errno"
local socket = require "cqueues.socket"

local behaviours = {}

local reasons = { [200] = "OK", [201] = "Created", [204] = "No Content" }

-- An HTTP/1.1 response as text. content-length is added unless the step's headers have a framing of
-- their own or the status forbids a body. Header values may be lists.
function behaviours.response(step)
  local status, body = step.status or 200, step.body or ""
  local out = { ("HTTP/1.1 %d %s\r\n"):format(status, step.reason or reasons[status] or "Status") }
  local framed = status == 204 or status == 304
  for name, value in pairs(step.headers or {}) do
    local lower = name:lower()
    framed = framed or lower == "content-length" or lower == "transfer-encoding"
    for _, one in ipairs(type(value) == "table" and value or { value }) do
      out[#out + 1] = name .. ": " .. one .. "\r\n"
    end
  end
  if not framed then out[#out + 1] = ("content-length: %d\r\n"):format(#body) end
  out[#out + 1] = "\r\n"
  out[#out + 1] = body
  return table.concat(out)
end

-- False when the client went before that much had come.
local function read(connection, step)
  if step.read == "nothing" then return true end
  if step.read == "some" then return connection.buffer ~= "" or connection:fill() end
  if step.read == "head" then return connection:receive_head() ~= nil end
  return connection:receive() ~= nil
end

local function finish(connection, step)
  if step.close then
    connection:close()
  elseif step.reset then
    connection:reset()
  elseif step.drain then
    connection:drain()
  end
end

-- { "answer", status =, headers =, body =, close = true }: one request, one response.
function behaviours.answer(connection, step)
  if read(connection, step) then connection:write(behaviours.response(step)) end
  finish(connection, step)
end

-- { "reply", bytes = }: one request, then literally these bytes; or `pieces = { ... }`, each a packet (a TLS record) of its own.
function behaviours.reply(connection, step)
  if read(connection, step) then
    for _, piece in ipairs(step.pieces or { step.bytes }) do connection:write(piece) end
  end
  finish(connection, step)
end

-- { "flood", bytes =, piece =, interval = seconds or nil }: one request, then `bytes`, then `piece` again and again, until the
-- client goes; after `limit` bytes the server gives up.
function behaviours.flood(connection, step)
  if not (read(connection, step) and connection:write(step.bytes)) then return end
  for _ = 1, (step.limit or 256 * 1024 * 1024) / #step.piece do
    if not connection:write(step.piece) then break end
    if step.interval then connection:sleep(step.interval) end
  end
  connection:close()
end

-- { "send", bytes = }: bytes without a request (a greeting, an unsolicited answer, garbage).
function behaviours.send(connection, step)
  connection:write(step.bytes)
  finish(connection, step)
end

-- { "hangup", read = }: closes.
function behaviours.hangup(connection, step)
  read(connection, step)
  connection:close()
end

-- { "reset", read = }: the same with an RST.
function behaviours.reset(connection, step)
  read(connection, step)
  connection:reset()
end

-- { "partial", bytes = n, ... }: a response cut after n bytes (-n: before the last n - 1); `reset = true` ends it with an RST.
function behaviours.partial(connection, step)
  if connection:receive() then connection:write(behaviours.response(step):sub(1, step.bytes)) end
  if step.reset then connection:reset() else connection:close() end
end

-- { "swallow", bytes = n or nil, ... }: a request whose body is thrown away as it comes, then a response whose body tells as size how
-- many bytes came; after n bytes of the body it resets the connection instead.
function behaviours.swallow(connection, step)
  local request = connection:receive_head()
  local size = request and tonumber(request.headers["content-length"]) or 0
  local most, count = step.bytes or size, #connection.buffer
  while count < most do
    connection.buffer = ""
    connection:forget()
    if not connection:fill() then return end
    count = count + #connection.buffer
  end
  connection.buffer = ""
  if step.bytes then return connection:reset() end
  connection:write(behaviours.response { status = 201, body = ('[{"filename":"a","downloadLink":"b","size":%d}]'):format(count) })
end

-- { "drip", interval = seconds, piece = bytes, ... }: a response, or the bytes `raw`, in small pieces.
function behaviours.drip(connection, step)
  if not read(connection, step) then return end
  local bytes, piece = step.raw or behaviours.response(step), step.piece or 1
  for first = 1, #bytes, piece do
    if not connection:write(bytes:sub(first, first + piece - 1)) then return end
    connection:sleep(step.interval)
  end
end

-- { "delay", seconds =, ... }: a response after a while.
function behaviours.delay(connection, step)
  if not connection:receive() then return end
  connection:sleep(step.seconds)
  connection:write(behaviours.response(step))
end

-- { "echo", seconds =, but = { ["7"] = { status =, body =, headers =, seconds =, behaviour = "hangup" } } }: a response that
-- tells the last segment of the path as id, and the token of the request; other responses, or behaviours, to some ids,
-- or to requests whose query has such an id.
-- `refuse`: a token that gets a 401. The request's record tells when it was `answered`.
function behaviours.echo(connection, step)
  local request = connection:receive()
  if not request then return end
  local id = request.path:match("^[^?]*/([^/?]+)/?%??")
  local asked = request.path:match("[?&]id=(%d+)")
  local own = step.but and (asked and step.but[asked] or step.but[id]) or step
  if own.seconds then connection:sleep(own.seconds) end
  if own.behaviour then return behaviours[own.behaviour](connection, { read = "nothing" }) end
  local token = (request.headers.authorization or ""):match("^Bearer (.*)$")
  request.answered = cqueues.monotime()
  connection:write(behaviours.response {
    status = token and token == step.refuse and 401 or own.status, headers = own.headers,
    body = own.body or ('{"id":%s,"token":"%s"}'):format(tonumber(id) or '"' .. id .. '"', token or ""),
  })
end

-- { "list", count =, cap =, total =, plain = true, ignore = true, seconds =, fail = { [offset] = step } }: the items of a list of
-- `count`, { id = 1 }..., from the query's offset on (`ignore`: from the first), at most its limit and `cap`; `total` instead of the
-- true one. `fail`: other responses, or behaviours, at some offsets.
function behaviours.list(connection, step)
  local request = connection:receive()
  if not request then return end
  local offset = tonumber(request.path:match "[?&]offset=(%d+)") or 0
  local limit = tonumber(request.path:match "[?&]limit=(%d+)") or 30
  local own = step.fail and step.fail[offset] or {}
  if own.seconds or step.seconds then connection:sleep(own.seconds or step.seconds) end
  if own.behaviour then return behaviours[own.behaviour](connection, { read = "nothing" }) end
  local items = {}
  local first = step.ignore and 0 or offset
  for id = first + 1, math.min(first + limit, first + (step.cap or limit), step.count) do
    items[#items + 1] = ('{"id":%d,"identifier":"item-%d"}'):format(id, id)
  end
  local list = "[" .. table.concat(items, ",") .. "]"
  connection:write(behaviours.response {
    status = own.status, headers = own.headers,
    body = own.body or step.plain and list or ('{"items":%s,"total":%s}'):format(list, step.total or step.count),
  })
end

-- { "ids", gone = { ["7"] = true }, fail = { ["7"] = step } }: the items of the query's ids, from the least on, once each, without
-- those that are gone; another response, or behaviour, where one of them is in `fail`.
function behaviours.ids(connection, step)
  local request = connection:receive()
  if not request then return end
  local ids, seen = {}, {}
  for id in (request.path:match "[?&]ids=([^&]*)" or ""):gsub("%%2[Cc]", ","):gmatch "%d+" do
    local own = step.fail and step.fail[id]
    if own and own.behaviour then return behaviours[own.behaviour](connection, { read = "nothing" }) end
    if own then return connection:write(behaviours.response(own)) end
    if not seen[id] and not (step.gone and step.gone[id]) then ids[#ids + 1] = tonumber(id) end
    seen[id] = true
  end
  table.sort(ids)
  for i, id in ipairs(ids) do ids[i] = ('{"id":%d,"position":%d}'):format(id, i) end
  connection:write(behaviours.response { body = "[" .. table.concat(ids, ",") .. "]" })
end

-- { "silence", read = }: never answers; ends when the client does.
function behaviours.silence(connection, step)
  read(connection, step)
  connection:drain()
end

-- { "stall", seconds = }: reads nothing for that long, so that a large request does not get through; then ends.
function behaviours.stall(connection, step)
  connection:sleep(step.seconds)
  connection:close()
end

-- { "tunnel", port =, bytes = }: answers a CONNECT with these bytes, and carries all further bytes to that port of this
-- machine and back.
function behaviours.tunnel(connection, step)
  local far = socket.connect({ host = "127.0.0.1", port = step.port })
  far:setmode("bn", "bn")
  far:onerror(function(_, _, code) return code end)
  if not (connection:receive() and connection:write(step.bytes)) then return end
  local ended
  cqueues.running():wrap(function()
    repeat
      local bytes, code = far:recv(-65536)
      if bytes then
        connection:write(bytes)
      elseif code == errno.EAGAIN then
        cqueues.poll(far)
      end
    until not bytes and code ~= errno.EAGAIN
    ended = true
    far:close()
    if connection.open then connection:shutdown() end
  end)
  while connection:fill() and not ended do
    far:write(connection.buffer)
    far:flush()
    connection.buffer = ""
  end
  if not ended then far:shutdown("w") end
end

-- { "close" }, { "shutdown" }: at once, whatever has arrived.
function behaviours.close(connection)
  connection:close()
end

function behaviours.shutdown(connection)
  connection:shutdown()
end

return behaviours
