-- What the scripted server can do with a connection. A step of a script is a table whose first element
-- names a function here; the function gets the connection and the step. It runs when the first byte of a
-- request has arrived, with nothing read yet, or as soon as a connection is accepted for `at = "accept"`
-- (before a TLS handshake). A behaviour that returns with the connection open leaves it to the next step.
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

-- { "answer", status =, headers =, body =, close = true }: one request, one response.
function behaviours.answer(connection, step)
  if connection:receive() then connection:write(behaviours.response(step)) end
  if step.close then connection:close() end
end

-- { "reply", bytes = }: one request, then literally these bytes; `close = true` ends the connection.
function behaviours.reply(connection, step)
  if connection:receive() then connection:write(step.bytes) end
  if step.close then connection:close() end
end

-- { "send", bytes = }: bytes without a request (a greeting, an unsolicited answer, garbage).
function behaviours.send(connection, step)
  connection:write(step.bytes)
  if step.close then connection:close() end
end

-- { "hangup", read = "nothing" | "head" | nil }: reads that much (nil: a whole request) and closes.
function behaviours.hangup(connection, step)
  if step.read == "head" then
    connection:receive_head()
  elseif step.read ~= "nothing" then
    connection:receive()
  end
  connection:close()
end

-- { "reset", read = "nothing" | nil }: the same with an RST.
function behaviours.reset(connection, step)
  if step.read ~= "nothing" then connection:receive() end
  connection:reset()
end

-- { "partial", bytes = n, ... }: a response cut after n bytes (-n: before the last n - 1); `reset = true` ends it with an RST.
function behaviours.partial(connection, step)
  if connection:receive() then connection:write(behaviours.response(step):sub(1, step.bytes)) end
  if step.reset then connection:reset() else connection:close() end
end

-- { "drip", interval = seconds, piece = bytes, ... }: a response in small pieces.
function behaviours.drip(connection, step)
  if not connection:receive() then return end
  local bytes, piece = behaviours.response(step), step.piece or 1
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

-- { "silence", read = "nothing" | nil }: never answers; ends when the client does.
function behaviours.silence(connection, step)
  if step.read ~= "nothing" then connection:receive() end
  connection:drain()
end

-- { "close" }, { "shutdown" }: at once, whatever has arrived.
function behaviours.close(connection)
  connection:close()
end

function behaviours.shutdown(connection)
  connection:shutdown()
end

return behaviours
