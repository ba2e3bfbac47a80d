-- Lists of ids, in as many requests as their urls take. Under every driver: spec/drivers.sh.
local oneentry = require "oneentry"
local server = require "support.server"

local unpack = table.unpack or unpack -- luacheck: ignore

describe("a list of ids", function()
  local peer, api
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function()
    peer:script { fallback = { "ids" } }
    api = oneentry.define(peer.url, { token = "app-token", maxRetries = 0 })
  end)
  after_each(function() api.close() end)

  local function ids_of(products)
    local all = {}
    for i, product in ipairs(products) do all[i] = product.id end
    return all
  end

  -- The products of those ids, in that order?
  local function check(ids, products)
    assert.equal(#ids, #products)
    for i, id in ipairs(ids) do assert.equal(id, products[i].id) end
  end

  -- first..last, shuffled, the same each time.
  local function shuffled(first, last)
    local all, seed = {}, 7
    for id = first, last do all[#all + 1] = id end
    for i = #all, 2, -1 do
      seed = (seed * 16807) % 2147483647
      local j = seed % i + 1
      all[i], all[j] = all[j], all[i]
    end
    return all
  end

  -- The ids that the requests ask for. (libcurl writes some escapes with small letters.)
  local function asked()
    local all = {}
    for i, request in ipairs(peer:requests()) do all[i] = request.path:match "?(.*)$":gsub("%%2[Cc]", ",") end
    return all
  end

  it("brings what it names, in its order", function()
    for _, list in ipairs { { 5 }, { 3, 1, 2 }, { "9", 4 } } do
      peer:script { fallback = { "ids" } }
      local want = {}
      for i, id in ipairs(list) do want[i] = tonumber(id) end
      assert.same(want, ids_of(assert(api.Products.getProductsByIds(list, "de_DE", { signPrice = "orders" }))))
      assert.same({ "ids=" .. table.concat(list, ",") .. "&langCode=de_DE&signPrice=orders" }, asked())
    end
  end)

  it("as a text is sent as it is, and answered as the server does", function()
    assert.same({ 1, 2, 3 }, ids_of(assert(api.Products.getProductsByIds "3,1,2,1")))
    assert.same({ 8 }, ids_of(assert(api.Products.getProductsByIds(8))))
    assert.same({ "ids=3,1,2,1&langCode=en_US", "ids=8&langCode=en_US" }, asked())
  end)

  it("may be of any length", function()
    local list = shuffled(1000001, 1002000)
    check(list, assert(api.Products.getProductsByIds(list)))
    local parts = asked()
    assert.equal(3, #parts)
    for _, request in ipairs(peer:requests()) do assert.is_true(#request.path < 8000, #request.path) end
    list = shuffled(1, 20000)
    check(list, assert(api.Products.getProductsByIds(list, "de_DE", { signPrice = "orders" })))
    for _, request in ipairs(peer:requests()) do assert.matches("langCode=.._..", request.path) end
    assert.matches("&langCode=de_DE&signPrice=orders$", peer:requests()[#peer:requests()].path)
  end)

  it("is asked for as it was when the call began", function()
    local list, query = shuffled(1, 5000), { signPrice = "orders" }
    local want = { unpack(list) }
    local future = api.async.Products.getProductsByIds(list, nil, query)
    for i = 1, #list do list[i] = 99999 end
    query.signPrice = "other"
    check(want, assert(future:await()))
    for _, request in ipairs(peer:requests()) do assert.matches("&signPrice=orders$", request.path) end
    assert.same(99999, list[1])
  end)

  it("asks for each id once, and leaves out what there is not", function()
    peer:script { fallback = { "ids", gone = { ["2"] = true, ["4000"] = true } } }
    assert.same({ 3, 1 }, ids_of(assert(api.Products.getProductsByIds { 3, 2, 3, 1, "3" })))
    assert.same({ "ids=3,2,1&langCode=en_US" }, asked())
    local list = shuffled(1, 4001)
    local products = assert(api.Products.getProductsByIds(list))
    assert.equal(3999, #products)
    local want = {}
    for _, id in ipairs(list) do
      if id ~= 2 and id ~= 4000 then want[#want + 1] = id end
    end
    check(want, products)
  end)

  it("keeps what has no id, or another, behind the rest", function()
    peer:script { fallback = { "answer", body = '[{"id":7},{"x":1},{"id":2},{"id":2},{"id":1.5},5]' } }
    assert.equal('[{"id":2},{"id":7},{"x":1},{"id":2},{"id":1.5},5]', oneentry.encode(assert(api.Products.getProductsByIds { 2, 1, 7 })))
  end)

  it("without an id brings none, and asks nobody", function()
    for _, list in ipairs { {}, oneentry.array {} } do
      local products = assert(api.Products.getProductsByIds(list))
      assert.equal("[]", oneentry.encode(products))
      assert.equal("[]", oneentry.encode(assert(api.async.Products.getProductsByIds(list):await())))
    end
    assert.equal(0, #peer:requests())
    api.close()
    assert.equal("closed", select(2, api.Products.getProductsByIds {}).code)
  end)

  it("fails when a part fails, with the rest in err.partial", function()
    peer:script { fallback = { "ids", fail = { ["4000"] = { status = 403, body = '{"message":"no"}' } } } }
    local list = {}
    for id = 1, 5000 do list[id] = id end
    local value, err = api.Products.getProductsByIds(list)
    assert.is_nil(value)
    assert.same({ 403, "no" }, { err.statusCode, err.message })
    local got = ids_of(err.partial)
    assert.is_true(#got > 2500 and #got < 5000, #got)
    assert.same({ 1, 5000 }, { got[1], got[#got] })
    peer:script { fallback = { "ids", fail = { ["1"] = { status = 403, body = '{"message":"no"}' } } } }
    value, err = api.Products.getProductsByIds(list)
    assert.is_nil(value)
    assert.equal(403, err.statusCode)
    assert.equal(1, #peer:requests())
  end)

  it("is one call: its deadline, its cancelling", function()
    local list = {}
    for id = 1, 5000 do list[id] = id end
    peer:script { fallback = { "ids", fail = { ["4000"] = { behaviour = "silence" } } } }
    local own = oneentry.define(peer.url, { timeout = 0.3 })
    local value, err = own.Products.getProductsByIds(list)
    assert.same({ [2] = "timeout" }, { value, err.code })
    assert.equal(1, err.partial[1].id)
    local future = api.async.Products.getProductsByIds(list)
    peer:script { fallback = { "silence" } }
    future:cancel()
    assert.equal("cancelled", select(2, future:await()).code)
    own.close()
  end)

  it("is asked for whole with traficLimit, too", function()
    local own = oneentry.define(peer.url, { traficLimit = true })
    local list = shuffled(1, 3000)
    check(list, assert(own.Products.getProductsByIds(list)))
    own.close()
  end)

  it("can be prepared where it is one request", function()
    assert.matches("ids=2%%2C1&", api.prepare.Products.getProductsByIds({ 2, 1 }).url)
    for count, list in pairs { [0] = {}, [3] = shuffled(1, 2500) } do
      local ok, message = pcall(api.prepare.Products.getProductsByIds, list)
      assert.is_false(ok)
      assert.matches("bad argument #1 to 'getProductsByIds' (ids for one request expected, not for " .. count, message, 1, true)
    end
  end)

  local bad = {
    { nil, "string or list expected, got nil" }, { true, "string or list expected, got boolean" },
    { oneentry.null, "string or list expected, got null" },
    { { 1, "x" }, "ids[2]: integer expected, got a string that is not digits" }, { { "1,2" }, "ids[1]: integer expected, got a string" },
    { { 1, 1.5 }, "ids[2]: number has no exact integer representation" }, { { -1 }, "ids[1]: integer must not be negative" },
    { { 1, {} }, "ids[2]: integer expected, got table" }, { { oneentry.null }, "ids[1]: integer expected, got null" },
    { { 1, nil, 3 }, "ids: " }, { { id = 1 }, "ids: a list without holes and other keys expected" },
    { setmetatable({}, { __len = function() error "no" end, __index = {} }), "ids: its __len failed" },
  }
  for _, case in ipairs(bad) do
    it("is refused: " .. case[2], function()
      local ok, message = pcall(api.Products.getProductsByIds, case[1])
      assert.is_false(ok)
      assert.matches("bad argument #1 to 'getProductsByIds' (" .. case[2], message, 1, true)
      assert.equal(0, #peer:requests())
    end)
  end

  it("may answer through its metatable", function()
    local list = setmetatable({}, { __len = function() return 2 end, __index = function(_, i) return 10 - i end })
    assert.same({ 9, 8 }, ids_of(assert(api.Products.getProductsByIds(list))))
  end)

  it("goes on page by page as one page", function()
    local list, all = shuffled(1, 3000), {}
    for product in oneentry.each(api.Products.getProductsByIds, list) do all[#all + 1] = product end
    check(list, all)
  end)
end)
