-- Many calls over one client, half of which fail, each kind in its way: memory and descriptors must not grow.
-- Usage: soak.lua [CALLS], with the specs' LUA_PATH and LUA_CPATH. Ends with "N passed, N failed".
--
-- Memory is read on twelve plateaus, after full collections. A third is warm-up. Growth is the lowest reading of the last
-- third less the lowest of the middle one: a leak lifts every later reading, noise does not.
local descriptors = require "support.descriptors"
local oneentry = require "oneentry"
local process = require "support.process"
local faults = require "soak.faults"

local calls = tonumber(arg[1] or 50000)
local plateaus = 12
-- kB: 256, and half a kB for each refresh, every eighth call; a client remembers 10,000 spent tokens at most.
local limit = 256 + math.floor(math.min(calls / 8, 10000) / 2)
local passed, failed = 0, 0

local function check(ok, text, ...)
  passed, failed = passed + (ok and 1 or 0), failed + (ok and 0 or 1)
  print((ok and "ok      " or "FAILED  ") .. text:format(...))
end

-- Returns this process's own resident kB.
local function resident()
  if jit then jit.flush() end -- machine code that LuaJIT keeps, 512 kB at most
  for _ = 1, 3 do collectgarbage() end
  local file = assert(io.open "/proc/self/smaps_rollup")
  local text = file:read "*a"
  file:close()
  return tonumber(text:match "Private_Dirty:%s+(%d+)")
end

-- ---- calls -------------------------------------------------------------------------------------------

local server = process.start(process.interpreter("cqueues", "socket") .. " " .. process.quote(process.spec .. "soak/server.lua"))
local url = "http://127.0.0.1:" .. server:read()

local thrown = 0
local function throw()
  thrown = thrown + 1
  error("thrown by a handler")
end

local client = oneentry.define(url, {
  token = "app", maxRetries = 0, maxResponseSize = 65536, timeout = 10,
  errors = { customErrors = { [404] = throw, [500] = throw } },
  hooks = { response = throw },
})
local nowhere = oneentry.define("http://127.0.0.1:1", { token = "app", maxRetries = 0 }) -- nobody listens

local sessions = {}
for i = 1, 6 do
  local user = (i % 3 == 0 and "bad" or "good") .. i
  sessions[i] = { user = user, api = client.session { accessToken = "stale", refreshToken = user .. ".0", saveFunction = throw } }
end

-- The outcome that a fault has to have: err.code, or "value".
local outcomes = { ok = "value", html = "invalid_response", large = "too_large", cut = "network", hangup = "network", reset = "network" }

local function outcome(fault, session)
  if fault == "expired" then return session.user:find "^good" and "value" or "http" end
  return outcomes[fault] or "http"
end

local body = { formIdentifier = "order", formData = { { marker = "a", type = "string", value = "b" } }, products = {} }
local verbs = {
  function(api, fault) return api.Orders.getAllOrdersByMarker(fault) end,
  function(api, fault) return api.Orders.createOrder(fault, body) end,
  function(api, fault) return api.Orders.updateOrderByMarkerAndId(fault, 116, body) end,
  function(api, _, place) return api.Payments.getSessionById(place - 1) end,
  function(api) return api.Users.deleteUser() end, -- the server goes through the faults
}

local seen, wrong, unexpected = { value = 0, error = 0 }, 0, nil

-- Call number n; every eighth of a round needs a refresh, every hundredth goes nowhere.
local function call(n)
  local place, verb = n % #faults + 1, math.floor(n / #faults) % #verbs + 1
  local session = sessions[math.floor(n / (#faults * #verbs)) % #sessions + 1]
  local fault, api = faults[place], session.api
  if fault == "expired" then api.Users.setAccessToken "stale" end
  if n % 100 == 99 then
    api, fault = nowhere, "refused"
  end
  local value, err = verbs[verb](api, fault, place)
  local got = err and err.code or "value"
  local wanted = fault == "refused" and "connect" or outcome(fault, session)
  seen[err and "error" or "value"] = seen[err and "error" or "value"] + 1
  if verb ~= 5 and got ~= wanted or fault == "refused" and got ~= wanted then
    wrong = wrong + 1
    unexpected = unexpected or ("call %d, %s: %s expected, got %s"):format(n, fault, wanted, tostring(err or value))
  end
end

-- ---- run ---------------------------------------------------------------------------------------------

local readings, counts, spent, n = {}, {}, os.time(), 0
local cpu = os.clock()
for plateau = 1, plateaus do
  while n < calls * plateau / plateaus do
    call(n)
    n = n + 1
  end
  readings[plateau], counts[plateau] = resident(), descriptors()
end
spent, cpu = os.time() - spent, os.clock() - cpu

local third, pick = plateaus / 3, unpack or table.unpack
local function of_middle(f, list) return f(pick(list, third + 1, plateaus - third)) end
local function of_last(f, list) return f(pick(list, plateaus - third + 1, plateaus)) end

local growth = of_last(math.min, readings) - of_middle(math.min, readings)
local more = of_last(math.max, counts) - of_middle(math.max, counts) -- a kept connection is there or not
print(("%s: %d calls in %d s, %.0f calls/s, %.0f us of CPU each, %d handlers threw"):format(
  jit and jit.version or _VERSION, n, spent, n / math.max(spent, 1), cpu / n * 1e6, thrown))
print("resident kB: " .. table.concat(readings, " "))
print("descriptors: " .. table.concat(counts, " "))
check(wrong == 0, "every call comes out as it should%s", unexpected and ": " .. wrong .. " did not; " .. unexpected or "")
local share = seen.error / n
check(share > 0.4 and share < 0.6, "%.0f %% of the calls failed", share * 100)
check(growth <= limit, "memory grew by %d kB, at most %d", growth, limit)
check(more <= 0, "descriptors grew by %d", more)
client.close()
nowhere.close()
check(descriptors() < of_last(math.max, counts), "closing leaves %d descriptors", descriptors())
server:stop()
print(("\n%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and 0 or 1)
