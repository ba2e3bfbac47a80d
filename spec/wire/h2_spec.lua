-- HTTP/1.1 for one call after another, HTTP/2 for several at once, and never an answer for another call.
local oneentry = require "oneentry"
local nginx = require "support.nginx"
local process = require "support.process"
local server = require "support.server"
local socket = require "socket"
local tls = require "support.server.tls"
local tmp = require "support.tmp"

-- Answers with the last segment of the path, and with the request's token; a segment of 100000 and more after 50 ms.
local config = [[
log_format spec '$server_protocol $connection $request_method $uri $status';
ssl_certificate %s;
ssl_certificate_key %s;
keepalive_timeout 60s;
lingering_close off;
server { listen 127.0.0.1:%d ssl http2; access_log both.log spec; keepalive_requests 1000000; %s }
server { listen 127.0.0.1:%d ssl; access_log old.log spec; keepalive_requests 1000000; %s }
server { listen 127.0.0.1:%d ssl http2; access_log short.log spec; keepalive_requests 20; %s }
]]
local location = [[
location / {
  content_by_lua_block {
    local id = ngx.var.uri:match("([^/]+)$")
    if id == "preview" then
      ngx.req.read_body()
      id = ngx.req.get_body_data():match '"couponCode":"(%d+)"'
    end
    local token = (ngx.var.http_authorization or ""):match("^Bearer (.*)$") or ""
    if ngx.var.request_method == "POST" then ngx.log(ngx.NOTICE, "begun " .. id .. ";") end
    if (tonumber(id) or 0) >= 100000 then ngx.sleep(0.05) end
    ngx.print('{"id":"' .. id .. '","token":"' .. token .. '"}')
  }
}
]]

