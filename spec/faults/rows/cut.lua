-- Answers that end too early: after n bytes of status line, headers or body, for each way to frame a body.
local rude_end = require "faults.rude_end"

local rows = {}

local body = '{"id":116,"total":"400.00"}'

local framings = {
  length = ("HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"):format(#body, body),
  chunked = ("HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"):format(
    #body, body),
  ["close-delimited"] = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n" .. body,
}

local function head_of(text) return #text:match("^.-\r\n\r\n") end

-- Name and number of bytes that arrive; the second list is for bodies.
local function cuts(text)
  local head = head_of(text)
  return {
    { "1 byte of the status line", 1 }, { "half the status line", 10 }, { "the status line", 22 },
    { "half a header", 30 }, { "a header", 54 }, { "all headers but the last byte", head - 1 },
  }, { { "half the body", head + 15 }, { "all but the body's last byte", head + #body - 1 } }
end

local function add(framing, where, bytes, ending, code)
  rows[#rows + 1] = {
    name = ("%s answer, %s after %s"):format(framing, ending == "close" and "closed" or "reset", where),
    over = { "http", "https" }, reuse = bytes > 20 and "both" or nil,
    step = { "reply", bytes = framings[framing]:sub(1, bytes), [ending] = true }, code = code,
  }
end

for _, framing in ipairs({ "length", "chunked", "close-delimited" }) do
  local text = framings[framing]
  local in_head, in_body = cuts(text)
  for _, ending in ipairs({ "close", "reset" }) do
    if framing == "length" then
      for _, cut in ipairs(in_head) do add(framing, cut[1], cut[2], ending, { "network", "invalid_response" }) end
    end
    local undetected = framing == "close-delimited" and ending == "close"
    for _, cut in ipairs(in_body) do add(framing, cut[1], cut[2], ending, undetected and "invalid_response" or "network") end
    if undetected then rude_end(rows, #rows - #in_body + 1) end
    if not undetected then add(framing, "the head", head_of(text), ending, "network") end
  end
end

local head = head_of(framings.chunked)
for _, ending in ipairs({ "close", "reset" }) do
  add("chunked", "half a chunk's size", head + 1, ending, "network")
  add("chunked", "a chunk, before its line end", head + 4 + #body, ending, "network")
  add("chunked", "the chunks, without the last one", head + 6 + #body, ending, "network")
  add("chunked", "the last chunk's size", head + 7 + #body, ending, "network")
end

local both = { "http", "https" }

-- Nothing tells an empty or numeric body that the end of the connection delimits from one that was cut.
rows[#rows + 1] = { name = "close-delimited answer, closed after the head", over = both,
  step = { "reply", bytes = framings["close-delimited"]:sub(1, head_of(framings["close-delimited"])), close = true }, code = "network" }
rows[#rows + 1] = { name = "close-delimited answer, closed within a number", over = both,
  step = { "reply", bytes = "HTTP/1.1 200 OK\r\n\r\n11", close = true }, code = { "network", "invalid_response" } }
rows[#rows + 1] = { name = "close-delimited answer, whole", over = both,
  step = { "reply", bytes = framings["close-delimited"], close = true }, value = { id = 116, total = "400.00" } }
rude_end(rows, #rows, 201)
rows[#rows + 1] = { name = "no status line, closed", over = both, step = { "reply", bytes = "\r\n\r\n", close = true },
  code = { "network", "invalid_response" } }
rows[#rows + 1] = { name = "interim answer, then closed", over = both,
  step = { "reply", bytes = "HTTP/1.1 100 Continue\r\n\r\n", close = true }, code = "network", status = false }
for name, text in pairs({ ["204"] = "HTTP/1.1 204 No Content\r\nx-a: b\r\n",
  ["an empty answer"] = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n" }) do
  rows[#rows + 1] = { name = name .. ", closed before the end of its head", over = both, step = { "reply", bytes = text, close = true },
    code = "network", status = false }
end
-- The status of a head that never ended is none.
for name, ending in pairs({ closed = "close", reset = "reset" }) do
  rows[#rows + 1] = { name = name .. " within its head, no status is the answer's", over = both, code = "network", status = false,
    step = { "reply", bytes = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n", [ending] = true } }
end
rows[#rows + 1] = { name = "a cut error page is still its status", over = both,
  step = { "partial", status = 500, body = ("x"):rep(100), bytes = -50 }, code = "http", status = 500 }
rows[#rows + 1] = { name = "a cut answer is repeated by a read", verbs = { "GET" }, config = { maxRetries = 1 }, over = both,
  step = { "partial", body = body, bytes = -5 }, value = {}, requests = 2 }
rows[#rows + 1] = { name = "a cut answer is not repeated by a write", verbs = { "POST", "PUT", "DELETE" }, config = { maxRetries = 3 },
  over = both, reuse = "both", step = { "partial", status = 201, body = body, bytes = -5 }, code = "network" }

return rows
