-- oneentry.each: lists, page after page. Under every driver: spec/drivers.sh.
local eventually = require "support.eventually"
local oneentry = require "oneentry"
local own_loop = require "support.driver.own_loop"
local server = require "support.server"

local unpack = table.unpack or unpack -- luacheck: ignore

describe("oneentry.each", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function define(config)
    config = config or {}
    config.token, config.maxRetries = "app-token", config.maxRetries or 0
    return oneentry.define(peer.url, config)
  end

  local function list(step)
    step[1] = "list"
    peer:script { fallback = step }
  end

  -- The ids of the items, and how many requests they took.
  local function ids(...)
    local all = {}
    for item in oneentry.each(...) do all[#all + 1] = item.id end
    return all, #peer:requests()
  end

  local function range(first, last)
    local all = {}
    for id = first, last do all[#all + 1] = id end
    return all
  end

  -- The query's offset and limit of each request.
  local function asked()
    local all = {}
    for i, request in ipairs(peer:requests()) do
      all[i] = (request.path:match "offset=(%d+)" or "") .. "/" .. (request.path:match "limit=(%d+)" or "")
    end
    return all
  end

  it("brings 5,000 products once each, however few a page has", function()
    list { count = 5000, cap = 10 }
    local all, requests = ids(define().Products.getProducts, nil, nil, { limit = 100 })
    assert.same(range(1, 5000), all)
    assert.equal(500, requests)
    assert.same({ "/100", "10/100", "20/100" }, { unpack(asked(), 1, 3) })
  end)

  it("goes on by offset where that is an argument, and where the reply has no total", function()
    list { count = 45, cap = 10, plain = true }
    local all, requests = ids(define().Orders.getAllStatusesByStorageMarker, "orders", "de_DE", 7, 20)
    assert.same(range(8, 45), all)
    assert.equal(5, requests) -- the last is empty
    assert.same({ "7/20", "17/20", "27/20", "37/20", "45/20" }, asked())
    for _, request in ipairs(peer:requests()) do assert.matches("langCode=de_DE", request.path) end
  end)

  it("begins at an offset of the query, and sends filters and other parameters each time", function()
    list { count = 8 }
    local filter, query = { { attributeMarker = "price", conditionMarker = "mth", conditionValue = 5 } },
      { offset = "2", limit = 3, sortKey = "price" }
    assert.same(range(3, 8), (ids(define().Products.getProductsByPageUrl, "a/b", filter, nil, query)))
    assert.same({ "2/3", "5/3" }, asked())
    for _, request in ipairs(peer:requests()) do
      assert.matches("sortKey=price", request.path)
      assert.equal('{"filter":[{"', request.body:sub(1, 13))
    end
    assert.same({ offset = "2", limit = 3, sortKey = "price" }, query)
    assert.same({ { attributeMarker = "price", conditionMarker = "mth", conditionValue = 5 } }, filter)
  end)

  it("takes a query that answers through its metatable, null, and what a loop does to its query", function()
    list { count = 5 }
    local api = define()
    local proxy = setmetatable({}, { __pairs = function() return next, { limit = 2, offset = 1 } end })
    assert.same(range(2, 5), (ids(api.Products.getProducts, nil, nil, proxy)))
    assert.same(range(1, 5), (ids(api.Products.getProducts, nil, nil, oneentry.null)))
    local query, all = { limit = 2 }, {}
    for item in oneentry.each(api.IntegrationCollections.getICollectionRowsById, 1, nil, query) do
      query.offset, query.limit = 77, nil
      all[#all + 1] = item.id
    end
    assert.same(range(1, 5), all)
  end)

  it("takes lists of one page, with items or without", function()
    peer:script { fallback = { "echo", but = {
      all = { body = '[{"id":1},{"id":2}]' }, rows = { body = '{"items":[{"id":3}],"total":9}' },
      ["7"] = { body = '{"id":4,"status":"waiting"}' },
    } } }
    local api = define()
    assert.same({ 1, 2 }, (ids(api.Locales.getLocales)))
    assert.same({ 3 }, (ids(api.IntegrationCollections.getICollectionRowsByMarker, "m")))
    assert.same({ 4 }, (ids(api.Payments.getSessionByOrderId, 7))) -- of an older server
    assert.equal(3, #peer:requests())
  end)

  it("of an empty list does nothing", function()
    local api = define()
    for _, step in ipairs { { count = 0 }, { count = 0, plain = true }, { count = 5, total = 5, fail = { [0] = { body = "null" } } },
      { count = 0, total = 100 } } do
      list(step)
      local all, requests = ids(api.Products.getProducts)
      assert.same({ {}, 1 }, { all, requests })
    end
    list { count = 5 }
    assert.same({}, (ids(api.Products.getProducts, nil, nil, { offset = 9 })))
  end)

  it("takes a total for what it is", function()
    local api = define()
    for total, requests in pairs { [30] = 3, [35] = 4, [100] = 4, [25] = 4, ['"30"'] = 3, ["null"] = 4, ["{}"] = 4 } do
      list { count = 30, cap = 10, total = total }
      local all, sent = ids(api.Products.getProducts)
      assert.same(range(1, 30), all, tostring(total))
      assert.equal(requests, sent, tostring(total))
    end
  end)

  it("ends with an error where a page comes again", function()
    local api = define()
    for _, plain in ipairs { true, false } do
      list { count = 30, cap = 10, total = 1000, ignore = true, plain = plain }
      local all = {}
      local ok, err = pcall(function()
        for item in oneentry.each(api.Orders.getAllOrdersByMarker, "orders") do all[#all + 1] = item.id end
      end)
      assert.is_false(ok)
      assert.is_true(oneentry.is_error(err))
      assert.same({ "invalid_response", "the page at offset 10 begins like an earlier one", "GET" }, { err.code, err.message, err.method })
      assert.same(range(1, 10), all)
      assert.equal(2, #peer:requests())
    end
  end)

  it("ends with an error where pages without ids come by turns", function()
    local pages = { '{"items":[{"id":null,"eventMarker":"a"}],"total":99}', '{"items":[{"id":null,"eventMarker":"b"}],"total":99}' }
    list { count = 0, fail = { [0] = { body = pages[1] }, [1] = { body = pages[2] }, [2] = { body = pages[1] } } }
    local all = {}
    local ok, err = pcall(function()
      for item in oneentry.each(define { nulls = true }.Events.getAllSubscriptions) do all[#all + 1] = item.eventMarker end
    end)
    assert.same({ false, "invalid_response" }, { ok, err.code })
    assert.same({ "a", "b" }, all)
  end)

  it("raises the err of a page, when all before it has been used", function()
    for _, shell in ipairs { true, false } do
      local api = define { errors = { isShell = shell } }
      list { count = 50, cap = 10, fail = { [20] = { status = 403, body = '{"message":"enough"}' } } }
      local all = {}
      local next_item = oneentry.each(api.Products.getProducts)
      local ok, err = pcall(function()
        for item in next_item do all[#all + 1] = item.id end
      end)
      assert.is_false(ok)
      assert.same({ 403, "enough", true }, { err.statusCode, err.message, oneentry.is_error(err) })
      assert.same(range(1, 20), all)
      assert.equal(3, #peer:requests())
      assert.is_nil(next_item())
      assert.equal(3, #peer:requests())
    end
  end)

  it("raises what it cannot send, and sends nothing", function()
    local api = define()
    peer:script {}
    for message, arguments in pairs {
      ["bad argument #1 to 'getProducts' (list expected, got number)"] = { api.Products.getProducts, 5 },
      ["bad argument #4 to 'getProducts' (no more than 3 expected)"] = { api.Products.getProducts, nil, nil, nil, 1, n = 5 },
      ["bad argument #1 to 'getProducts' (filter[1].tilte: unknown member"] = { api.Products.getProducts, { { tilte = "x" } } },
      ["bad argument #3 to 'getProducts' (userQuery"] = { api.Products.getProducts, nil, nil, { { 1 } }, n = 4 },
      ["bad argument #4 to 'each' (offset: an integer of 0 or"] = { api.Products.getProducts, nil, nil, { offset = "x" }, n = 4 },
      ["bad argument #3 to 'each' (offset: an integer of 0 or"] = { api.Forms.getAllForms, nil, -1, n = 3 },
    } do
      local ok, problem = pcall(function()
        for _ in oneentry.each(unpack(arguments, 1, arguments.n or #arguments)) do error "an item" end
      end)
      assert.is_false(ok)
      assert.matches("each_spec.lua:%d+: ", problem)
      assert.matches(message, problem, 1, true)
    end
    assert.equal(0, #peer:requests())
  end)

  it("takes functions of a client that return lists, and no others", function()
    local api = define()
    local own = "a function of a client, such as api.Products.getProducts, expected, got "
    local get = api.Products.getProducts
    for _, case in ipairs {
      { nil, own .. "nil" }, { "getProducts", own .. "string" }, { api.Products, own .. "table" }, { print, own .. "another function" },
      { function(...) return get(...) end, own .. "another function" }, { api.async.Products.getProducts, own .. "another function" },
      { api.prepare.Products.getProducts, own .. "another function" }, { api.Products.setAccessToken, own .. "another function" },
      { api.session, own .. "another function" }, { coroutine.wrap(function() end), own .. "another function" },
      { api.Products.getProductById, "a function that returns a list expected; getProductById does not" },
      { api.FileUploading.upload, "a function that returns a list expected; upload does not" },
    } do
      local ok, problem = pcall(oneentry.each, case[1])
      assert.is_false(ok)
      assert.matches("bad argument #1 to 'each' (" .. case[2] .. ")", problem, 1, true)
    end
  end)

  it("is of the session whose function it has", function()
    list { count = 4 }
    local api = define()
    local user = api.session { accessToken = "hers" }
    assert.same(range(1, 4), (ids(user.Orders.getAllOrdersByMarker, "orders", nil, nil, 2)))
    for _, request in ipairs(peer:requests()) do assert.equal("Bearer hers", request.headers.authorization) end
    api.close()
    local ok, err = pcall(ids, user.Orders.getAllOrdersByMarker, "orders")
    assert.same({ false, "closed" }, { ok, err.code })
  end)

  it("of several lists goes on in each of them", function()
    list { count = 25, cap = 10 }
    local api, pairs_seen = define(), 0
    for a in oneentry.each(api.Forms.getAllForms) do
      for b in oneentry.each(api.Discounts.getAllDiscounts) do
        if a.id == b.id then pairs_seen = pairs_seen + 1 end
      end
    end
    assert.equal(25, pairs_seen)
  end)

  it("is one coroutine's: another one that asks while a page comes gets an error, and no end", function()
    list { count = 6, cap = 3, seconds = 0.05 }
    local iterator, all, problem = oneentry.each(define { driver = own_loop.driver }.Products.getProducts), {}, nil
    own_loop.run {
      function()
        local item = iterator()
        while item do
          all[#all + 1] = item.id
          item = iterator()
        end
      end,
      function() problem = select(2, pcall(iterator)) end,
    }
    assert.same(range(1, 6), all)
    assert.equal("another coroutine waits for the next page of this iterator", problem)
  end)

  it("asks for no page before it is needed, without a driver", function()
    list { count = 30, cap = 10 }
    local next_item = oneentry.each(define { driver = "blocking" }.Products.getProducts)
    assert.equal(0, #peer:requests())
    for id = 1, 11 do
      assert.equal(id, next_item().id)
      assert.equal(id <= 10 and 1 or 2, #peer:requests())
    end
  end)

  local function with_driver(f, config)
    config = config or {}
    config.driver = own_loop.driver
    local api = define(config)
    own_loop.run { function() f(api) end }
    api.close()
  end

  it("has the next page under way while this one is used, with a driver", function()
    list { count = 30, cap = 10 }
    with_driver(function(api)
      local next_item = oneentry.each(api.Products.getProducts)
      for id = 1, 30 do
        assert.equal(id, next_item().id)
        eventually(function() return #peer:requests() == math.min(math.ceil(id / 10) + 1, 3) end)
      end
      assert.is_nil(next_item())
    end)
    assert.equal(3, #peer:requests())
  end)

  it("asks again for a page that nobody took in time", function()
    for _, slow in ipairs { { seconds = 0.5 }, { behaviour = "hangup" } } do
      list { count = 20, cap = 10, fail = { [10] = slow } }
      with_driver(function(api)
        local next_item, all = oneentry.each(api.Products.getProducts), {}
        for i = 1, 10 do all[i] = next_item().id end
        eventually(function() return #peer:requests() == 2 end)
        list { count = 20, cap = 10 }
        own_loop.sleep(0.3) -- beyond the timeout
        for i = 11, 20 do all[i] = next_item().id end
        assert.same(range(1, 20), all)
        assert.is_nil(next_item())
      end, { timeout = 0.2 })
      assert.equal(1, #peer:requests())
    end
  end)

  it("raises the err of a page that nobody took in time and that fails again", function()
    list { count = 20, cap = 10, fail = { [10] = { behaviour = "silence" } } }
    local all = {}
    local ok, err = pcall(with_driver, function(api)
      local next_item = oneentry.each(api.Products.getProducts)
      repeat
        local item = next_item()
        all[#all + 1] = item and item.id
      until not item
    end, { timeout = 0.2 })
    assert.same({ false, "timeout" }, { ok, err.code })
    assert.same(range(1, 10), all)
    assert.equal(3, #peer:requests())
  end)

  it("ends the request that is under way when nobody has the iterator any more", function()
    list { count = 20, cap = 10, fail = { [10] = { behaviour = "silence" } } }
    local function gone()
      local request = peer:requests()[2]
      return request and peer:connections()[request.connection].peerClosed
    end
    with_driver(function(api)
      local next_item = oneentry.each(api.Products.getProducts)
      assert.equal(1, next_item().id)
      eventually(function() return #peer:requests() == 2 end)
      assert.is_falsy(gone())
      next_item = nil -- luacheck: ignore
      eventually(function()
        collectgarbage()
        return gone()
      end)
      if _VERSION < "Lua 5.4" then return end
      list { count = 20, cap = 10, fail = { [10] = { behaviour = "silence" } } }
      collectgarbage "stop"
      finally(function() collectgarbage "restart" end)
      for item in oneentry.each(api.Products.getProducts) do
        eventually(function() return #peer:requests() == 2 end)
        if item.id == 1 then break end
      end
      eventually(gone)
    end)
  end)
end)
