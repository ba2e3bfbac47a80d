-- The scenario and the main flows of a session under a collector that runs far more often than it ever would: a full
-- collection at every line and in every callback, whole cycles at every allocation that may collect, and each mode that
-- the Lua at hand has. The results have to be the same as without. Usage: torture.lua; `make torture` runs it.
local process = require "support.process"
local tls = require "support.server.tls"

local here = process.spec .. "inject/"
local collect = collectgarbage

-- `size` is 5.4's own, `multiplier` the one of older versions. The collection is what makes the pause count from now on.
local function incremental(pause, multiplier, size)
  return function()
    if _VERSION == "Lua 5.4" then
      collect("incremental", pause, 1000, size)
    else
      collect("setpause", pause)
      collect("setstepmul", multiplier)
    end
    collect()
  end
end

-- Name, how many collections it has to bring, and how it begins.
local modes = {
  { "full collection at every instruction", 400, function() debug.sethook(function() collect() end, "", 1) end },
  { "a whole cycle at every allocation", 400, incremental(1, 1e7, 40) },
  { "incremental, pause 1", 5, incremental(1, 400, 10) },
  { "small steps", 1, incremental(1, 101, 1) },
}
if _VERSION == "Lua 5.4" then
  modes[#modes + 1] = { "generational", 1, function()
    collect("generational", 1, 1)
    collect()
  end }
end

-- Counts the cycles of the collector: an object that is garbage at once, and makes the next one.
local cycles = 0
local function count_cycles()
  cycles = cycles + 1
  if newproxy then
    getmetatable(newproxy(true)).__gc = count_cycles
  else
    setmetatable({}, { __gc = count_cycles })
  end
end
count_cycles()

local function calm()
  debug.sethook()
  if _VERSION == "Lua 5.4" then collect("incremental", 200, 100, 13) end
  collect("setpause", 200)
  collect("setstepmul", 200)
end

-- Returns answers that show their requests: of two users over one client, a refresh for each, callbacks that collect, and a
-- client that is closed by its hook.
local function flows(url, authority, expire)
  local oneentry = require "oneentry"
  local seen = {}
  local function note(...) seen[#seen + 1] = table.concat({ ... }, " ") end
  local function config(extra)
    local c = {
      token = "app-token", maxRetries = 0, tls = authority ~= "" and { caFile = authority } or nil,
      auth = { saveFunction = function(token)
        collect()
        note("saved", token)
      end },
      errors = { customErrors = { [404] = function(err)
        collect()
        note(err.code, err.message)
      end } },
      hooks = { request = function() collect() end, response = function(event)
        collect()
        note(event.method, event.path, tostring(event.status))
      end },
    }
    for k, v in pairs(extra or {}) do c[k] = v end
    return c
  end
  local api = oneentry.define(url, config())
  local user = assert(api.AuthProvider.auth("email", { authData = { { marker = "email_reg", value = "user@example.com" } } }))
  note(user.accessToken, user.refreshToken)
  local saved = api.getSession()
  api, user = nil, nil -- luacheck: ignore
  collect()
  local second = oneentry.define(url, config()).session(saved)
  local third = second.session({ accessToken = saved.accessToken, refreshToken = saved.refreshToken,
    providerMarker = "email", device = saved.device, saveFunction = function(token) collect() note("third saved", token) end })
  local create, list = third.Orders.createOrder, second.Orders.getAllOrdersByMarker
  third = nil -- luacheck: ignore
  expire()
  local order = assert(create("later", { formIdentifier = "order", products = { { productId = 15, quantity = 1 } },
    formData = { { marker = "name", type = "string", value = "x" } } }))
  note(oneentry.pretty(order))
  local orders, err = list("orders") -- it gets what the third got for its own refresh token
  note(type(orders), tostring(err))
  second.AuthProvider.setAccessToken("access-2")
  note(oneentry.pretty(assert(list("orders"))))
  local missing, gone = second.Payments.getSessionById(404)
  note(tostring(missing), tostring(gone), oneentry.pretty(gone.body))
  for key, value in oneentry.ordered(order.attributeValues) do note(tostring(key), type(value)) end
  note(oneentry.pretty(second.prepare.Orders.createOrder("orders", { formIdentifier = "x" }).body))
  local raises = oneentry.define(url, config({ errors = { isShell = false } }))
  local ok, raised = pcall(raises.Orders.getAllOrdersByMarker, "orders")
  note(tostring(ok), tostring(raised))
  local suicidal
  suicidal = oneentry.define(url, config({ hooks = { response = function()
    suicidal.close()
    collect()
  end } }))
  local accounts, closed = suicidal.Payments.getAccounts()
  note(type(accounts), tostring(closed))
  second.close()
  raises.close()
  return table.concat(seen, "\n")
end

local certificates = tls.make()
local server = process.start(("%s %s %s %s"):format(process.interpreter("cqueues", "openssl.ssl.context"),
  process.quote(here .. "server.lua"), process.quote(certificates.good.certificate), process.quote(certificates.good.key)))
local http, https, port = server:read():match("^(%d+) (%d+) (%d+)$")

local control = assert(require("socket").connect("127.0.0.1", tonumber(port)))
local function tell(line)
  assert(control:send(line .. "\n"))
  return assert(control:receive("*l"))
end
local function expire() tell "expire" end

local passed, failed, collected = 0, 0, 0

-- Returns the result of the body under the mode's collector, errors included.
local function under(mode, body, ...)
  tell "reset"
  local before = cycles
  if mode then mode() end
  local ok, result = pcall(body, ...)
  calm()
  collected = cycles - before
  return ok and result or "raised: " .. tostring(result)
end

local function scenario(url, authority)
  local run, judge = assert(loadfile(here .. "scenario.lua"))(url, authority, expire)
  local ok, value, err, name = pcall(run)
  return tostring(judge(false, false, tell "log", ok, value, err, name))
end

local function check(name, least, expected, result)
  if result == expected and collected >= least then
    passed = passed + 1
    print(("%s: %d collections"):format(name, collected))
  else
    failed = failed + 1
    print(("%s: %d collections, expected\n%s\ngot\n%s"):format(name, collected, tostring(expected), tostring(result)))
  end
end

for _, scheme in ipairs({ "http", "https" }) do
  local url = scheme == "http" and "http://127.0.0.1:" .. http or "https://localhost:" .. https
  local authority = scheme == "https" and certificates.ca or ""
  local expected = under(nil, flows, url, authority, expire)
  check(scheme .. ", flows without torture", 0, nil, expected:match "^raised.*")
  for _, mode in ipairs(modes) do
    check(scheme .. ", scenario, " .. mode[1], mode[2], "nil", under(mode[3], scenario, url, authority))
    check(scheme .. ", flows, " .. mode[1], mode[2], expected, under(mode[3], flows, url, authority, expire))
  end
end
server:stop()
certificates:remove()
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and 0 or 1)
