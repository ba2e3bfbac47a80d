-- The sandbox's switches for tests: faults above all.
local client = require "support.sandbox.app"

local refused = client.refused
local ME = "/api/content/users/me"
local FAULT = "/__sandbox/fault"

describe("S11: a switch", function()
  it("takes no member that it does not have, and true or false only", function()
    local shop = client.new()
    refused(400, "unknown member: seconds (there is advance)", shop:post("/__sandbox/clock", { advance = 1, seconds = 1 }))
    refused(400, "unknown member: cancelURL (there is identifier, successUrl, cancelUrl)",
      shop:post("/__sandbox/account", { identifier = "stripe", cancelURL = "http://127.0.0.1/" }))
    for _, name in ipairs { "clear", "expire_access_tokens", "lost_webhook" } do
      refused(400, name .. " must be true or false", shop:post(FAULT, { [name] = 1 }))
      refused(400, ("unknown member: match (there is %s)"):format(name), shop:post(FAULT, { [name] = true, match = "GET *" }))
    end
    assert.are.equal(0, shop:post(FAULT, { clear = true }).faults)
  end)
end)

describe("faults", function()
  local shop
  before_each(function() shop = client.signed_in() end)

  local function fault(description)
    local value, status = shop:post(FAULT, description)
    assert.are.equal(200, status, value.message)
  end

  it("stand in for the answer once, with the error envelope by default", function()
    fault { match = "GET " .. ME, status = 503 }
    refused(503, "Injected fault", shop:get(ME))
    assert.are.equal(16, shop:get(ME).id)
  end)

  it("have body, content type and headers of their own", function()
    fault { match = "GET " .. ME, status = 502, body = "<h1>Bad gateway</h1>" }
    local html = shop:raw("GET", ME)
    assert.are.same({ 502, "<h1>Bad gateway</h1>", "text/html; charset=utf-8" },
      { html.status, html.body, html.headers["content-type"] })
    fault { match = "GET " .. ME, status = 429, body = { message = "Slow down" }, headers = { ["Retry-After"] = 7 } }
    local limited = shop:raw("GET", ME)
    assert.are.same({ '{"message":"Slow down"}', "7", "application/json; charset=utf-8" },
      { limited.body, limited.headers["retry-after"], limited.headers["content-type"] })
    fault { match = "GET " .. ME, status = 200, body = "{", contentType = "application/json" }
    local broken = shop:raw("GET", ME)
    assert.are.same({ 200, "{", "application/json" }, { broken.status, broken.body, broken.headers["content-type"] })
  end)

  it("match by verb and path pattern, times and after", function()
    fault { match = "GET /api/content/orders-storage/marker/{marker}/orders/{id}", status = 500 }
    assert.are.equal(200, shop:raw("GET", client.ORDERS).status)
    assert.are.equal(500, shop:raw("GET", client.ORDERS .. "/1?langCode=en_US").status)
    fault { match = "* /api/*", status = 500, after = 2, times = 3 }
    local seen = {}
    for i = 1, 6 do seen[i] = shop:raw(i % 2 == 0 and "GET" or "PUT", ME).status end
    assert.are.same({ 200, 200, 500, 500, 500, 200 }, { seen[2], seen[6], seen[3], seen[4], seen[5], seen[6] })
    fault { match = "GET /api.content/users/me", status = 500 }
    assert.are.equal(200, shop:raw("GET", ME).status)
  end)

  -- pattern, paths that match, paths that do not
  for _, case in ipairs {
    { "GET /x/{a}", { "/x/1" }, { "/x", "/x/1/2", "/y/1" } },
    { "GET /{a}/x", { "/1/x" }, { "/x", "/1/2/x", "/1/xx" } },
    { "GET */{a}/x/{b}", { "/1/x/2", "/1/x/x/x" }, { "/x/2", "/1/x", "/1/y/2" } },
    { "* /a*b*", { "/ab", "/acbd", "/abb" }, { "/ba", "/xab", "/a" } },
    { "GET /ab*ba", { "/abba", "/abxba", "/ab/ba" }, { "/aba", "/ab", "/abbac" } },
    { "GET **x", { "/x", "/yx" }, { "/xy", "/" } },
    { "GET /{a}/a.(%d)[b]-+?^$", { "/1/a.(%d)[b]-+?^$" }, { "/1/ab(%d)[b]-+?^$", "/1/a.(1)b^" } },
  } do
    it("match " .. case[1], function()
      local wildcard = require "oneentry.sandbox.host.wildcard"
      local pieces = wildcard.compile(case[1])
      for _, path in ipairs(case[2]) do assert.is_true(wildcard.matches(pieces, "GET " .. path), path) end
      for _, path in ipairs(case[3]) do assert.is_false(wildcard.matches(pieces, "GET " .. path), path) end
    end)
  end

  it("come after token and session, but also where there is no route", function()
    fault { match = "GET *", status = 500, times = 100 }
    assert.are.equal(500, shop:raw("GET", "/api/content/products").status)
    shop.headers.authorization = nil
    refused(401, "Unauthorized", shop:get(ME))
    shop.headers["x-app-token"] = nil
    refused(403, "Resource is closed", shop:get(ME))
    assert.are.equal(200, shop:raw("GET", "/__sandbox/log").status)
  end)

  it("replace only the answer with `process`, and the request without", function()
    fault { match = "POST *", status = 500 }
    shop:create_order()
    assert.are.equal(0, shop:get(client.ORDERS).total)
    fault { match = "POST *", status = 500, process = true }
    local _, status = shop:create_order()
    assert.are.equal(500, status)
    assert.are.equal(1, shop:get(client.ORDERS).total)
    fault { match = "POST *", status = 503, process = true }
    assert.are.equal(503, select(2, shop:create_order { couponCode = "PAST" }))
  end)

  it("tell the host to wait or to drop the connection", function()
    fault { match = "GET *", delay = 0.5 }
    local slow = shop:raw("GET", ME)
    assert.are.same({ 200, 0.5 }, { slow.status, slow.delay })
    fault { match = "POST *", drop = true }
    assert.is_true(shop:raw("POST", client.ORDERS, "{}").drop)
    assert.are.equal(0, shop:get(client.ORDERS).total)
  end)

  it("can be cleared", function()
    fault { match = "* *", status = 500, times = 100 }
    fault { lost_webhook = true }
    fault { clear = true }
    assert.are.equal(16, shop:get(ME).id)
    assert.is_false(shop.app.store.lost_webhook)
  end)

  it("can expire the access tokens, while refresh tokens stay good", function()
    local pair = shop:sign_in()
    fault { expire_access_tokens = true }
    refused(401, "Unauthorized", shop:get(ME))
    local new, status = shop:post(client.USERS .. "/refresh", { refreshToken = pair.refreshToken })
    assert.are.equal(200, status)
    shop.headers.authorization = "Bearer " .. new.accessToken
    assert.are.equal(16, shop:get(ME).id)
  end)

  it("are refused when they cannot work", function()
    refused(400, 'a fault needs a match, for example "GET /api/content/users/me"', shop:post(FAULT, { status = 500 }))
    refused(400, "a fault needs a status, a delay or drop", shop:post(FAULT, { match = "GET *" }))
    refused(400, "unknown member of a fault: statusCode", shop:post(FAULT, { match = "GET *", statusCode = 500 }))
  end)

  -- S11: a value that no answer can be made of is refused with the member's name.
  for _, case in ipairs {
    { "status", "500" }, { "status", 99999 }, { "status", 1.5 }, { "status", -1 }, { "status", 1e300 }, { "status", 100 },
    { "status", 101 },
    { "delay", -1 }, { "delay", 1e300 }, { "times", 1.5 }, { "after", -1 }, { "contentType", "a\r\nb" }, { "match", ("x"):rep(301) },
    { "headers", { ["x"] = "a\r\nb" } }, { "headers", { ["x y"] = "a" } }, { "headers", { ["content-length"] = "1" } },
    { "headers", "x" }, { "process", 1 }, { "drop", "yes" },
    { "match", "GET /a{x}" }, { "match", "GET /{x}a" }, { "match", "GET *{x}" }, { "match", "{x} /" },
  } do
    it("S11: are refused for " .. case[1] .. " = " .. tostring(case[2]):gsub("%c", "?"):sub(1, 20), function()
      local problem, status = client.new():post(FAULT, client.copy({ match = "GET *", status = 500 }, { [case[1]] = case[2] }))
      assert.are.equal(400, status)
      assert.matches("^" .. case[1] .. " of a fault must be ", problem.message)
    end)
  end

  it("S11: have no page that runs scripts", function()
    local visited = client.new()
    visited:post(FAULT, { match = "GET /evil", status = 200, body = "<script>alert(1)</script>" })
    local response = visited:raw("GET", "/evil")
    assert.matches("<script>", response.body)
    assert.are.equal("default-src 'none'; sandbox", response.headers["content-security-policy"])
  end)
end)
