-- Paths and queries: one argument is one encoded segment or value.
local oneentry = require "oneentry"
local server = require "support.server"

local api = oneentry.define("https://shop.example/", "app-token")
local BASE = "https://shop.example/api/content"

local function path_of(marker)
  local url = api.prepare.Orders.getOrdersStorageByMarker(marker).url
  return url:match("^" .. BASE:gsub("%p", "%%%0") .. "/orders%-storage/marker/(.*)%?langCode=en_US$")
end

local function refusal(...)
  local ok, message = pcall(api.prepare.Orders.getOrdersStorageByMarker, ...)
  assert.is_false(ok)
  return message
end

describe("a path segment (D03)", function()
  local cases = {
    { "orders", "orders" },
    { "orders-2_B.c~d", "orders-2_B.c~d" },
    { "a b", "a%20b" },
    { "a/b", "a%2Fb" },
    { "../../admins/all", "..%2F..%2Fadmins%2Fall" },
    { "...", "..." },
    { "a?b=c", "a%3Fb%3Dc" },
    { "a#b", "a%23b" },
    { "100%", "100%25" },
    { "100%25", "100%2525" },
    { "a\\b", "a%5Cb" },
    { "a\r\nb", "a%0D%0Ab" },
    { "a\0b", "a%00b" },
    { "a:b@c;d=e,f+g&h", "a%3Ab%40c%3Bd%3De%2Cf%2Bg%26h" },
    { "é中", "%C3%A9%E4%B8%AD" },
    { "\255", "%FF" },
    { 7, "7" },
    { 2 ^ 53 - 1, "9007199254740991" },
  }
  for _, case in ipairs(cases) do
    it(("is %q for %q"):format(case[2], tostring(case[1])), function()
      assert.equal(case[2], path_of(case[1]))
    end)
  end

  for name, marker in pairs { empty = "", dot = ".", ["two dots"] = ".." } do
    it("is refused when it is " .. name, function()
      assert.matches("^[^:]*:?%d*:? ?bad argument #1 to 'getOrdersStorageByMarker' %(must not be ", refusal(marker))
    end)
  end
end)

describe("a url of a page", function()
  local function path_of_page(url)
    return api.prepare.Pages.getConfigPageByUrl(url).url:match("^" .. BASE:gsub("%p", "%%%0") .. "/pages/(.*)/config$")
  end

  local cases = {
    { "about", "about" },
    { "about/our-team", "about/our-team" },
    { "a/b/c/d", "a/b/c/d" },
    { "über uns/a?b", "%C3%BCber%20uns/a%3Fb" },
    { "a%2Fb/c#d", "a%252Fb/c%23d" },
    { "a\\b/..c", "a%5Cb/..c" },
    { ".../.a", ".../.a" },
    { 7, "7" },
  }
  for _, case in ipairs(cases) do
    it(("is %q for %q"):format(case[2], tostring(case[1])), function() assert.equal(case[2], path_of_page(case[1])) end)
  end

  local bad = {
    { "", "must not be empty" }, { ".", "must not be a dot segment" }, { "..", "must not be a dot segment" },
    { "a/..", "must not have a dot segment" }, { "../a", "must not have a dot segment" }, { "a/./b", "must not have a dot segment" },
    { "a/../../b", "must not have a dot segment" },
    { "a//b", "must not have an empty segment" }, { "/", "must neither begin nor end with a slash" },
    { "/a", "must neither begin nor end with a slash" }, { "a/", "must neither begin nor end with a slash" },
    { "//a", "must neither begin nor end with a slash" }, { "https://a.example", "must not have an empty segment" },
  }
  for _, case in ipairs(bad) do
    it(("is refused when it is %q"):format(case[1]), function()
      local ok, message = pcall(path_of_page, case[1])
      assert.is_false(ok)
      assert.matches("bad argument #1 to 'getConfigPageByUrl' (" .. case[2] .. ")", message, 1, true)
    end)
  end

  it("is named, in errors of any argument", function()
    local ok, message = pcall(api.prepare.Products.getProductsPriceByPageUrl, "a//b")
    assert.is_false(ok)
    assert.matches("bad argument #1 to 'getProductsPriceByPageUrl' (must not have an empty segment)", message, 1, true)
  end)
end)

