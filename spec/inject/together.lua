-- Calls that are under way together: coroutines of one client, and futures. Arguments as scenario.lua's, and wait(seconds,
-- fd, ...), see host.c. Returns run() and judge().
local url, authority, expire, wait = ...
local doubles = require "inject.doubles"

local login = { authData = { { marker = "email_reg", value = "user@example.com" }, { marker = "password_reg", value = "secret" } } }
local goods = { formIdentifier = "order", paymentAccountIdentifier = "stripe",
  formData = { { marker = "name", type = "string", value = "Ada" } }, products = { { productId = 15, quantity = 1 } } }

local ORDER = "POST /api/content/orders-storage/marker/orders/orders"
local LATER = "POST /api/content/orders-storage/marker/later/orders"
local SESSION = "POST /api/content/payments/sessions"
local REFRESH = "POST /api/content/users-auth-providers/marker/email/users/refresh"
local ROUNDS = 2000 -- of the loop, each at most some milliseconds

local driver = { name = "host", wait = function(fd, seconds) return coroutine.yield(fd, seconds) end }

function driver.ready()
  local thread, is_main = coroutine.running()
  return thread ~= nil and not is_main
end

local api, failures

local function config(with_driver)
  return {
    token = "slow-token", timeout = 20, connectTimeout = 10, maxRetries = 1, driver = with_driver and driver or nil,
    tls = authority ~= "" and { caFile = authority } or nil,
  }
end

-- Notes an outcome that is not a value, with the request that was to be sent.
local function expect(path, value, err)
  if value == nil or value == false then failures[#failures + 1] = { path = path, err = err } end
  return value
end

-- Runs the functions as coroutines until all have ended. Raises the error of one of them, when the others have ended.
local function loop(bodies)
  local threads, waits, raised = {}, {}, nil
  for i, body in ipairs(bodies) do
    threads[i], waits[i] = coroutine.create(body), { 0, 0 }
  end
  local function turn(i, readable)
    local ok, fd, seconds = coroutine.resume(threads[i], readable)
    if not ok then raised = raised or { fd } end
    waits[i] = ok and coroutine.status(threads[i]) == "suspended" and { fd, seconds } or false
  end
  for i = 1, #threads do turn(i) end
  for _ = 1, ROUNDS do
    local fds, least, at = {}, 1, {}
    for i = 1, #threads do
      if waits[i] then
        fds[#fds + 1], at[#at + 1] = waits[i][1], i
        least = math.min(least, waits[i][2])
      end
    end
    if #at == 0 then
      if raised then error(raised[1], 0) end
      return
    end
    local readable = { wait(least, (unpack or table.unpack)(fds)) }
    for k, i in ipairs(at) do
      waits[i][2] = waits[i][2] - least
      if readable[k] or waits[i][2] <= 0 then turn(i, readable[k]) end
    end
  end
  error("coroutines wait for ever", 0)
end

-- True when everything had its value; raises only without memory.
local function run()
  failures = {}
  local oneentry = require "oneentry"
  api = oneentry.define(url, config(true))
  if not expect("auth", api.AuthProvider.auth("email", login)) then return false end
  loop({
    function() expect(ORDER, api.Orders.createOrder("orders", goods)) end,
    function() expect("GET", api.Payments.getAccounts()) end,
    function() expect(SESSION, api.Payments.createSession(116, "session")) end,
    function() expect("GET", api.Payments.getSessionByOrderId(116)) end,
    function()
      local given_up = api.async.Payments.getAccounts()
      given_up:cancel()
      local value, err = given_up:await()
      if not value and err.code ~= "cancelled" then expect("GET", value, err) end -- the answer may be quicker
    end,
  })
  expire()
  loop({
    function() expect(LATER, api.Orders.createOrder("later", goods)) end,
    function() expect("GET", api.Orders.getAllOrdersByMarker("orders")) end,
    function() expect("GET", api.Payments.getSessionByOrderId(116)) end,
  })
  local blocking = oneentry.define(url, config(false))
  local futures = {}
  for i = 1, 3 do futures[i] = blocking.async.Payments.getAccounts() end
  local values, errors = oneentry.all(futures, "settled")
  for i = 1, 3 do expect("GET", values[i], errors and errors[i]) end
  blocking.close()
  return #failures == 0
end

local function wrong_with(failure, memory, log)
  local err, oneentry = failure.err, require "oneentry"
  if not oneentry.is_error(err) then
    local raised = memory and type(err) == "string" and err:find "memory" -- oneentry.all lists the errors that futures raise
    return not raised and "failed: " .. tostring(err) or nil
  end
  if type(err.message) ~= "string" or err.message == "" or type(err.sent) ~= "boolean" then
    return "an error without message or sent"
  end
  if memory and err.code == "invalid_response" then return "the server is blamed: " .. tostring(err) end
  if not err.sent and failure.path:find "^POST" and log:find(failure.path .. " ", 1, true) then
    return "err.sent is false, the server has it: " .. failure.path .. ": " .. tostring(err)
  end
end

-- Called when everything works again: returns the fault in the way run ended, or nothing.
local function judge(fired, memory, log, ok, value)
  if type(package.loaded.oneentry) ~= "table" then package.loaded.oneentry = nil end -- the mark of a require that failed
  local double = doubles(log, REFRESH)
  if double then return "DOUBLE POST " .. double end
  if not ok then
    local text = tostring(value) -- without memory, Lua cannot look whether a module's file is there, or load it
    local expected = text:find "memory" or text:find "^module 'cjson' not found" or text:find "oneentry[%w.]*' not found"
    if not (fired and memory and expected) then return "raised: " .. text end
  end
  for _, failure in ipairs(failures or {}) do
    local wrong = not fired and "failed: " .. tostring(failure.err) or wrong_with(failure, memory, log)
    if wrong then return wrong end
  end
  if not api then return nil end
  local later, problem = {}, nil
  local done = pcall(loop, {
    function() later[1], problem = api.Payments.getAccounts() end,
    function() later[2], problem = api.Payments.getAccounts() end,
  })
  if not (done and later[1] and later[2]) then return "a client fails later: " .. tostring(problem) end
  later, problem = api.Payments.getAccounts()
  if not later then return "a client fails later, outside coroutines: " .. tostring(problem) end
  api.close()
end

return run, judge
