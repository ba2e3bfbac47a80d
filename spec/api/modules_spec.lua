-- The tables of a client and its sessions: each is made whole when it is first used, and costs nothing before.
local child = require "support.child"
local oneentry = require "oneentry"

local URL = "http://127.0.0.1:1"
local KINDS = {
  { name = "a client", setters = true, of = function(api) return api end },
  { name = "a session", setters = true, of = function(api) return api.session { accessToken = "a" } end },
  { name = "async", of = function(api) return api.async end },
  { name = "prepare", of = function(api) return api.session().prepare end },
}
local CLIENTS = {
  { name = "blocks", config = { token = "t" } },
  { name = "has a driver", config = { token = "t", driver = { wait = function() return false end } } },
}
local HAS_PAIRS = not pcall(pairs, setmetatable({}, { __pairs = function() error "asked" end }))

local methods, _, tables = oneentry.rows()

local function sorted(names)
  table.sort(names)
  return names
end

-- The names of a table's functions, as the rows have them.
local function expected(module, setters)
  local names = setters and { "setAccessToken", "setRefreshToken" } or {}
  for _, row in ipairs(methods) do
    if row.module == module then names[#names + 1] = row.name end
  end
  return sorted(names)
end

local function names_of(t)
  local names = {}
  for name, member in pairs(t) do
    assert.equal(name:find "^%u" and "table" or "function", type(member), name)
    names[#names + 1] = name
  end
  return sorted(names)
end

describe("the tables of a client", function()
  for _, client in ipairs(CLIENTS) do
    for _, kind in ipairs(KINDS) do
      it("that " .. client.name .. " are whole from their first use on: " .. kind.name, function()
        local api = kind.of(oneentry.define(URL, client.config))
        for _, of in ipairs(tables) do
          local module = api[of.name]
          assert.same(expected(of.name, kind.setters), names_of(module))
          assert.is_true(#names_of(module) > 0 and next(module) ~= nil)
          assert.is_nil(getmetatable(module))
          assert.is_true(rawequal(module, api[of.name]))
        end
      end)
    end
  end

  it("are listed by pairs, where Lua asks for __pairs; elsewhere those that were used", function()
    for _, kind in ipairs(KINDS) do
      local api = kind.of(oneentry.define(URL, "t"))
      local all = kind.setters and { "close", "getSession", "session" } or {}
      for _, of in ipairs(tables) do all[#all + 1] = of.name end
      local _ = api.Products
      if HAS_PAIRS then
        assert.same(sorted(all), names_of(api))
      else
        local used = names_of(api)
        for i = #used, 1, -1 do
          if not used[i]:find "^%u" then table.remove(used, i) end
        end
        assert.same({ "Products" }, used)
        for _, name in ipairs(all) do assert.is_truthy(api[name], name) end
        local list = {}
        for name in pairs(api) do
          if name ~= "async" and name ~= "prepare" then list[#list + 1] = name end
        end
        assert.same(sorted(all), sorted(list))
      end
    end
  end)

  it("may be replaced, and so may their functions", function()
    local api = oneentry.define(URL, "t")
    local mine = {}
    api.Orders = mine
    assert.equal(mine, api.Orders)
    api.Payments.getAccounts = function() return "mine" end
    assert.equal("mine", api.Payments.getAccounts())
    local getAccounts = api.session().Payments.getAccounts
    assert.not_equal(api.Payments.getAccounts, getAccounts)
    api.Payments.getAccounts = nil
    assert.is_nil(api.Payments.getAccounts)
  end)

  it("have no others", function()
    for _, kind in ipairs(KINDS) do
      local api = kind.of(oneentry.define(URL, "t"))
      for _, name in ipairs { "Order", "orders", "close ", "", 1, true } do assert.is_nil(api[name]) end
      assert.is_nil(api.Orders.createOrders)
      assert.is_nil(api[api])
    end
    assert.is_nil(oneentry.define(URL, "t").async.close)
    assert.is_nil(oneentry.define(URL, "t").prepare.async)
  end)

  it("that are first used after close are those of a closed client", function()
    for _, client in ipairs(CLIENTS) do
      local api = oneentry.define(URL, client.config)
      local other = api.session()
      api.close()
      for _, of in ipairs { api, other } do
        assert.equal("closed", select(2, of.Payments.getAccounts()).code)
        assert.equal("closed", select(2, of.async.Payments.getAccounts():await()).code)
        assert.equal("closed", select(2, of.prepare.Payments.getAccounts()).code)
      end
    end
  end)

  it("are one table, and whole, for a finalizer that runs while they are made", function()
    local output, ok = child.run [[
      local oneentry, finalizer = require "oneentry", require "support.finalizer"
      local function count(module)
        local n = 0
        for _ in pairs(module) do n = n + 1 end
        return n
      end
      local whole = count(oneentry.define("http://127.0.0.1:1").Orders)
      local points = 0
      for _, driver in ipairs { "blocking", { wait = function() end } } do
        for _, from in ipairs { "Orders", "async" } do
          points = points + finalizer.each(function()
            local api, seen = oneentry.define("http://127.0.0.1:1", { driver = driver }), {}
            return function()
              local first = api[from]
              return api, seen, from == "async" and first or api, first == rawget(api, from)
            end, function()
              seen.there = api[from]
              seen.n = count(api.Orders)
            end
          end, function(results, n, acted, problem)
            assert(results[1] and not problem, tostring(results[2]) .. tostring(problem))
            local api, seen, tables, kept = results[2], results[3], results[4], results[5]
            assert(kept and count(tables.Orders) == whole - (from == "async" and 2 or 0), n)
            assert(not acted or seen.there == api[from] and seen.n == whole, n .. ": two tables, or a part of one")
          end)
        end
      end
      local mine = {}
      points = points + finalizer.each(function()
        local api = oneentry.define "http://127.0.0.1:1"
        return function() return api.Orders, api end, function() api.Orders = mine end
      end, function(results, n, acted)
        assert(results[1] and (not acted or results[3].Orders == mine), n .. ": what was set is lost")
      end)
      io.write(points >= 5 and "well" or points, "\n")
    ]]
    assert.same({ "well\n", true }, { output, ok })
  end)

  it("of a client with a driver find its Lua half loaded", function()
    local output = child.run [[
      require "oneentry".define("http://127.0.0.1:1", { driver = { wait = function() end } })
      io.write(tostring(package.loaded["oneentry.await"] ~= nil), "\n")
    ]]
    assert.equal("true\n", output)
  end)
end)

describe("a client whose tables are not used yet", function()
  -- A sanitizer puts room around each block.
  local most = (os.getenv "LD_PRELOAD" or ""):find("asan", 1, true) and 8 or 6

  for _, config in ipairs { '"app-token"', "{ driver = { wait = function() end } }" } do
    it("takes at most 6 kB: " .. config, function()
      local output, ok = child.run(([[
        local oneentry, kept = require "oneentry", {}
        local function resident() return io.open "/proc/self/status":read "*a":match "VmRSS:%%s*(%%d+) kB" end
        local function some(n)
          for i = 1, n do
            kept[#kept + 1] = oneentry.define("http://127.0.0.1:1", %s)
            if i %% 50 == 0 then collectgarbage() end
          end
        end
        some(100)
        local before = resident()
        some(2000)
        print((resident() - before) / 2000)
      ]]):format(config), "ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=1")
      assert.is_true(ok, output)
      local size = tonumber(output)
      assert.is_true(size > 1 and size <= most, size .. " kB")
    end)
  end
end)
