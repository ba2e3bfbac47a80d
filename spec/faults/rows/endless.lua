-- Answers without an end, and decoded bytes without measure: bounded in time and memory.
local both = { "http", "https" }
local megabyte = 1024 * 1024

local function flood(name, bytes, piece, code, status)
  return { name = name, over = both, step = { "flood", bytes = bytes, piece = piece }, config = { maxResponseSize = megabyte },
    code = code, status = status, memory = 24 }
end

local kilo = ("x"):rep(1000)

local rows = {
  flood("endless headers", "HTTP/1.1 200 OK\r\n", ("x-header: " .. kilo .. "\r\n"):rep(10), { "too_large", "network" }),
  flood("endless headers of an error", "HTTP/1.1 500 Oops\r\n", ("x-header: " .. kilo .. "\r\n"):rep(10), { "too_large", "network",
    "http" }),
  flood("endless small headers", "HTTP/1.1 200 OK\r\n", ("a:b\r\n"):rep(1000), { "too_large", "network" }),
  flood("one header line without an end", "HTTP/1.1 200 OK\r\nx-header: ", kilo:rep(10), { "too_large", "network", "invalid_response" }),
  flood("a status line without an end", "HTTP/1.1 200 ", kilo:rep(10), { "too_large", "network", "invalid_response" }),
  flood("endless garbage in place of a status line", "", kilo:rep(10), { "network", "invalid_response" }),
  flood("endless lines before a status line", "", ("\r\n"):rep(5000), { "network", "invalid_response", "too_large" }),
  flood("endless 100 Continue", "", ("HTTP/1.1 100 Continue\r\n\r\n"):rep(100), { "too_large", "network" }),
  flood("endless 103 Early Hints", "", ("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"):rep(100), { "too_large", "network" }),
  flood("endless 102 Processing", "", ("HTTP/1.1 102 Processing\r\n\r\n"):rep(100), { "too_large", "network" }),
  flood("a body without an end", "HTTP/1.1 200 OK\r\n\r\n[", ("1,"):rep(5000), "too_large"),
  flood("a body of 100 GB", "HTTP/1.1 200 OK\r\ncontent-length: 100000000000\r\n\r\n[", ("1,"):rep(5000), "too_large"),
  flood("chunks without an end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "2710\r\n" .. ("1,"):rep(5000) .. "\r\n",
    "too_large"),
  flood("small chunks without an end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", ("1\r\n1\r\n"):rep(1000), "too_large"),
  flood("trailers without an end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n",
    ("x: " .. kilo .. "\r\n"):rep(10),
    { "too_large", "network" }),
  flood("one trailer without an end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\nx: ", kilo:rep(10),
    { "too_large", "network", "invalid_response" }),
  flood("a chunk extension without an end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=", kilo:rep(10),
    { "too_large", "network", "invalid_response", "timeout" }),
  flood("an error page without an end", "HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", kilo:rep(10), "http", 502),
}

rows[#rows + 1] = { name = "a body without an end, without any configuration", config = {}, code = "too_large", memory = 224,
  step = { "flood", bytes = "HTTP/1.1 200 OK\r\n\r\n[", piece = ("1,"):rep(50000) } }
rows[#rows + 1] = { name = "headers of 290 kB", over = both, code = "too_large", message = "headers",
  step = { "answer", headers = { ["x-a"] = (function()
    local values = {}
    for i = 1, 290 do values[i] = kilo end
    return values
  end)() } } }

return rows
