-- Slow servers: the deadline holds at every stage.
local both = { "http", "https" }
local brief, less_brief = { timeout = 0.2 }, { timeout = 0.4 } -- a handshake, too, has to be over by then

local function row(name, step, over, requests)
  local sent = requests ~= 0
  return { name = name, step = step, over = over or { "http" }, config = over and less_brief or brief,
    code = "timeout", sent = sent, requests = requests,
    verbs = { "POST" } }
end

local rows = {
  row("the handshake stalls", { "silence", at = "accept", read = "nothing" }, { "https" }, 0),
  row("the handshake stalls after the client's hello", { "silence", at = "accept", read = "some" }, { "https" }, 0),
  row("the server's hello trickles", { "drip", at = "accept", read = "some", raw = "\22\3\3\0\122\2\0\0\118\3\3" .. ("\1"):rep(100),
    interval = 0.03 },
    { "https" }, 0),
  row("no answer", { "silence" }, both),
  row("an answer that comes too late", { "delay", seconds = 0.5, body = "{}" }),
  row("a trickling status line", { "drip", body = "{}", interval = 0.03 }, both),
  row("trickling headers", { "flood", bytes = "HTTP/1.1 200 OK\r\n", piece = "x-a: b\r\n", interval = 0.03 }, both),
  row("a header line that trickles", { "flood", bytes = "HTTP/1.1 200 OK\r\nx-a: ", piece = "b", interval = 0.02 }),
  row("a trickling body", { "flood", bytes = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", piece = "1", interval = 0.03 }, both),
  row("a trickling body without an end", { "flood", bytes = "HTTP/1.1 200 OK\r\n\r\n", piece = "1", interval = 0.03 }),
  row("trickling chunks", { "flood", bytes = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", piece = "1\r\n1\r\n",
    interval = 0.03 },
    both),
  row("a chunk size that trickles", { "flood", bytes = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", piece = "0",
    interval = 0.02 }),
  row("trickling trailers", { "flood", bytes = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n", piece = "x: y\r\n",
    interval = 0.03 }),
  row("trickling interim answers", { "flood", bytes = "", piece = "HTTP/1.1 100 Continue\r\n\r\n", interval = 0.03 }, both),
  row("a body that stalls", { "reply", bytes = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n[1,2", drain = true }, both),
  row("chunks that stall", { "reply", bytes = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n", drain = true }),
  row("a close-delimited body whose connection stays open", { "reply", bytes = "HTTP/1.1 200 OK\r\n\r\n[]", drain = true }),
  row("headers that stall", { "reply", bytes = "HTTP/1.1 200 OK\r\ncontent-le", drain = true }),
}

local stalled = row("a large request that is not read", { "stall", seconds = 2 }, both)
stalled.large = 8e6 -- more than the sockets' buffers take
rows[#rows + 1] = stalled

local reused = row("no answer on a reused connection", { "silence" }, both)
reused.status, reused.reuse, reused.verbs = false, true, { "GET", "POST", "PUT", "DELETE" }
rows[#rows + 1] = reused

-- The timeout is over before a read may be repeated.
local read = row("a read that is not answered is not repeated", { "silence" })
read.verbs, read.config = { "GET" }, { timeout = 0.2, maxRetries = 5 }
rows[#rows + 1] = read

local slow = { name = "a slow answer in time", verbs = { "POST" }, over = both, config = { timeout = 5 },
  step = { "drip", status = 201, body = '{"id":116}', interval = 0.002, piece = 2 }, value = { id = 116 } }
rows[#rows + 1] = slow

local connect = row("the handshake outlasts connectTimeout", { "silence", at = "accept", read = "nothing" }, { "https" }, 0)
connect.config, connect.within = { timeout = 5, connectTimeout = 0.2 }, 0.2
rows[#rows + 1] = connect

local error_page = row("an error page that stalls is its status",
  { "reply", bytes = "HTTP/1.1 500 Oops\r\ncontent-length: 10\r\n\r\n{", drain = true })
error_page.code, error_page.status = "http", 500
rows[#rows + 1] = error_page

return rows
