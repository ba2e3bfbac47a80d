-- Specs of calls under every driver, in coroutines of its loop; the loop is that of support/driver/contract.lua.
--
--   for _, case in ipairs(calls.cases(name, loop)) do it(case.promise, case.check) end
local assert = require "luassert"
local oneentry = require "oneentry"
local sandbox = require "support.sandbox"
local server = require "support.server"
local socket = require "socket"

local calls = {}

local unpack = table.unpack or unpack
local CALLS, DELAY = 64, 0.5

local function session(i)
  return ('{"id":%d,"orderId":116,"status":"waiting"}'):format(i)
end

-- n functions that each keep what f(i) returned; the list of { value, err }.
local function keepers(n, f)
  local kept, functions = {}, {}
  for i = 1, n do
    functions[i] = function() kept[i] = { f(i) } end
  end
  return functions, kept
end

local function sent(requests, path)
  local count = 0
  for _, request in ipairs(requests) do
    if request.path:find(path, 1, true) then count = count + 1 end
  end
  return count
end

function calls.cases(name, loop)
  local cases = {}

  local function case(promise, check)
    cases[#cases + 1] = { promise = promise, check = function()
      local peer = server.start()
      local ok, problem = pcall(check, peer, function(config)
        config = config or {}
        config.driver, config.maxRetries = name, 0
        return oneentry.define(peer.url, config)
      end)
      peer:stop()
      if not ok then error(problem, 0) end
    end }
  end

  case("has 64 coroutines wait at once for their answers, and others run", function(peer, define)
    local steps, ids, turns = {}, {}, 0
    for i = 1, CALLS do steps[i] = { "delay", seconds = DELAY, body = session(i) } end
    peer:script(steps)
    local api = define()
    local functions, kept = keepers(CALLS, function(i) return api.Payments.getSessionById(i) end)
    local before = socket.gettime()
    functions[CALLS + 1] = function()
      while not kept[1] do
        loop.turn()
        turns = turns + 1
        socket.sleep(0.001)
      end
    end
    loop.run(unpack(functions))
    assert.is_true(socket.gettime() - before < CALLS * DELAY / 2)
    for i = 1, CALLS do ids[i] = assert(kept[i][1], kept[i][2]).id end
    table.sort(ids)
    for i = 1, CALLS do assert.equal(i, ids[i]) end
    assert.is_true(turns > 2) -- none, were the loop held up
  end)

  case("has 20 coroutines with one expired token refresh it once", function()
    local shop = sandbox.start()
    local api = oneentry.define(shop.url, { token = shop.token, driver = name, maxRetries = 0 })
    assert(api.AuthProvider.auth("email", { authData = {
      { marker = "email_reg", value = shop.login }, { marker = "password_reg", value = shop.password } } }))
    api.AuthProvider.setAccessToken "expired"
    local functions, kept = keepers(20, function() return api.Users.getUser() end)
    loop.run(unpack(functions))
    local log = shop:log()
    shop:stop()
    for i = 1, 20 do assert.equal(shop.login, assert(kept[i][1], kept[i][2]).identifier) end
    assert.equal(1, sent(log, "/refresh"))
    assert.is_true(sent(log, "/users/me") > 20) -- calls that had not been sent yet went with the new token
  end)

  case("waits for futures that one coroutine started and others await", function(peer, define)
    local steps, futures = {}, {}
    for i = 1, 20 do steps[i] = { "delay", seconds = 0.1, body = session(i) } end
    peer:script(steps)
    local api = define()
    for i = 1, 20 do futures[i] = api.async.Payments.getSessionById(i) end
    local functions, kept = keepers(20, function(i) return futures[i]:await() end)
    functions[21] = function() kept.all = oneentry.all(futures) end
    loop.run(unpack(functions))
    for i = 1, 20 do assert.same(kept[i][1], kept.all[i]) end
    assert.equal(20, #peer:requests())
  end)

  case("ends each call at its own deadline, whoever drives", function(peer, define)
    peer:script { fallback = { "silence" } }
    local api = define { timeout = 0.3 }
    local functions, kept = keepers(10, function(i)
      for _ = 1, i do loop.turn() end
      local before = socket.gettime()
      local _, err = api.Payments.getSessionById(i)
      return err.code, socket.gettime() - before
    end)
    loop.run(unpack(functions))
    for i = 1, 10 do
      assert.equal("timeout", kept[i][1])
      assert.is_true(kept[i][2] > 0.29 and kept[i][2] < 5, kept[i][2])
    end
  end)

  case("goes on when the client is closed by another coroutine", function(peer, define)
    peer:script { fallback = { "silence" } }
    local api = define { timeout = 30 }
    local functions, kept = keepers(5, function(i) return api.Payments.getSessionById(i) end)
    functions[6] = function()
      for _ = 1, 20 do loop.turn() end
      api.close()
    end
    local before = socket.gettime()
    loop.run(unpack(functions))
    for i = 1, 5 do assert.is_true(kept[i][2].code == "closed" or kept[i][2].code == "cancelled") end
    assert.is_true(socket.gettime() - before < 15)
  end)

  if coroutine.isyieldable then
    case("blocks in a callback, where nothing can yield", function(peer, define)
      local api, inner
      api = define { hooks = { request = function()
        if not inner then
          inner = {}
          inner = { api.Payments.getSessionById(2) }
        end
      end } }
      peer:script { { "delay", seconds = 0.05, body = session(2) }, { "delay", seconds = 0.05, body = session(1) } }
      local functions, kept = keepers(1, function(i) return api.Payments.getSessionById(i) end)
      loop.run(unpack(functions))
      assert.equal(1, assert(kept[1][1], kept[1][2]).id)
      assert.equal(2, assert(inner[1], inner[2]).id)
    end)
  end

  case("blocks outside of the loop", function(peer, define)
    peer:script { { "delay", seconds = 0.05, body = session(65) } }
    assert.equal(65, assert(define().Payments.getSessionById(65)).id)
  end)

  return cases
end

return calls
