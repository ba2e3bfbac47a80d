-- Child calls: the requests that follow from a reply. Under every driver: spec/drivers.sh.
local eventually = require "support.eventually"
local oneentry = require "oneentry"
local own_loop = require "support.driver.own_loop"
local server = require "support.server"
local stopwatch = require "support.stopwatch"

local clock = require "socket".gettime

local function hits(n, first)
  local list = {}
  for i = 1, n do list[i] = ('{"id":%d,"title":"hit %d"}'):format((first or 0) + i, i) end
  return { body = "[" .. table.concat(list, ",") .. "]" }
end

local function page(id, template)
  return { body = ('{"id":%d,"templateIdentifier":%s,"localizeInfos":{"en_US":{"title":"Page %d"}}}'):format(id,
    template and '"' .. template .. '"' or "null", id) }
end

describe("child calls", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function define(config)
    config = config or {}
    config.token, config.maxRetries = "app-token", config.maxRetries or 0
    return oneentry.define(peer.url, config)
  end

  -- The answers by the last segment of the path; to others: their id.
  local function script(but, refuse)
    peer:script { fallback = { "echo", but = but, refuse = refuse } }
  end

  local function paths()
    local list, counts = {}, {}
    for i, request in ipairs(peer:requests()) do
      list[i] = request.path:match "^[^?]*/([^/?]+)"
      counts[list[i]] = (counts[list[i]] or 0) + 1
    end
    return list, counts
  end

  local function ids(list)
    local all = {}
    for i, item in ipairs(list) do all[i] = item.id end
    return all
  end

  local function range(n)
    local all = {}
    for i = 1, n do all[i] = i end
    return all
  end

  it("bring each hit of a search, in the order of the hits", function()
    local but = { search = hits(20) }
    for i = 1, 20 do
      but[tostring(i)] = page(i)
      but[tostring(i)].seconds = (20 - i) % 3 * 0.02 -- later ones answer sooner
    end
    script(but)
    local pages = assert(define().Pages.searchPage "p")
    assert.same(range(20), ids(pages))
    assert.equal("Page 7", pages[7].localizeInfos.title)
    assert.equal(21, #peer:requests())
  end)

  it("are asked once for each distinct request, in the language of the call", function()
    script { search = hits(6), ["1"] = page(1, "a"), ["2"] = page(2, "b"), ["3"] = page(3, "a"), ["4"] = page(4),
      ["5"] = page(5, ""), ["6"] = page(6, "b"), a = { body = '{"identifier":"a"}' }, b = { body = '{"identifier":"b"}' } }
    local pages = assert(define().Pages.searchPage("p", nil, "de_DE"))
    local templates = {}
    for i, one in ipairs(pages) do templates[i] = one.template and one.template.identifier or "" end
    assert.same({ "a", "b", "a", "", "", "b" }, templates)
    local _, counts = paths()
    assert.same({ 1, 1 }, { counts.a, counts.b })
    for _, request in ipairs(peer:requests()) do assert.matches("lang[Code]*=de_DE", request.path) end
  end)

  it("are at most six at a time, fewer where the client has fewer connections", function()
    for most, want in pairs { [0] = 6, [2] = 2 } do
      local but = { search = hits(30) }
      for i = 1, 30 do but[tostring(i)] = { body = page(i).body, seconds = 0.02 } end
      script(but)
      local api, before = define { maxConnections = most > 0 and most or nil }, #peer:connections()
      local began = clock()
      assert.equal(30, #assert(api.Products.searchProduct "p"))
      assert.is_true(clock() - began >= 30 / want * 0.02)
      assert.is_true(#peer:connections() - before <= want, #peer:connections() - before .. " connections")
      api.close()
    end
  end)

  it("that fail leave the rest in err.partial", function()
    script { search = hits(4), ["1"] = page(1), ["2"] = { status = 500, body = '{"message":"boom"}' }, ["3"] = page(3, "lost"),
      ["4"] = page(4), lost = { status = 403, body = '{"message":"no"}' } }
    local told = {}
    local api = define { errors = { customErrors = { [500] = function(err) told[#told + 1] = err end,
      [403] = function(err) told[#told + 1] = err end } } }
    local value, err = api.Pages.searchPage "p"
    assert.is_nil(value)
    assert.same({ 500, "boom", "/api/content/pages/{id}" }, { err.statusCode, err.message, err.path })
    assert.same({ 1, 3, 4 }, ids(err.partial))
    assert.is_nil(err.partial[2].template)
    assert.same({ 500, 403 }, { told[1].statusCode, told[2].statusCode })
    assert.is_true(oneentry.is_error(err))
  end)

  it("leave out a hit that is gone", function()
    local told = 0
    script { search = hits(3), ["2"] = { status = 404, body = '{"message":"gone"}' } }
    local api = define { errors = { customErrors = { [404] = function() told = told + 1 end } } }
    assert.same({ 1, 3 }, ids(assert(api.Products.searchProduct "p")))
    assert.equal(0, told)
    script { search = { body = '[{"id":2}]' }, ["2"] = { status = 404 } }
    local none = assert(api.Products.searchProduct "p")
    assert.equal("[]", oneentry.encode(none))
  end)

  it("leave alone what cannot be asked for", function()
    for _, body in ipairs { "[]", "null", '"text"', "[1,2]", '{"id":1}', '[{"id":null}]', '[{"id":1.5},{"id":"x"},{"id":{}},{"id":-1}]' } do
      script { search = { body = body } }
      local value = assert(define { nulls = true }.Products.searchProduct "p")
      assert.equal(body, oneentry.encode(value))
      assert.equal(1, #peer:requests())
    end
  end)

  it("are not made with traficLimit", function()
    script { search = hits(3) }
    assert.equal("hit 2", assert(define { traficLimit = true }.Products.searchProduct "p")[2].title)
    assert.equal(1, #peer:requests())
  end)

  it("share one refresh", function()
    peer:script { { "answer", body = hits(12).body }, fallback = { "echo", refuse = "old", but = {
      refresh = { body = '{"accessToken":"new","refreshToken":"r2"}', seconds = 0.05 } } } }
    local saved = {}
    local api = define { auth = { accessToken = "old", refreshToken = "r1", saveFunction = function(token) saved[#saved + 1] = token end } }
    assert.same(range(12), ids(assert(api.Products.searchProduct "p")))
    local _, counts = paths()
    assert.equal(1, counts.refresh)
    assert.same({ "r2" }, saved)
  end)

  it("have their parent's deadline", function()
    local found = hits(8)
    found.seconds = 0.3
    script { search = found, ["5"] = { body = "{}", seconds = 5 } }
    local began = clock()
    local value, err = define { timeout = 0.5 }.Products.searchProduct "p"
    assert.is_true(clock() - began < 0.75, clock() - began .. " s")
    assert.same({ [2] = "timeout" }, { value, err.code })
    assert.same({ 1, 2, 3, 4, 6, 7, 8 }, ids(err.partial))
  end)

  it("are repeated like other reads", function()
    peer:script { { "answer", body = hits(2).body }, { "answer", status = 503 }, fallback = { "echo" } }
    assert.same({ 1, 2 }, ids(assert(define { maxRetries = 2, maxConnections = 1 }.Products.searchProduct "p")))
    assert.equal(4, #peer:requests())
  end)

  it("end when their parent is cancelled, or the client is closed", function()
    for _, ending in ipairs { "cancelled", "closed" } do
      local but = { search = hits(20) }
      for i = 1, 20 do but[tostring(i)] = { behaviour = "silence" } end
      script(but)
      local api = define { timeout = 20 }
      local future = api.async.Products.searchProduct "p"
      eventually(function()
        future:done()
        return #peer:requests() == 7
      end)
      collectgarbage "stop" -- would end children that are lost
      finally(function() collectgarbage "restart" end)
      if ending == "cancelled" then future:cancel() else api.close() end
      local value, err = future:await()
      assert.same({ [2] = ending }, { value, err.code })
      assert.equal(7, #peer:requests())
      eventually(function()
        for i, request in ipairs(peer:requests()) do
          if i > 1 and not peer:connections()[request.connection].peerClosed then return false end
        end
        return true
      end, "children are under way still")
      collectgarbage "restart"
      api.close()
    end
  end)

  it("of several calls go on beside each other", function()
    local but = { search = hits(12) }
    for i = 1, 12 do but[tostring(i)] = { body = page(i).body, seconds = 0.05 } end
    script(but)
    local api, began = define(), clock()
    local futures = {}
    for i = 1, 4 do futures[i] = api.async.Products.searchProduct "p" end
    local results = assert(oneentry.all(futures))
    for i = 1, 4 do assert.same(range(12), ids(results[i])) end
    assert.is_true(clock() - began < 4 * 0.1, clock() - began .. " s")
  end)

  it("are told of by who waits for their parent, while another coroutine waits for the sockets", function()
    local but = { search = hits(12), ["99"] = { body = "{}", seconds = 1 } }
    for i = 1, 12 do but[tostring(i)] = { body = page(i).body, seconds = 0.02 } end
    script(but)
    local api, order = define { driver = own_loop.driver, timeout = 5 }, {}
    own_loop.run { function()
      assert(api.Payments.getSessionById(99))
      order[#order + 1] = "long"
    end, function()
      assert.same(range(12), ids(assert(api.Products.searchProduct "p")))
      order[#order + 1] = "search"
    end }
    assert.same({ "search", "long" }, order)
    api.close()
  end)

  it("tell hooks of each of them, before it is sent", function()
    script { search = hits(9) }
    local events, sent = {}, 0
    local api = define { hooks = { request = function(event)
      sent = sent + 1
      events[#events + 1] = event.path
    end, response = function(event) events[#events + 1] = event.status end } }
    assert.equal(9, #assert(api.Products.searchProduct "p"))
    assert.same({ 10, 20 }, { sent, #events })
  end)

  it("are not made twice by who looks at the future meanwhile", function()
    local but = { search = hits(10) }
    for i = 1, 10 do but[tostring(i)] = { body = page(i).body, seconds = 0.01 } end
    script(but)
    local future = define().async.Products.searchProduct "p"
    eventually(function() return future:done() end)
    assert.same(range(10), ids(assert(future:await())))
    assert.equal(11, #peer:requests())
  end)

  describe("of 150 hits", function()
    local DELAY = 0.05 -- seconds for each, so that the machine's own time hardly counts

    -- How many of the requests were with the server at a time at most, and the seconds of all of them.
    local function flight(requests)
      local events, most, now, sum = {}, 0, 0, 0
      for _, request in ipairs(requests) do
        events[#events + 1] = { request.at, 1 }
        events[#events + 1] = { request.answered, -1 }
        sum = sum + request.answered - request.at
      end
      table.sort(events, function(a, b) return a[1] < b[1] or a[1] == b[1] and a[2] < b[2] end)
      for _, event in ipairs(events) do
        now = now + event[2]
        most = math.max(most, now)
      end
      return most, sum
    end

    local function serve(members)
      local tokens = { body = '{"accessToken":"new","refreshToken":"r2"}' }
      local step = { "echo", seconds = DELAY, but = { search = hits(150), refresh = tokens } }
      for name, member in pairs(members or {}) do step[name] = member end
      peer:script { fallback = step }
    end

    it("use six connections all the time, and take no longer", function()
      local least
      for _ = 1, 3 do -- other processes only add time
        serve()
        local api, before, watch = define(), #peer:connections(), stopwatch()
        local found = assert(api.Products.searchProduct "p")
        local seconds = watch()
        assert.same(range(150), ids(found))
        local most, sum = flight(peer:requests())
        assert.same({ 6, 6, 151 }, { most, #peer:connections() - before, #peer:requests() })
        api.close()
        least = math.min(least or 9, seconds / (sum / 6))
        if least <= 1.2 then break end
      end
      assert.is_true(least <= 1.2, least .. " times the ideal")
    end)

    it("are refreshed once when the token expires meanwhile", function()
      serve()
      local saved, seen = {}, 0
      local function save(token) saved[#saved + 1] = token end
      local function count()
        seen = seen + 1
        if seen == 60 then serve { refuse = "old", seconds = 0.01 } end
      end
      local api = define { auth = { accessToken = "old", refreshToken = "r1", saveFunction = save }, hooks = { response = count } }
      assert.same(range(150), ids(assert(api.Products.searchProduct "p")))
      local list, counts = paths()
      local refused = 0
      for _, request in ipairs(peer:requests()) do
        if request.headers.authorization == "Bearer old" and not request.path:find "refresh" then refused = refused + 1 end
      end
      assert.same({ 1, { "r2" } }, { counts.refresh, saved })
      assert.is_true(refused >= 1 and refused <= 6, refused .. " were refused")
      assert.is_true(#list <= 150 - 59 + 1 + 6, #list .. " requests")
      api.close()
    end)

    it("all end at their deadline, and when they are cancelled", function()
      for _, ending in ipairs { "timeout", "cancelled" } do
        serve()
        local api = define { timeout = ending == "timeout" and 10 * DELAY or 20 }
        local began = clock()
        local future = api.async.Products.searchProduct "p"
        if ending == "cancelled" then
          eventually(function()
            future:done()
            return #peer:requests() > 50
          end)
          future:cancel()
        end
        local value, err = future:await()
        assert.same({ [2] = ending }, { value, err.code })
        assert.is_true(ending ~= "timeout" or clock() - began < 20 * DELAY, clock() - began .. " s")
        local count = #peer:requests()
        assert.is_true(count > 7 and count < 100, count .. " requests")
        if ending == "timeout" then
          assert.is_true(#err.partial >= 6 and #err.partial < count, #err.partial .. " of " .. count)
          assert.same(range(#err.partial), ids(err.partial))
        end
        assert.equal(7, assert(api.Payments.getSessionById(7)).id)
        assert.equal(count + 1, #peer:requests())
        api.close()
      end
    end)
  end)
end)