describe("HTTP/2", function()
  local certificates, web, both, old, short

  local function free_ports(n)
    local listeners, ports = {}, {}
    for i = 1, n do
      listeners[i] = assert(socket.bind("127.0.0.1", 0))
      ports[i] = tonumber((select(2, listeners[i]:getsockname())))
    end
    for _, listener in ipairs(listeners) do listener:close() end
    return (unpack or table.unpack)(ports)
  end

  setup(function()
    certificates = tls.make()
    os.execute("chmod -R a+rX " .. certificates.directory)
    for _ = 1, 5 do -- another process may take a port meanwhile
      both, old, short = free_ports(3)
      local good = certificates.good
      local ok, result = pcall(nginx.start, {
        http = config:format(good.certificate, good.key, both, location, old, location, short, location),
        main = "worker_shutdown_timeout 5s;",
      })
      web = ok and result
      if web then break end
      assert(tostring(result):find("no free port", 1, true), result)
    end
  end)

  teardown(function()
    if web then web:stop() end
    certificates:remove()
  end)

  local function define(port, options)
    options = options or {}
    options.token = "t"
    options.tls = { caFile = certificates.ca }
    options.timeout = options.timeout or 20
    return oneentry.define("https://127.0.0.1:" .. port, options)
  end

  -- Returns the lines of a log since the last call, once there are n: { { protocol, connection, method, id, status }, ... }
  local read_so_far = {}
  local function log_of(name, n)
    local list
    nginx.wait(function()
      list = {}
      local text = tmp.read(web.directory .. "/" .. name .. ".log"):sub((read_so_far[name] or 0) + 1)
      for protocol, connection, method, id, status in text:gmatch("(%S+) (%S+) (%S+) %S-([^/ ]+) (%d+)\n") do
        list[#list + 1] = { protocol = protocol, connection = connection, method = method, id = id, status = status }
      end
      return #list >= n
    end, "too few lines in the log")
    read_so_far[name] = #tmp.read(web.directory .. "/" .. name .. ".log")
    return list
  end

  local function connections_of(list, protocol)
    local seen, n = {}, 0
    for _, line in ipairs(list) do
      if line.protocol == protocol and not seen[line.connection] then
        seen[line.connection] = true
        n = n + 1
      end
    end
    return n
  end

  -- Starts a call, every other one a POST.
  local function start(api, id)
    if id % 2 == 0 then return api.async.Payments.getSessionById(id) end
    return api.async.Users.addFCMToken(tostring(id))
  end

  local function times_of_posts(list, times)
    times = times or {}
    for _, line in ipairs(list) do
      if line.method == "POST" then times[line.id] = (times[line.id] or 0) + 1 end
    end
    return times
  end

  it("is for batches, HTTP/1.1 for one call after another: 640 calls of both kinds, no answer is another's", function()
    local api, users, expected, protocol = define(both), {}, 0, {}
    for i = 1, 4 do users[i] = api.session { accessToken = "token-" .. i } end
    local function check(id, value, err)
      assert.is_nil(err)
      assert.same({ tostring(id), "token-" .. id % 4 + 1 }, { value.id, value.token })
    end
    for round = 1, 20 do
      for i = 1, 8 do
        local id = round * 100 + i
        protocol[tostring(id)] = "HTTP/1.1"
        local user = users[id % 4 + 1]
        if id % 2 == 0 then check(id, user.Payments.getSessionById(id)) else check(id, user.Users.addFCMToken(tostring(id))) end
      end
      local futures = {}
      for i = 1, 24 do
        local id = 100000 + round * 100 + i
        futures[i] = start(users[id % 4 + 1], id)
      end
      for i = 1, 24 do check(100000 + round * 100 + i, futures[i]:await()) end
      expected = expected + 32
    end
    assert.equal(640, expected)
    local list = log_of("both", 640)
    assert.equal(640, #list)
    local of_batches = 0
    for _, line in ipairs(list) do
      if protocol[line.id] or line.method == "POST" then
        assert.equal("HTTP/1.1", line.protocol)
      elseif line.protocol == "HTTP/2.0" then
        of_batches = of_batches + 1
      end
    end
    assert.equal(20 * 12, of_batches) -- their reads
    assert.equal(1, connections_of(list, "HTTP/2.0"))
    for _, times in pairs(times_of_posts(list)) do assert.equal(1, times) end
    api.close()
  end)

  it("is tried once with a host that does not speak it, and nothing is lost or sent twice", function()
    local peer = server.start { tls = certificates.good }
    peer:script { fallback = { "echo" } }
    local api = oneentry.define(peer.url, { token = "t", tls = { caFile = certificates.ca }, timeout = 20 })
    for round = 1, 3 do
      local futures = {}
      for i = 1, 32 do futures[i] = start(api, round * 100 + i) end
      for i = 1, 32 do assert.equal(tostring(round * 100 + i), tostring(assert(futures[i]:await()).id)) end
    end
    local seen, wasted = {}, 0
    for _, request in ipairs(peer:requests()) do
      assert.is_nil(seen[request.path], request.path)
      seen[request.path] = true
    end
    assert.equal(96, #peer:requests())
    for _, connection in ipairs(peer:connections()) do
      if connection.requests == 0 then wasted = wasted + 1 end
    end
    assert.is_true(wasted <= 1, wasted)
    api.close()
    peer:stop()
  end)

  it("and HTTP/1.1 may be mixed behind one name: no answer is another's, no POST is lost or sent twice", function()
    local main = process.quote(process.spec .. "support/server/proxy_main.lua")
    for round, ports in ipairs { both .. " " .. old, old .. " " .. both, ("%d %d %d"):format(both, both, old) } do
      local proxy = process.start(("%s %s %s"):format(process.interpreter("cqueues"), main, ports))
      local api = define(tonumber(proxy:read()))
      for batch = 1, 4 do
        local futures, base = {}, (round * 10 + batch) * 1000
        for i = 1, 40 do futures[i] = start(api, base + i) end
        for i = 1, 40 do assert.equal(tostring(base + i), assert(futures[i]:await()).id) end
        assert.equal(tostring(base + 50), assert(api.Payments.getSessionById(base + 50)).id)
      end
      api.close()
      proxy:stop()
    end
    local lines = 3 * 4 * 41
    local times = {}
    nginx.wait(function()
      local n = 0
      for _, name in ipairs { "both", "old" } do
        local text = tmp.read(web.directory .. "/" .. name .. ".log"):sub((read_so_far[name] or 0) + 1)
        n = n + select(2, text:gsub("\n", ""))
      end
      return n >= lines
    end)
    for _, name in ipairs { "both", "old" } do times_of_posts(log_of(name, 0), times) end
    local posts = 0
    for _, n in pairs(times) do
      assert.equal(1, n)
      posts = posts + 1
    end
    assert.equal(3 * 4 * 20, posts)
  end)

  -- Reads succeed; a write is done once, or at most once where the error says that it may have been.
  local function check_batch(futures, base, times)
    local failed = 0
    oneentry.all(futures, "settled") -- what is sent again waits at the same time
    for i, future in ipairs(futures) do
      local id = base + i
      local value, err = future:await()
      if value then
        assert.equal(tostring(id), value.id)
      else
        assert.equal(1, id % 2, tostring(err))
        assert.equal("network", err.code)
        assert.is_true(err.sent)
        failed = failed + 1
      end
      times[#times + 1] = { id = tostring(id), ok = value ~= nil }
    end
    return failed
  end

  local function check_times(results, times)
    for _, result in ipairs(results) do
      local n = times[result.id] or 0
      assert.is_true(n <= 1, result.id .. " was sent more than once")
      if result.ok and tonumber(result.id) % 2 == 1 then assert.equal(1, n) end
    end
  end

  it("connections that the server ends after so many requests: nothing is lost or sent twice", function()
    local api, results = define(short, { maxRetries = 8 }), {} -- a read may meet several that end
    for batch = 1, 10 do
      local futures, base = {}, 100000 + batch * 1000
      for i = 1, 30 do
        local id = base + i
        futures[i] = i % 4 == 2 and api.async.Orders.previewOrder { couponCode = tostring(id) } or start(api, id)
      end
      assert.equal(0, check_batch(futures, base, results))
    end
    check_times(results, times_of_posts(log_of("short", #results)))
    api.close()
  end)

  -- The posts of a batch that have reached the server; of one that is under way when its worker dies, only the error log tells.
  local function begun(base)
    local times = {}
    for id in web:log():gmatch("begun (%d+);") do
      if tonumber(id) > base and tonumber(id) <= base + 30 then times[id] = (times[id] or 0) + 1 end
    end
    return times
  end

  -- Makes three batches, each disturbed when all its posts have arrived; returns how many calls failed.
  local function disturbed(first, disturb)
    local api, failed = define(both), 0
    for batch = 1, 3 do
      local futures, base, results = {}, first + batch * 1000, {}
      for i = 1, 30 do futures[i] = start(api, base + i) end
      nginx.wait(function()
        for _, future in ipairs(futures) do future:done() end
        local n = 0
        for _ in pairs(begun(base)) do n = n + 1 end
        return n == 15
      end, "the posts do not arrive")
      disturb()
      failed = failed + check_batch(futures, base, results)
      check_times(results, begun(base))
    end
    api.close()
    return failed
  end

  it("connections that die with requests on them: nothing is sent twice", function()
    disturbed(110000, function() os.execute("kill -9 " .. table.concat(web:workers(), " ")) end)
  end)

  it("a server that reloads with requests on its connections: nothing is lost or sent twice", function()
    assert.equal(0, disturbed(120000, function() web:reload() end))
  end)

  it("everyone's deadline holds while the handshake that finds out never ends", function()
    local peer = server.start { tls = certificates.good }
    local steps = {}
    for i = 1, 40 do steps[i] = { "silence", at = "accept", read = "nothing" } end
    peer:script(steps)
    local api = oneentry.define(peer.url, { token = "t", tls = { caFile = certificates.ca }, timeout = 0.5 })
    local futures, before = {}, socket.gettime()
    for i = 1, 20 do futures[i] = api.async.Payments.getSessionById(i) end
    for i = 1, 20 do
      local _, err = futures[i]:await()
      assert.same({ "timeout", false }, { err.code, err.sent })
    end
    local time = socket.gettime() - before
    assert.is_true(time >= 0.49 and time < 0.75, time)
    api.close()
    peer:stop()
  end)

  it("those who wait for the one that finds out go on when it is cancelled", function()
    local peer = server.start { tls = certificates.good }
    peer:script { fallback = { "echo" }, { "silence", at = "accept", read = "nothing" }, { "silence", at = "accept", read = "nothing" } }
    local api = oneentry.define(peer.url, { token = "t", tls = { caFile = certificates.ca }, timeout = 5, maxRetries = 0 })
    local futures = {}
    for i = 1, 4 do futures[i] = api.async.Payments.getSessionById(i) end
    nginx.wait(function()
      futures[3]:done()
      return #peer:connections() == 2
    end)
    futures[2]:cancel()
    local before = socket.gettime()
    for i = 3, 4 do assert.equal(tostring(i), tostring(assert(futures[i]:await()).id)) end
    assert.is_true(socket.gettime() - before < 2)
    api.close()
    peer:stop()
  end)

  it("batches of 64 against 50 ms do not stall", function()
    local api, best = define(both), 1
    for batch = 1, 6 do
      local futures, base, before = {}, 900000 + batch * 1000, socket.gettime()
      for i = 1, 64 do futures[i] = start(api, base + i) end
      for i, value in ipairs(assert(oneentry.all(futures))) do assert.equal(tostring(base + i), value.id) end
      best = math.min(best, socket.gettime() - before)
    end
    assert.is_true(best < 0.1, ("%.3f s"):format(best))
    api.close()
  end)
end)