describe("an id", function()
  local function url(id)
    return api.prepare.Payments.getSessionById(id).url:sub(#BASE + 1)
  end

  it("is written as digits", function()
    assert.equal("/payments/sessions/116", url(116))
    assert.equal("/payments/sessions/116", url(116.0))
    assert.equal("/payments/sessions/9007199254740991", url(9007199254740991))
    assert.equal("/payments/sessions/0012", url("0012"))
  end)

  it("is exact, or refused", function()
    for _, id in ipairs { 116.5, 2 ^ 53, 0 / 0, 1 / 0, -1, "1e3", "", "1 ", "-1", "0x10", "12a" } do
      assert.has_error(function() url(id) end)
    end
  end)

  if math.type then
    it("keeps all 64 bits of an integer", function()
      assert.equal("/payments/sessions/9223372036854775807", url(math.maxinteger))
    end)
  end
end)

describe("a query", function()
  local function query(...)
    return api.prepare.Orders.getAllOrdersByMarker("orders", ...).url:match "%?.*"
  end

  it("has the documented order and defaults", function()
    assert.equal("?langCode=en_US&limit=30&offset=0", query())
    assert.equal("?langCode=fr_FR&limit=5&offset=10", query("fr_FR", 10, 5))
    assert.equal("?langCode=en_US&limit=0&offset=0", query(nil, nil, 0))
  end)

  it("encodes its values", function()
    assert.equal("?langCode=x%26langCode%3Dzz%23&limit=30&offset=0", query "x&langCode=zz#")
  end)

  it("leaves out what is null", function()
    local null = oneentry.null
    assert.equal("?limit=30&offset=0", query(null))
    assert.is_nil(query(null, null, null))
  end)

  it("starts after the slash of getSessions", function()
    assert.equal(BASE .. "/payments/sessions/?offset=0&limit=30", api.prepare.Payments.getSessions().url)
  end)
end)

describe("a url", function()
  it("is sent as it is: dots in the project's path, and a query that the one before did not have", function()
    local peer = server.start()
    peer:script { fallback = { "answer", body = "[]" } }
    local client = oneentry.define(peer.url .. "/a/../b/./c", "t")
    for _, call in ipairs {
      function(with) return with.Orders.getAllOrdersByMarker "..." end, function(with) return with.Payments.getAccounts() end,
      function(with) return with.Orders.getAllOrdersByMarker("%2e%2e/..", "a&b") end,
      function(with) return with.Payments.getSessionById(1) end,
    } do
      assert(call(client))
      local requests = peer:requests()
      local function lower(url) return (url:gsub("%%%x%x", string.lower)) end -- as libcurl writes escapes
      assert.equal(lower(call(client.prepare).url), lower(peer.url .. requests[#requests].path))
    end
    peer:stop()
  end)
end)

describe("the project url", function()
  local function url_of(project)
    return oneentry.define(project, "t").prepare.Payments.getAccounts().url
  end

  it("may have a port, a path and trailing slashes", function()
    for given, expected in pairs {
      ["https://shop.example"] = "https://shop.example",
      ["https://shop.example/"] = "https://shop.example",
      ["http://127.0.0.1:8787"] = "http://127.0.0.1:8787",
      ["http://[::1]:8787/"] = "http://[::1]:8787",
      ["https://shop.example/prefix/x/"] = "https://shop.example/prefix/x",
      ["https://shop.example///"] = "https://shop.example",
      ["https://shop.example:8443//"] = "https://shop.example:8443",
      ["https://shop.example/prefix//x//"] = "https://shop.example/prefix//x",
      ["http://[::1]//"] = "http://[::1]",
      ["HTTPS://shop.example"] = "HTTPS://shop.example",
    } do
      assert.equal(expected .. "/api/content/payments/accounts", url_of(given))
    end
  end)

  it("may have a path that is not ASCII, and one that begins like the platform's", function()
    for given, expected in pairs {
      ["https://shop.example/é/%C3%A9/"] = "https://shop.example/%C3%A9/%C3%A9",
      ["https://shop.example/shop/api"] = "https://shop.example/shop/api",
      ["https://shop.example/apis"] = "https://shop.example/apis",
      ["https://shop.example/api/x"] = "https://shop.example/api/x",
      ["https://api.example"] = "https://api.example",
    } do
      assert.equal(expected .. "/api/content/payments/accounts", url_of(given))
    end
  end)

  local bad = {
    ["https://shop.example/api"] = 'without "/api"',
    ["https://shop.example/api//"] = 'without "/api"',
    ["https://shop.example:443/api/content/"] = 'without "/api"',
    ["https://shop.example/\255"] = "not UTF-8",
    ["https://sh\255p.example"] = "not UTF-8",
    ["https://sh%FFp.example"] = "a host in ASCII expected",
    ["https://" .. ("x"):rep(256)] = "too long",
    ["shop.example"] = "scheme",
    ["//shop.example"] = "scheme",
    ["ftp://shop.example"] = "http or https",
    ["file:///etc/passwd"] = "not a valid url",
    ["http:///127.0.0.1"] = "not a valid url",
    ["http:/127.0.0.1/a://b"] = "not a valid url",
    ["gopher://shop.example"] = "http or https",
    ["https://user:pass@shop.example"] = "without user and password",
    ["https://user@shop.example"] = "without user and password",
    ["https://shop.example?x=1"] = "without query",
    ["https://shop.example?"] = "without query",
    ["https://shop.example#x"] = "without query and fragment",
    ["https://shop.example/a b"] = "not a valid url",
    ["https://shop.example/a\\b"] = "not a valid url",
    ["https://shop.example\r\nx: y"] = "not a valid url",
    ["https://shop.example\0.evil.example"] = "not a valid url",
    ["https://"] = "not a valid url",
    ["https://shop.example:99999"] = "not a valid url",
    [""] = "scheme",
  }
  for url, problem in pairs(bad) do
    it(("refuses %q"):format(url), function()
      local ok, message = pcall(oneentry.define, url, "t")
      assert.is_false(ok)
      assert.matches("bad argument #1 to 'define'", message, 1, true)
      assert.matches(problem, message, 1, true)
      assert.not_matches("pass@", message, 1, true)
    end)
  end

  it("must be a string", function()
    for _, url in ipairs { 5, true, {} } do
      assert.has_error(function() oneentry.define(url, "t") end)
    end
    assert.has_error(function() oneentry.define() end, "bad argument #1 to 'define' (string expected, got no value)")
  end)
end)
