-- The sandbox's host against clients that mean no good: raw bytes over a real socket.
local socket = require "socket"
local json = require "support.fixtures.json"
local process = require "support.process"
local sandbox = require "support.sandbox"

describe("S6: the sandbox's host", function()
  local shop, port

  setup(function()
    shop = sandbox.start()
    port = tonumber(shop.url:match ":(%d+)$")
  end)
  teardown(function() shop:stop() end)

  -- A connection, or all that comes back on one for these bytes until it ends.
  local function connect()
    local client = assert(socket.connect("127.0.0.1", port))
    client:settimeout(20)
    return client
  end

  local function exchange(bytes)
    local client = connect()
    client:send(bytes) -- bytes that the other side no longer reads are of no interest
    local text = {}
    repeat
      local chunk, problem, rest = client:receive(8192)
      text[#text + 1] = chunk or rest
    until problem
    client:close()
    return table.concat(text)
  end

  local function head(fields, path)
    return ("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n%s\r\n\r\n"):format(
      path or "/__sandbox/clock", fields)
  end

  local function answers()
    assert.is_number(shop:control("GET", "log").total)
  end

  for _, length in ipairs { "1.5", "1e400", "-1", "0x10", "+5", "5,5", "", "1234567890123456", "nan" } do
    it("refuses the content-length " .. length, function()
      assert.matches("^HTTP/1.1 400 ", exchange(head("Content-Length: " .. length) .. "12345"))
      answers()
    end)
  end

  for _, coding in ipairs { "gzip", "foo", "gzip, chunked", "foo, chunked", "chunked, chunked", "chunked, gzip", "\"", "", "chunked;" } do
    it("refuses the transfer-encoding " .. coding, function()
      local body = "2\r\n{}\r\n0\r\n\r\n"
      assert.matches("^HTTP/1.1 400 ", exchange(head("Transfer-Encoding: " .. coding) .. body))
      answers()
    end)
  end

  it("takes chunks, however they are spelled", function()
    for _, coding in ipairs { "chunked", "Chunked", " chunked " } do
      local answer = exchange(head("Connection: close\r\nTransfer-Encoding:" .. coding) .. '10\r\n{"advance":   0}\r\n0\r\n\r\n')
      assert.matches("^HTTP/1.1 200 ", answer)
    end
  end)

  it("refuses two lengths that differ, and a length beside chunks", function()
    assert.matches("^HTTP/1.1 400 ", exchange(head "Content-Length: 5\r\nContent-Length: 6" .. "123456"))
    assert.matches("^HTTP/1.1 400 ", exchange(head "Content-Length: 5\r\nTransfer-Encoding: chunked" .. "0\r\n\r\n"))
    answers()
  end)

  it("takes no body that does not end", function()
    local client = connect()
    client:send(head("Transfer-Encoding: chunked", "/api/content/users/me"))
    local chunk, sent = "10000\r\n" .. ("x"):rep(65536) .. "\r\n", 0
    repeat
      local ok = client:send(chunk)
      sent = sent + 65536
    until not ok or sent > 64 * 1048576
    assert.is_true(sent < 32 * 1048576)
    client:close()
    answers()
  end)

  it("answers others while a client is slow", function()
    local slow = connect()
    slow:send(head "Content-Length: 16" .. "{")
    answers()
    slow:send '"advance":   0}'
    assert.matches("^HTTP/1.1 200 ", slow:receive "*l")
    slow:close()
  end)

  local function fault(match)
    local body = json.encode { match = match, status = 500, times = 1000 }
    return exchange(head(("Connection: close\r\nContent-Length: %d"):format(#body), "/__sandbox/fault") .. body)
  end

  it("takes no patterns that need long, and not too many", function()
    finally(function() shop:reset() end)
    for _, match in ipairs { ("*a"):rep(17), ("/{x}*"):rep(9), ("a"):rep(301), "/a{x}", "" } do
      assert.matches('^HTTP/1.1 400 .*match of a fault must be', fault(match))
    end
    for _ = 1, 100 do assert.matches("^HTTP/1.1 200 ", fault "GET /") end
    assert.matches("^HTTP/1.1 400 .*too many faults", fault "GET /")
  end)

  for name, case in pairs {
    letters = { ("*" .. ("a"):rep(17)):rep(16) .. "b", ("a"):rep(4000) },
    ["one text"] = { "*" .. ("a"):rep(298) .. "b", ("a"):rep(4000) },
    segments = { "*" .. ("/{x}"):rep(15) .. "/b", ("a/"):rep(2000) .. "c" },
    slashes = { "*/{x}" .. ("/a"):rep(140) .. "b", ("a/"):rep(2000) .. "c" },
  } do
    it("answers others while a long path is compared with many patterns, of " .. name, function()
      finally(function() shop:reset() end)
      for _ = 1, 100 do assert.matches("^HTTP/1.1 200 ", fault(case[1])) end
      local client, before = connect(), socket.gettime()
      client:send(("GET /%s HTTP/1.1\r\nHost: x\r\nx-app-token: %s\r\n\r\n"):format(case[2], shop.token))
      answers()
      local seconds = socket.gettime() - before
      assert.is_true(seconds < 1, seconds)
      assert.matches("^HTTP/1.1 404 ", client:receive "*l")
      client:close()
    end)
  end

  it("answers others while a body comes in tiny chunks", function()
    local code = ("local s = require 'socket'.connect('127.0.0.1', %d) s:send(%q) local t = ('1\\r\\nx\\r\\n'):rep(10000) "
      .. "io.write('ready\\n') io.flush() repeat until not s:send(t)"):format(port, head "Transfer-Encoding: chunked")
    local pump = process.start(process.interpreter "socket" .. " -e " .. process.quote(code))
    assert.equal("ready", pump:read())
    local before = socket.gettime()
    for _ = 1, 20 do answers() end
    local seconds = socket.gettime() - before
    pump:stop()
    assert.is_true(seconds < 3, seconds)
  end)

  it("takes no more requests on a connection when their answers are not read", function()
    local request = "GET /__sandbox/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    local client, before = connect(), socket.gettime()
    local _, problem
    repeat
      _, problem = client:send(request:rep(1000))
    until problem or socket.gettime() > before + 10
    client:close()
    assert.equal("closed", problem)
    answers()
    local last = "GET /__sandbox/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert.equal(10, select(2, exchange(request:rep(9) .. last):gsub("HTTP/1.1 200 OK", "")))
  end)

  it("keeps no more of long bodies than their size", function()
    local body = '{"a":"' .. ("x"):rep(900000) .. '"}'
    local request = ("POST /api/content/users-auth-providers/marker/email/users/auth HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
      .. "Content-Type: application/json\r\nx-app-token: %s\r\nContent-Length: %d\r\n\r\n%s"):format(shop.token, #body, body)
    for _ = 1, 20 do assert.matches("^HTTP/1.1 400 ", exchange(request)) end
    local log = shop:log()
    assert.equal("900008 bytes", log[#log].body)
    assert.is_true(#json.encode(log) < 100000)
    shop:reset()
  end)

  it("ends when it is told to, whatever clients do", function()
    local other = sandbox.start()
    local busy = assert(socket.connect("127.0.0.1", tonumber(other.url:match ":(%d+)$")))
    busy:send(head "Content-Length: 100" .. "{")
    other:stop() -- waits for the process
    busy:settimeout(20)
    assert.equal("closed", select(2, busy:receive(1)))
    busy:close()
  end)
end)

describe("S11: other people's pages", function()
  local shop, port

  setup(function()
    shop = sandbox.start()
    port = tonumber(shop.url:match ":(%d+)$")
  end)
  teardown(function() shop:stop() end)

  local function status(method, path, fields, body)
    local client = assert(socket.connect("127.0.0.1", port))
    client:settimeout(20)
    body = body or ""
    client:send(("%s %s HTTP/1.1\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s"):format(method, path, fields, #body, body))
    local line = client:receive "*l"
    client:close()
    return tonumber(line:match "^HTTP/1.1 (%d+)")
  end

  local OWN = function() return ("Host: 127.0.0.1:%d\r\n"):format(port) end
  local JSON = "Content-Type: application/json\r\n"
  local EVIL = "Origin: https://evil.example\r\n"

  for _, path in ipairs { "reset", "clock", "fault", "account" } do
    it("cannot use the switch " .. path, function()
      local body = '{"advance":1,"match":"GET *","status":500,"identifier":"stripe"}'
      assert.equal(415, status("POST", "/__sandbox/" .. path, OWN() .. "Content-Type: text/plain\r\n", body))
      assert.equal(415, status("POST", "/__sandbox/" .. path, OWN(), body))
      assert.equal(403, status("POST", "/__sandbox/" .. path, OWN() .. JSON .. EVIL, body))
      assert.equal(403, status("POST", "/__sandbox/" .. path, "Host: evil.example\r\n" .. JSON, body))
    end)
  end

  it("cannot read the overview and the log under a name of theirs", function()
    for _, path in ipairs { "/__sandbox/", "/__sandbox/log", "/__sandbox/pay/65" } do
      assert.equal(403, status("GET", path, "Host: evil.example\r\n"))
      assert.is_true(status("GET", path, "Host: localhost\r\n") < 500 and status("GET", path, "Host: localhost\r\n") ~= 403)
    end
    assert.equal(200, status("GET", "/__sandbox/", "Host: [::1]:8787\r\n"))
  end)

  it("cannot use a sandbox that listens on all addresses, or on a name, by a name of theirs", function()
    local first = port
    finally(function() port = first end)
    for own, others in pairs {
      ["0.0.0.0"] = { "192.0.2.1:8787", "192.0.2.1", "[2001:db8::1]:80", "LOCALHOST" },
      localhost = { "localhost:8787", "127.0.0.1", "[::1]" },
    } do
      local open = sandbox.start { host = own }
      port = tonumber(open.url:match ":(%d+)$")
      for _, name in ipairs(others) do assert.equal(200, status("GET", "/__sandbox/log", "Host: " .. name .. "\r\n"), name) end
      for _, name in ipairs { "evil.example", "1.2.3.4.evil.example", "[evil.example]", own .. ".evil.example", "" } do
        assert.equal(403, status("GET", "/__sandbox/log", "Host: " .. name .. "\r\n"), name)
      end
      open:stop()
    end
  end)

  it("cannot press the buttons of the pay page", function()
    local form = "Content-Type: application/x-www-form-urlencoded\r\n"
    assert.equal(403, status("POST", "/__sandbox/pay/65", OWN() .. form .. EVIL, "result=completed"))
    local own = ("Origin: http://127.0.0.1:%d\r\n"):format(port)
    assert.equal(404, status("POST", "/__sandbox/pay/65", OWN() .. form .. own, "result=completed"))
  end)
end)
