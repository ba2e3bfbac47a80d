-- No Lua value crashes C: every function that a program can reach without the debug library gets values of every type.
local child = require "support.child"

local WALK = [[
  local oneentry, cjson = require "oneentry", require "cjson"
  local core, client -- given to the scheduler of a driver
  local config = { token = "t", timeout = 0.5, connectTimeout = 0.2, maxRetries = 0, errors = { customErrors = { [404] = math.abs } } }
  local api = oneentry.define("http://127.0.0.1:9", config)
  local driven = oneentry.define("http://127.0.0.1:9", { timeout = 0.5, maxRetries = 0, driver = {
    wait = function() return false end,
    scheduler = function(given, of)
      core, client = given, of
      return { enter = function() return 1 end, wait = function() core.wait(client, 0.01) end, leave = function() end,
        tell = function() core.news(client) end }
    end } })
  local user = api.session { accessToken = "a", refreshToken = "b", saveFunction = function() end }
  local _, err = driven.Payments.getSessionById(1)
  local future = user.async.Payments.getSessionById(1)
  local alarm, list = oneentry.alarm(), oneentry.array {}
  local signal, waker = core.signal(), core.waker()
  local thread = coroutine.create(function() coroutine.yield() end)
  local iterator = oneentry.ordered { a = { position = 1 }, b = 2 }
  for _ = 1, 200 do if future:done() then break end end

  local NIL = {}
  local values = {
    NIL, true, false, 0, -1, 0.5, 0/0, 2^53, 1e308, "", "text", "http://127.0.0.1:9", "a\0b", {}, { 1, 2, 3 }, { {} }, { a = 1 },
    setmetatable({}, { __index = function() error "no" end, __len = function() error "no" end }), function() end, math.abs, thread,
    io.stdout, cjson.null, cjson, oneentry, api, user, api.Orders, driven.async.Orders, future, err, alarm, list, iterator,
    core, client, signal, waker,
  }
  if newproxy then values[#values + 1] = newproxy(true) end
  local function value(i) if values[i] ~= NIL then return values[i] end end

  -- Every function that can be reached, and every metatable.
  local functions, metatables, seen = {}, {}, { [io.stdout] = true, [cjson] = true, [math.abs] = true, [thread] = true, [config] = true }
  local function reach(what, name)
    if type(what) == "function" and not seen[what] then
      seen[what] = true
      functions[#functions + 1] = { name = name, call = what }
    end
    if seen[what] or (type(what) ~= "table" and type(what) ~= "userdata") then return end
    seen[what] = true
    local meta = getmetatable(what)
    if type(meta) == "table" and not seen[meta] then
      metatables[#metatables + 1] = { name = name, table = meta, of = what }
      reach(meta, name .. "!")
    end
    if type(what) == "userdata" then
      for _, method in ipairs { "await", "done", "cancel", "getfd", "set", "rang", "close", "fd", "post", "clear", "listen", "accept",
        "arm", "wake", "stop", "states", "__gc", "__close", "__index", "__name" } do
        local ok, member = pcall(function() return what[method] end)
        if ok then reach(member, name .. ":" .. method) end
      end
      return
    end
    for key, member in next, what do reach(member, name .. "." .. tostring(key)) end
  end
  -- Tables and members are there once they are used.
  local some, all = { { name = "Users" }, { name = "Orders" }, { name = "Payments" }, { name = "AuthProvider" } },
    select(3, oneentry.rows())
  for root, modules in pairs { [api] = all, [driven] = all, [user] = some, [user.prepare] = some, [user.async] = some } do
    for _, module in ipairs(modules) do assert(root[module.name]) end
    for _, name in ipairs { "session", "getSession", "close" } do local _ = root[name] end
  end
  for name, root in pairs { oneentry = oneentry, api = api, user = user, prepare = user.prepare, async = user.async, driven = driven,
    future = future, err = err, alarm = alarm, list = list, iterator = iterator, core = core, client = client, signal = signal,
    waker = waker, all = oneentry.all } do
    reach(root, name)
  end
  assert(#functions > 400, #functions)
  for _, guarded in ipairs { future, client, alarm, signal, waker } do
    assert(type(getmetatable(guarded)) == "string", "its metatable can be had")
    assert(not pcall(setmetatable, guarded, {}))
  end
]]

local CALLS = [[
  -- Functions that end things come last.
  local last = { ["api.close"] = 1, ["user.close"] = 1, ["driven.close"] = 1, ["core.close"] = 1, ["client:close"] = 1 }
  local function is_last(f) return last[f.name] or f.name:find ":close" or f.name:find ":stop" or f.name:find "__gc" end
  table.sort(functions, function(a, b)
    local x, y = is_last(a) and 1 or 0, is_last(b) and 1 or 0
    if x ~= y then return x < y end
    return a.name < b.name
  end)
  local count = 0
  for _, f in ipairs(functions) do
    local call = f.call
    if f.name == "core.wait" then -- would wait for so long
      call = function(of, seconds) return f.call(of, type(seconds) == "number" and seconds > 1 and 0 or seconds) end
    end
    pcall(call)
    for i = 1, #values do
      for j = 1, #values do
        pcall(call, value(i), value(j), value((i * 7 + j * 3) % #values + 1))
        count = count + 1
      end
      pcall(call, value(i))
      pcall(call, nil, nil, nil, value(i), value(i), value(i), value(i))
    end
    pcall(call, (table.unpack or unpack)({}, 1, 300))
  end
  local function same(a, b) return a, b, a == b, a ~= b end
  for i = 1, #values do
    local v = value(i)
    for j = 1, #values do
      local w = value(j)
      pcall(function() return v .. w end)
      pcall(function() return v[w] end)
      pcall(function() return v + w end)
      pcall(function() return v < w end)
      pcall(same, v, w)
    end
    pcall(function() return v() end)
    pcall(function() return #v end)
    pcall(tostring, v)
    pcall(oneentry.pretty, v)
    oneentry.is_error(v)
  end
  collectgarbage()
  collectgarbage()
  io.stdout:write(count > 10000 and "well" or count, "\n")
]]

local METATABLES = [[
  local function use()
    for _, of in ipairs { api, user, api.Orders, err, list, oneentry, future, alarm } do
      pcall(function() return of.Payments end)
      pcall(function() return of.createOrder end)
      pcall(function() return of.Orders.createOrder("orders", {}) end)
      pcall(function() return of.async.Orders.createOrder("orders", {}):cancel() end)
      pcall(function() return of.all end)
      pcall(tostring, of)
      pcall(function() return of .. "x" end)
      pcall(oneentry.pretty, of)
      oneentry.is_error(of)
      pcall(oneentry.all, { of })
      pcall(function() return api.session(of) end)
      pcall(function() return api.prepare.Orders.createOrder("orders", of) end)
    end
    collectgarbage()
  end
  local names = { "__index", "__newindex", "__tostring", "__concat", "__gc", "__close", "__name", "__metatable", "__mode", "__len",
    "__call", "__pairs", "__jsontype", "__eq" }
  assert(#metatables >= 4)
  for _, meta in ipairs(metatables) do
    for _, name in ipairs(names) do
      local before = rawget(meta.table, name)
      for _, replacement in ipairs { NIL, 5, "text", {}, function() end, io.stdout, thread } do
        rawset(meta.table, name, replacement ~= NIL and replacement or nil)
        use()
      end
      rawset(meta.table, name, before)
    end
  end
  assert(oneentry.is_error(err) and tostring(err):find "connect")
  local fields = {}
  for key in pairs(err) do fields[#fields + 1] = key end
  for _, key in ipairs(fields) do
    for i = 1, #values do
      local before = err[key]
      err[key] = value(i)
      pcall(tostring, err)
      pcall(oneentry.pretty, err)
      err[key] = before
    end
  end
  io.stdout:write "well\n"
]]

describe("S3, S9: no value crashes C:", function()
  local function run(code) return { child.run(WALK .. code) } end

  it("every function that can be reached takes values of all types", function()
    assert.same({ "well\n", true }, run(CALLS))
  end)

  it("kept tables hold nothing that C needs, and are those of calls and clients", function()
    assert.same({ "well\n", true }, run [[
      for _, of in ipairs { future, client } do
        local kept = core.kept(of)
        assert(kept == core.kept(of) and kept ~= getmetatable(of))
        for key, member in pairs(kept) do
          assert(({ driver = 1, scheduler = 1, scheduler_pid = 1, results = 1 })[key], key)
          if key ~= "driver" then kept[key] = nil end
        end
        assert(#kept == 0)
      end
      for i = 1, #values do
        local v = value(i)
        if not rawequal(v, future) and not rawequal(v, client) then assert(not pcall(core.kept, v)) end
      end
      io.stdout:write "well\n"
    ]])
  end)

  it("a call is not finished before it has ended", function()
    assert.same({ "false\ta call's own callback cannot wait for it\n", true }, run [[
      local silent = assert(require "socket".bind("127.0.0.1", 0))
      local _, port = silent:getsockname()
      print(pcall(core.finish, oneentry.define("http://127.0.0.1:" .. port).async.Payments.getAccounts()))
    ]])
  end)

  it("metatables that can be reached may be changed", function()
    assert.same({ "well\n", true }, run(METATABLES))
  end)

  it("the lookups of api and the module itself are for tables", function()
    assert.same({ ("table expected\n"):rep(16), true }, run [[
      for _, of in ipairs { api, oneentry } do
        for _, wrong in ipairs { "text", 5, print, io.stdout, thread, true, NIL, cjson.null } do
          if wrong == NIL then wrong = nil end
          local ok, problem = pcall(getmetatable(of).__index, wrong, "createOrder")
          io.stdout:write(not ok and problem:match "table expected" or tostring(problem), "\n")
        end
      end
    ]])
  end)

  it("a future's finalizer cannot be taken away", function()
    assert.same({ "false\ttrue\n", true }, run [[
      local f = api.async.Payments.getAccounts()
      print(pcall(function() getmetatable(f).__gc = nil end), type(getmetatable(f)) == "string")
      f = api.async.Payments.getAccounts()
      f = nil
      collectgarbage()
      collectgarbage()
      api.close()
    ]])
  end)
end)
