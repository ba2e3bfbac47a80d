-- Files from any server: it learns nothing of the project, and no private address is asked.
local oneentry = require "oneentry"
local server = require "support.server"

describe("FileUploading.createFileFromUrl", function()
  local peer, other, api

  setup(function()
    peer, other = server.start(), server.start()
  end)
  teardown(function()
    peer:stop()
    other:stop()
  end)
  before_each(function()
    peer:script { fallback = { "answer", status = 201, body = '[{"filename":"a","downloadLink":"b","size":5}]' } }
    other:script { fallback = { "answer", body = "bytes\0", headers = { ["content-type"] = "image/png" } } }
    api = oneentry.define(peer.url, { token = "app-secret", userAgent = "agent-secret", maxRetries = 0 })
    api.AuthProvider.setAccessToken "access-secret"
    api.AuthProvider.setRefreshToken "refresh-secret"
  end)

  local function fetch(url, options, client)
    return (client or api).FileUploading.createFileFromUrl(url, "a.bin", nil, options)
  end

  it("returns a file that upload accepts", function()
    local file = assert(fetch(other.url .. "/a?b=c", { allowPrivate = true }))
    assert.same({ data = "bytes\0", name = "a.bin", type = "image/png" }, file)
    assert(api.FileUploading.upload(file))
    assert.truthy(peer:requests()[1].body:find("bytes\0", 1, true))
    local named = assert(api.FileUploading.createFileFromUrl(other.url, "b", "text/x", { allowPrivate = true }))
    assert.same({ "b", "text/x" }, { named.name, named.type })
  end)

  it("tells the server nothing of the project, by turns with calls to the project", function()
    for _ = 1, 3 do
      assert(api.FileUploading.upload { data = "x" })
      assert(fetch(other.url .. "/a", { allowPrivate = true }))
    end
    local requests = other:requests()
    assert.equal(3, #requests)
    for _, request in ipairs(requests) do
      assert.is_nil(request.raw:find "secret")
      table.sort(request.names)
      assert.same({ "accept", "accept-encoding", "host", "user-agent" }, request.names)
      assert.equal("oneentry-lua/" .. oneentry._VERSION, request.headers["user-agent"])
    end
    requests = peer:requests()
    assert.equal(3, #requests)
    for _, request in ipairs(requests) do
      assert.same({ "Bearer access-secret", "agent-secret" }, { request.headers.authorization, request.headers["user-agent"] })
    end
  end)

  it("refreshes nothing after a 401", function()
    other:script { { "answer", status = 401, body = '{"message":"go away"}' } }
    local _, err = fetch(other.url, { allowPrivate = true })
    assert.same({ 401, "go away" }, { err.statusCode, err.message })
    assert.same({}, peer:requests())
  end)

  it("follows no redirect", function()
    other:script { { "answer", status = 302, headers = { location = peer.url .. "/inside" } } }
    local _, err = fetch(other.url, { allowPrivate = true })
    assert.same({ 302, "HTTP 302: redirects are not followed" }, { err.statusCode, err.message })
    assert.same({}, peer:requests())
  end)

  it("takes no more than maxResponseSize", function()
    local small = oneentry.define(peer.url, { maxResponseSize = 5 })
    local _, err = fetch(other.url, { allowPrivate = true }, small)
    assert.equal("too_large", err.code)
  end)

  local hosts = {
    "127.0.0.1", "localhost", "2130706433", "0x7f.1", "0x7f000001", "017700000001", "127.1", "0.0.0.0", "0",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1",
    "224.0.0.1", "255.255.255.255", "240.0.0.1",
    "[fc00::1]", "[fd12::1]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[64:ff9b:1::1]",
    "[2001::1]", "[::ffff:0:127.0.0.1]",
  }
  for _, host in ipairs(hosts) do
    it("does not ask " .. host, function()
      local before = #other:connections()
      local value, err = fetch(("http://%s:%d/"):format(host, other.port))
      assert.is_nil(value)
      assert.same({ "connect", "the url leads to a private address", false, 1 }, { err.code, err.message, err.sent, err.attempts })
      assert.equal(before, #other:connections())
    end)
  end

  it("does not take a private address for one that may pass", function()
    local patient = oneentry.define(peer.url, { maxRetries = 3 })
    local _, err = fetch(other.url, nil, patient)
    assert.equal(1, err.attempts)
  end)

  it("asks no private address over a connection that is there already", function()
    assert(fetch(other.url, { allowPrivate = true }))
    local _, err = fetch(other.url)
    assert.equal("the url leads to a private address", err.message)
    assert(api.FileUploading.upload { data = "x" })
    _, err = fetch(peer.url)
    assert.equal("the url leads to a private address", err.message)
    assert.equal(1, #peer:requests())
  end)

  it("asks a public address", function()
    local quick = oneentry.define(peer.url, { connectTimeout = 0.05, maxRetries = 0 })
    for _, host in ipairs { "192.0.2.1", "203.0.113.1", "[2001:db8::1]" } do
      local _, err = fetch("http://" .. host .. "/", nil, quick)
      assert.not_equal("the url leads to a private address", err.message)
    end
  end)

  it("asks through a proxy only where private addresses are allowed", function()
    local proxied = oneentry.define(peer.url, { proxy = other.url })
    local value, err = fetch("http://shop.example/a", nil, proxied)
    assert.is_nil(value)
    assert.same({ "connect", "a proxy would look up the url's host", 1 }, { err.code, err.message, err.attempts })
    assert.same({}, other:requests())
    assert(fetch("http://shop.example/a", { allowPrivate = true }, proxied))
    assert.equal("http://shop.example/a", other:requests()[1].path)
  end)

  local refused = {
    ["file:///etc/passwd"] = "begins with http:// or https:// expected",
    ["ftp://a.example/"] = "begins with http:// or https:// expected",
    ["/a"] = "begins with http:// or https:// expected",
    ["x-http://a/"] = "begins with http:// or https:// expected",
    ["http://"] = "a url with a host",
    ["http:///a"] = "a url with a host",
    ["http://user:word@a.example/"] = "without a user expected",
    ["http://a.example/b c"] = "without blanks and control characters",
    ["http://a.example/\r\nx: y"] = "without blanks and control characters",
    ["http://a.example/\0"] = "expected",
    [""] = "begins with http:// or https:// expected",
  }
  for url, problem in pairs(refused) do
    it(("refuses %q"):format(url), function()
      local ok, message = pcall(fetch, url, { allowPrivate = true })
      assert.is_false(ok)
      assert.truthy(tostring(message):find("bad argument #1 to 'createFileFromUrl'", 1, true), tostring(message))
      assert.truthy(tostring(message):find(problem, 1, true), tostring(message))
    end)
  end
end)
