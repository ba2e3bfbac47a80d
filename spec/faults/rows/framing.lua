-- Answers that are not HTTP/1.1, or frame their bodies wrongly, and bytes that belong to no answer.
local both = { "http", "https" }
local wrong = { "invalid_response", "network" }
local rows = {}

local function add(row)
  row.over = row.over or both
  rows[#rows + 1] = row
end

-- An answer that is none; the server closes after it.
local function refused(name, bytes, code)
  add({ name = name, step = { "reply", bytes = bytes, close = true }, code = code or wrong })
end

local function accepted(name, bytes, value, ending)
  add({ name = name, step = { "reply", bytes = bytes, close = ending ~= "open" }, value = value })
end

local function ok(headers, body) return "HTTP/1.1 200 OK\r\n" .. headers .. "\r\n" .. body end

for _, line in ipairs({ "HTTP/1.1 000 Zero", "HTTP/1.1 99 Low", "HTTP/1.1 099 Low", "HTTP/1.1 1000 High", "HTTP/1.1 20 Short",
  "HTTP/1.1 2x0 OK",
  "HTTP/1.1 -200 OK", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 OK", "HTTP/9.9 200 OK", "HTTP/x 200 OK", "HTTPS/1.1 200 OK", "http/1.1 200 OK",
  "RTSP/1.0 200 OK", "ICY 200 OK", "SSH-2.0-OpenSSH", " HTTP/1.1 200 OK", "\0HTTP/1.1 200 OK" }) do
  refused(("the status line %q"):format(line), line .. "\r\ncontent-length: 2\r\n\r\n[]")
end
refused("the status line HTTP/1.1 101", "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n[]")
refused("the status line HTTP/1.1 199 and an end", "HTTP/1.1 199 Early\r\ncontent-length: 2\r\n\r\n[]")
refused("HTTP/0.9", '{"id":116}')
refused("a page without a head", "<html><body>It works!</body></html>")
refused("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
refused("a frame of HTTP/2", "\0\0\18\4\0\0\0\0\0\0\3\0\0\0\100\0\4\0\0\255\255")
refused("zeros", ("\0"):rep(1000))
refused("a request in place of an answer", "GET / HTTP/1.1\r\nhost: here\r\n\r\n")
add({ name = "HTTP/1.0 on a connection that stays open", step = { "reply", bytes = "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n[]" },
  value = {},
  closes = true })
add({ name = "the status 600", step = { "answer", status = 600, body = "{}" }, code = "http", status = 600 })
add({ name = "the status 999", step = { "answer", status = 999, body = "{}" }, code = "http", status = 999 })

for _, length in ipairs({ "-1", "-9223372036854775808", "abc", "2 2", "1e1", "0x2" }) do
  refused("content-length: " .. length, ok("content-length: " .. length .. "\r\n", "[]"))
end
refused("a content-length beyond 64 bits", ok("content-length: 99999999999999999999999\r\n", "[]"))
refused("a content-length of 2^63 - 1", ok("content-length: 9223372036854775807\r\n", "[]"))
refused("two content-lengths that differ", ok("content-length: 2\r\ncontent-length: 3\r\n", "[1]"))
refused("two content-lengths that differ, the smaller last", ok("content-length: 5\r\ncontent-length: 2\r\n", "11111"))
refused("a list of content-lengths that differ", ok("content-length: 2, 5\r\n", "11111"))
refused("a content-length that is too large", ok("content-length: 3\r\n", "[]"), "network")
accepted("two equal content-lengths", ok("content-length: 2\r\ncontent-length: 2\r\n", "[]"), {}, "open")
accepted("content-length and chunks", ok("content-length: 5\r\ntransfer-encoding: chunked\r\n", "2\r\n[]\r\n0\r\n\r\n"), {})
accepted("chunks and content-length", ok("transfer-encoding: chunked\r\ncontent-length: 5\r\n", "2\r\n[]\r\n0\r\n\r\n"), {})
accepted("an extension and trailers of chunks", ok("transfer-encoding: chunked\r\n",
  "1;a=b\r\n[\r\n1\r\n]\r\n0;c\r\nx-trailer: 1\r\n\r\n"), {}, "open")
accepted("chunk sizes in capitals, with zeros", ok("transfer-encoding: Chunked\r\n", '0000A\r\n{"id":116}\r\n0\r\n\r\n'),
  { id = 116 }, "open")
accepted("HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n[]", {})
accepted("no reason in the status line", "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\n[]", {}, "open")
accepted("line feeds alone", "HTTP/1.1 200 OK\ncontent-length: 2\n\n[]", {}, "open")
accepted("interim answers before the answer", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" ..
  ok("content-length: 2\r\n", "[]"), {}, "open")

for name, chunk in pairs({ ["no number"] = "zz\r\n[]\r\n", ["a negative number"] = "-2\r\n[]\r\n",
  ["too large a number"] = ("f"):rep(40) .. "\r\n[]\r\n",
  ["nothing"] = "\r\n[]\r\n", ["a smaller number"] = "1\r\n[]\r\n" }) do
  refused("chunks whose size is " .. name, ok("transfer-encoding: chunked\r\n", chunk .. "0\r\n\r\n"))
end
refused("chunks whose size is larger", ok("transfer-encoding: chunked\r\n", "9\r\n[]\r\n0\r\n\r\n"))
refused("chunks without the last one", ok("transfer-encoding: chunked\r\n", "2\r\n[]\r\n"), "network")
refused("no chunk at all", ok("transfer-encoding: chunked\r\n", ""), "network")
-- Only chunks are decoded, whatever the libcurl: 8.5 passes on the others as they are, 7.88 unpacks them.
for _, name in ipairs({ "mystery", "gzip", "x-gzip", "deflate", "br", "chunked, gzip", "identity, mystery", "chunkedd", "" }) do
  refused(("the transfer-encoding %q"):format(name), ok(("transfer-encoding: %s\r\ncontent-length: 2\r\n"):format(name), "[]"))
end
refused("packed chunks", ok("transfer-encoding: gzip, chunked\r\n", "1\r\n2\r\n0\r\n\r\n"))
refused("a transfer-encoding that nobody knows beside chunks",
  ok("transfer-encoding: mystery\r\ntransfer-encoding: chunked\r\n", "2\r\n[]\r\n0\r\n\r\n"))
accepted("the transfer-encoding identity", ok("transfer-encoding: identity\r\ncontent-length: 2\r\n", "[]"), {})
refused("the transfer-encoding identity, closed within a number", ok("transfer-encoding: identity\r\n", "11"))
accepted("a transfer-encoding with blanks around it", ok("transfer-encoding: \t chunked \r\n", "2\r\n[]\r\n0\r\n\r\n"), {})

refused("a NUL in a header", ok("x-a: b\0c\r\ncontent-length: 2\r\n", "[]"))
refused("a NUL in a header's name", ok("x\0a: b\r\ncontent-length: 2\r\n", "[]"))
refused("a header without a colon", ok("nonsense\r\ncontent-length: 3\r\n", "[]"))
accepted("a folded header", ok("x-a: b\r\n c\r\ncontent-length: 2\r\n", "[]"), {}, "open")
accepted("a header without a value", ok("x-a:\r\ncontent-length: 2\r\n", "[]"), {}, "open")
accepted("a header that is not ASCII", ok("x-a: \255\254\r\ncontent-length: 2\r\n", "[]"), {}, "open")

-- Bytes after an answer are never the answer to the next request.
local stray = "HTTP/1.1 500 Stray\r\ncontent-length: 2\r\n\r\n{}"
local answer = ok("content-length: 2\r\n", "[]")
local head = ok("content-length: 2\r\n", "")
local function glued(name, pieces)
  add({ name = name, reuse = "both", verbs = { "GET", "POST", "PUT", "DELETE" },
    step = { "reply", pieces = pieces }, value = {} })
end
glued("two answers in one packet", { answer .. stray })
glued("two answers in two packets", { answer, stray })
-- Over TLS what follows the body in one record stays in OpenSSL's buffer, where no poll sees it.
glued("a second answer in the packet of the body", { head, "[]" .. stray })
glued("garbage in the packet of the body", { head, "[]garbage" })
glued("garbage after the answer", { answer .. "garbage" })
glued("a line end after the answer", { answer .. "\r\n" })
glued("half an answer after the answer", { head, "[]" .. stray:sub(1, 20) })
glued("a second answer after the last chunk", { ok("transfer-encoding: chunked\r\n", "2\r\n[]\r\n"), "0\r\n\r\n" .. stray })
glued("a second answer within one packet of chunks", { ok("transfer-encoding: chunked\r\n", "2\r\n[]\r\n0\r\n\r\n" .. stray) })

return rows
