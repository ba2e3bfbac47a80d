-- oneentry.ordered: attributes in the order of their positions.
local oneentry = require "oneentry"

local null = oneentry.null

describe("oneentry.ordered", function()
  local function keys(map)
    local seen = {}
    for key, attribute in oneentry.ordered(map) do
      assert.equal(map[key], attribute)
      seen[#seen + 1] = key
    end
    return seen
  end

  it("A15: reads a table through its __pairs", function()
    local map, markers = { a = { position = 2 }, b = { position = 1 } }, {}
    for marker in oneentry.ordered(setmetatable({}, { __pairs = function() return next, map end })) do
      markers[#markers + 1] = marker
    end
    assert.same({ "b", "a" }, markers)
    assert.has_error(function() oneentry.ordered(setmetatable({}, { __pairs = function() error "no luck" end })) end)
  end)

  it("goes by position, then by key, those without a position last", function()
    for _, case in ipairs {
      { {}, {} },
      { { z = { position = 3 }, y = { position = -1 }, x = { position = 2.5 }, w = { position = 2.5 }, v = { position = "1" } },
        { "y", "v", "w", "x", "z" } },
      { { c = { position = 2 }, b = {}, a = { position = 1 }, d = "text" }, { "a", "c", "b", "d" } },
      { { b = { position = null }, a = { position = 0 / 0 }, c = { position = 1 } }, { "c", "a", "b" } },
      { { aa = {}, a = {}, ["a\0b"] = {}, ["\255"] = {} }, { "a", "a\0b", "aa", "\255" } },
      { { { position = 2 }, { position = 1 }, { position = 1 } }, { 2, 3, 1 } },
      { { {}, {}, k = {} }, { 1, 2, "k" } },
    } do
      assert.same(case[2], keys(case[1]))
    end
  end)

  it("puts a marker before those that it begins", function()
    local map, expected = {}, {}
    for i = 1, 60 do
      expected[i] = ("a"):rep(i)
      map[expected[i]] = {}
    end
    assert.same(expected, keys(map))
  end)

  it("orders many", function()
    local map = {}
    for i = 1, 5000 do map["m" .. i] = { position = (i * 7919) % 5000 } end
    local last, n = -1, 0
    for _, attribute in oneentry.ordered(map) do
      assert.is_true(attribute.position > last)
      last, n = attribute.position, n + 1
    end
    assert.equal(5000, n)
  end)

  it("lets the map change meanwhile", function()
    local map, seen = { a = { position = 1 }, b = { position = 2 }, c = { position = 3 } }, {}
    for key in oneentry.ordered(map) do
      seen[#seen + 1] = key
      map.b, map[key .. "!"] = nil, {}
    end
    assert.same({ "a", "c" }, seen)
    collectgarbage()
  end)

  it("ends with nothing, however often it is asked", function()
    local step = oneentry.ordered { a = {} }
    assert.equal("a", (step(nil, nil)))
    for _ = 1, 2 do assert.equal(0, select("#", step("state", "control"))) end
  end)

  it("takes tables only", function()
    assert.has_error(function() oneentry.ordered(nil) end)
    assert.has_error(function() oneentry.ordered(null) end)
  end)
end)
