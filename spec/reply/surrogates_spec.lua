-- Texts that were cut in the middle of an emoji: JavaScript writes half of it as an escape, and reads that.
local oneentry = require "oneentry"
local server = require "support.server"

local REPLACED = "\239\191\189" -- U+FFFD

describe("a lone surrogate in a reply", function()
  local peer, api
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function() api = oneentry.define(peer.url, { maxRetries = 0 }) end)
  after_each(function() api.close() end)

  local function reply(body, status)
    peer:script { { "answer", status = status or 200, body = body } }
  end

  it("is not what a pair is", function()
    reply [[{"id":1,"name":"whole \ud83d\ude00 \u00e9"}]]
    assert.equal("whole \240\159\152\128 \195\169", assert(api.Payments.getSessionById(1)).name)
  end)

  for text, read in pairs {
    [ [[cut \ud83d]] ] = "cut " .. REPLACED,
    [ [[\ude00]] ] = REPLACED,
    [ [[\ude00 tail]] ] = REPLACED .. " tail",
    [ [[\uD83D in the middle]] ] = REPLACED .. " in the middle",
    [ [[\ud83d\ud83d\ude00]] ] = REPLACED .. "\240\159\152\128",
    [ [[\ude00\ud83d]] ] = REPLACED .. REPLACED,
    [ [[\ud83d\n\u0041]] ] = REPLACED .. "\nA",
    [ [[\udbff]] ] = REPLACED,
    [ [[\udfff]] ] = REPLACED,
  } do
    it("A8: is U+FFFD: " .. text, function()
      reply(('{"id":1,"name":"%s"}'):format(text))
      local session, err = api.Payments.getSessionById(1)
      assert.same({ id = 1, name = read }, session, tostring(err))
    end)
  end

  it("A8: is U+FFFD in the name of a member", function()
    reply [[{"id":1,"cut \ud83d":true}]]
    local session, err = api.Payments.getSessionById(1)
    assert.same({ id = 1, ["cut " .. REPLACED] = true }, session, tostring(err))
  end)

  it("A8: leaves the other orders of a list readable", function()
    reply [[{"items":[{"id":1,"name":"cut \ud83d"},{"id":2,"name":"whole"}],"total":2}]]
    local orders, err = api.Orders.getAllOrdersByMarker("orders")
    assert.is_table(orders, tostring(err))
    assert.same({ "cut " .. REPLACED, "whole" }, { orders.items[1].name, orders.items[2].name })
  end)

  it("A8: does not hide the order that was created", function()
    reply([[{"id":1,"name":"cut \ud83d"}]], 201)
    local order, err = api.Orders.createOrder("orders", { formIdentifier = "f" })
    assert.same({ 1, "cut " .. REPLACED }, order and { order.id, order.name }, tostring(err))
  end)

  it("A8: does not hide what the server says of an error", function()
    reply([[{"statusCode":400,"message":"no \ud83d"}]], 400)
    local _, err = api.Orders.createOrder("orders", { formIdentifier = "f" })
    assert.equal(400, err.statusCode)
    assert.equal("no " .. REPLACED, err.message)
  end)

  for what, body in pairs {
    ["two halves"] = [[{"\ud800":1,"\ud801":2}]],
    ["a half and U+FFFD"] = [[{"\ud800":1,"]] .. REPLACED .. [[":2}]],
    ["U+FFFD and a half"] = '{"' .. REPLACED .. [[":1,"\ud800":2}]],
    ["null under the second"] = [[{"a":{"x\ud800":1,"x\udc00":null}}]],
  } do
    it("is no answer where names would become equal: " .. what, function()
      reply(body)
      local value, err = api.Payments.getSessionById(1)
      assert.same({ nil, "invalid_response" }, { value, err and err.code })
    end)
  end

  it("leaves names alone that stand twice, and names that stay different", function()
    reply('{"a' .. REPLACED .. '":1,"a' .. REPLACED .. [[":2,"\ud800":3,"b\ud800":{"\ud800":4},"\u0061":5,"a":6}]])
    local want = { ["a" .. REPLACED] = 2, [REPLACED] = 3, ["b" .. REPLACED] = { [REPLACED] = 4 }, a = 6 }
    assert.same(want, assert(api.Payments.getSessionById(1)))
  end)
end)
