-- Statuses that are no success, and bodies that do not suit theirs. Redirects lead nowhere.
local both, all = { "http", "https" }, { "GET", "POST", "PUT", "DELETE" }
local rows = {}

local html = "<!DOCTYPE html><html><body>Maintenance</body></html>"

for _, status in ipairs({ 400, 401, 403, 404, 405, 406, 407, 408, 409, 410, 413, 414, 415, 418, 421, 422, 425, 429, 431, 451, 500,
  501, 502, 503,
  504, 505, 507, 511, 520, 524, 599 }) do
  rows[#rows + 1] = { name = "HTML with " .. status, step = { "answer", status = status, headers = { ["content-type"] = "text/html" },
    body = html },
    verbs = { "GET", "POST" }, over = { "http" }, code = "http", status = status }
end
for _, status in ipairs({ 300, 301, 302, 303, 304, 305, 307, 308, 399 }) do
  rows[#rows + 1] = { name = status .. " to another server", verbs = all, session = true, over = both,
    step = { "answer", status = status, headers = { location = "{elsewhere}/api" }, body = "[]" }, code = "http", status = status }
end
for name, location in pairs({ ["the same server"] = "{here}/api/content/payments/accounts", ["the same path"] = "?again=1", ["itself"] = "",
  ["another scheme"] = "{secure}/", ["a file"] = "file:///etc/hostname", ["gopher"] = "gopher://127.0.0.1:1/_x",
    ["nowhere"] = "http://", ["garbage"] = "\1\2",
  ["a server without a scheme"] = "//127.0.0.1:1/", ["a very long place"] = "/" .. ("x"):rep(20000) }) do
  for _, status in ipairs({ 302, 307 }) do
    rows[#rows + 1] = { name = ("%d to %s"):format(status, name), session = true, over = { "http" },
      step = { "answer", status = status, headers = { location = location } }, code = "http", status = status }
  end
end
for _, header in ipairs({ "refresh", "content-location", "alt-svc", "link" }) do
  rows[#rows + 1] = { name = "200 with " .. header .. " to another server", session = true, verbs = { "GET", "POST" },
    step = { "answer", headers = { [header] = ({ refresh = "0; url={elsewhere}/", ["alt-svc"] = 'h2="{elsewhere}"; ma=60',
      link = "<{elsewhere}/>; rel=preload" })[header]
      or "{elsewhere}/" }, body = "[]" }, value = {} }
end

local function add(name, step, outcome)
  outcome.name, outcome.step, outcome.over = name, step, outcome.over or both
  rows[#rows + 1] = outcome
end

for _, status in ipairs({ 200, 201, 202, 206, 226, 299 }) do
  add("HTML with " .. status, { "answer", status = status, headers = { ["content-type"] = "text/html" }, body = html },
    { code = "invalid_response", status = status })
end
add("HTML that is called JSON", { "answer", headers = { ["content-type"] = "application/json" }, body = html },
  { code = "invalid_response", status = 200 })
add("an empty 200", { "answer", body = "" }, { value = {} })
add("an empty 201", { "answer", status = 201, body = "" }, { value = {} })
add("an empty chunked 200", { "reply", bytes = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" }, { value = {} })
add("204", { "answer", status = 204 }, { value = {} })
add("204 with a body", { "reply", bytes = "HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n{}" }, { value = {}, verbs = all,
  reuse = "both" })
add("204 with a body in a packet of its own", { "reply", pieces = { "HTTP/1.1 204 No Content\r\ncontent-length: 7\r\n\r\n", "[12345]" } },
  { value = {}, verbs = all })
add("204 with chunks", { "reply", bytes = "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" },
  { value = {} })
add("205", { "answer", status = 205, body = "" }, { value = {} })
add("304 without a body", { "answer", status = 304 }, { code = "http", status = 304 })
add("304 with a body", { "reply", bytes = "HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\n{}" }, { code = "http", status = 304,
  verbs = all })
add("an error without a body", { "answer", status = 500, body = "" }, { code = "http", status = 500 })
add("an error whose body denies it", { "answer", status = 500, body = '{"statusCode":200,"id":116}' }, { code = "http", status = 500 })
add("407 with a challenge", { "answer", status = 407, headers = { ["proxy-authenticate"] = "Basic realm=x" }, body = "{}" },
  { code = "http", status = 407, verbs = all })
for _, scheme in ipairs({ "Basic", "Digest", "NTLM", "Negotiate" }) do
  add("401 with a challenge for " .. scheme, { "answer", status = 401,
    headers = { ["www-authenticate"] = scheme .. ' realm="x", nonce="y"' }, body = "{}" },
    { code = "http", status = 401, verbs = all, over = { "http" } })
end
add("408 on a fresh connection, then closed", { "reply",
  bytes = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", close = true },
  { code = "http", status = 408, verbs = all, config = { maxRetries = 2 } })
add("417", { "answer", status = 417, body = "" }, { code = "http", status = 417, verbs = all, large = 100000 })
add("421 with close", { "answer", status = 421, headers = { connection = "close" }, close = true }, { code = "http", status = 421 })
add("cookies", { "answer", headers = { ["set-cookie"] = { "a=b", "session=secret; Path=/" } }, body = "[]" }, { value = {},
  verbs = all, reuse = "both" })
add("cookies of an error", { "answer", status = 500, headers = { ["set-cookie"] = "a=b" } }, { code = "http", status = 500 })
add("connection: close, which the server does not do", { "answer", headers = { connection = "close" }, body = "[]" },
  { value = {}, verbs = all, reuse = "both", closes = true })
add("connection: close and a close", { "answer", headers = { connection = "close" }, body = "[]", close = true }, { value = {},
  verbs = all, reuse = "both" })
add("keep-alive and a close", { "answer", headers = { connection = "keep-alive" }, body = "[]", close = true }, { value = {}, verbs = all })
for _, status in ipairs({ 429, 502, 503, 504 }) do
  add(status .. " once", { "answer", status = status }, { value = {}, requests = 2, verbs = { "GET" }, config = { maxRetries = 2 },
    over = { "http" } })
  add(status .. " to what is no read", { "answer", status = status }, { code = "http", status = status, verbs = { "POST", "PUT", "DELETE" },
    config = { maxRetries = 5 } })
end

return rows
