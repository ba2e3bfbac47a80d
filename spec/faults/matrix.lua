-- Plays the rows of the fault matrix (spec/faults/rows): each is a fault of the scripted server and the outcome of a call.
--
-- A row: name, step or steps (support/server/behaviours.lua), and
--   over      { "http", "https" }          default http; "https to http" and "http to https": the wrong port
--   verbs     { "GET", "POST", "PUT", "DELETE" }   default GET and POST; or names of methods, "Products.getProducts"
--   reuse     true: on the connection of an earlier call; "both": on that and on a fresh one
--   act       a step that the idle connection plays before the call
--   dies      true: the connection ends without a byte of an answer, so that a read on a reused one is repeated
--   closes    true: the next call must not use the same connection
--   large     the size of the request's body
--   config    of the client; timeout is 5 s and maxRetries 0 unless it says otherwise
--   within    seconds that the call may take, where that is less than its timeout
--   session   true: with tokens, so that a 401 is followed by a refresh; refreshed = true: one that succeeds, and the call is sent again
--   fallback  what the server plays after the steps
--   tls       the certificate's name, or { its name, protocol }
--   url       in place of the server's; alone = true: no server, so neither its view nor a next call; last = true: no next call
-- and the outcome: `value`, or `code` (or a list of them), `status` (false: none), `sent` (default true; or "either"); `requests`,
-- how many the server has seen (default 1); `memory`, MiB that the process may grow at most; `message`, a pattern.
--
-- A method that reads is a GET here, whatever its verb. In every case: the server sees a write once, or twice around a refresh; no
-- cookie comes back; a call ends 250 ms
-- after its deadline at the latest; the fault was really played; the next call of the client works.
local oneentry = require "oneentry"
local server = require "support.server"
local stopwatch = require "support.stopwatch"
local tls = require "support.server.tls"
local assert = require "luassert"

local unpack = table.unpack or unpack

local matrix = {}

local good = { "answer", body = "[]" }
local overshoot = 0.25

local function order(case)
  return { formIdentifier = "order", formData = case.large and { text = ("x"):rep(case.large) } or nil, products = {} }
end

local function file_of(case) return { data = ("x"):rep(case.large or 1), name = "x.txt" } end

local WITH_FILE = "FormData.postFormsData of a file"
local verbs = {
  GET = function(api) return api.Payments.getAccounts() end,
  POST = function(api, body) return api.Orders.createOrder("orders", body) end,
  PUT = function(api, body) return api.Orders.updateOrderByMarkerAndId("orders", 116, body) end,
  DELETE = function(api) return api.Users.archiveUser() end,
  ["FormData.postFormsData"] = function(api, body) return api.FormData.postFormsData(body) end,
  [WITH_FILE] = function(api, _, case)
    return api.FormData.postFormsData { formIdentifier = "f", formData = { { marker = "m", type = "file", value = file_of(case) } } }
  end,
}

-- Any other method, with arguments that suit its row.
local suitable = {
  string = function() return "a" end, integer = function() return 1 end, id = function() return 1 end, boolean = function() return true end,
  table = function() return {} end, query = function() return {} end, list = function() return {} end, file = file_of,
}
local reads = { GET = true }
for _, row in ipairs(oneentry.rows()) do
  local name = row.module .. "." .. row.name
  reads[name] = row.reads or nil
  verbs[name] = verbs[name] or function(api, _, case)
    local arguments = {}
    for i, arg in ipairs(row.args) do
      if not arg.optional then arguments[i] = arg.choices and arg.choices[1] or suitable[arg.type](case) end
    end
    return api[row.module][row.name](unpack(arguments, 1, #row.args))
  end
end

-- Methods that meet the faults of GET, or of POST, too. `fails`: only those that the call does not survive.
local others = {
  { name = "Products.getProducts", like = "GET" }, { name = "Products.searchProduct", like = "GET" },
  { name = "FileUploading.upload", like = "POST" }, { name = "FormData.postFormsData", like = "POST" },
  { name = WITH_FILE, like = "POST", fails = true },
}

-- The servers: `here` (http), `secure` (https), and `elsewhere`, which no request may ever reach.
function matrix.start()
  local certificates = tls.make()
  return {
    certificates = certificates,
    here = server.start(),
    secure = server.start({ tls = certificates.good }),
    elsewhere = server.start(),
  }
end

function matrix.stop(world)
  for _, name in ipairs({ "here", "secure", "elsewhere" }) do world[name]:stop() end
  world.certificates:remove()
end

-- "{here}", "{secure}", "{elsewhere}" in texts become the servers' addresses.
local function placed(value, world)
  if type(value) == "string" then
    return (value:gsub("{(%l+)}", function(name) return world[name] and world[name].url end))
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, member in pairs(value) do copy[key] = placed(member, world) end
  return copy
end

local function peer_of(world, case)
  return (case.over == "https" or case.over == "http to https") and world.secure or world.here
end

local function client(world, case)
  local url = case.url and placed(case.url, world) or peer_of(world, case).url
  if case.over == "https to http" then url = url:gsub("^http:", "https:") end
  if case.over == "http to https" then url = url:gsub("^https:", "http:") end
  local config = { token = "app-token", timeout = 5, maxRetries = 0, tls = { caFile = world.certificates.ca } }
  if case.session then config.auth = { accessToken = "access-secret", refreshToken = "refresh-secret" } end
  for name, value in pairs(case.config or {}) do config[name] = value end
  return oneentry.define(url, config), config.timeout
end

local function present_certificate(world, case)
  if case.over ~= "https" then return end
  local name, protocol = case.tls or "good", nil
  if type(name) == "table" then name, protocol = name[1], name[2] end
  local files = world.certificates[name]
  world.secure:command("tls", { certificate = files.certificate, key = files.key, protocol = protocol })
end

-- Leaves an idle connection behind, and tells which.
local function warm_up(peer, api)
  peer:script({ good })
  assert(api.Payments.getAccounts())
  return peer:requests()[1].connection
end

local function peak_memory(reset)
  if reset then
    local file = io.open("/proc/self/clear_refs", "w")
    if file then
      file:write("5")
      file:close()
    end
  end
  local file = io.open("/proc/self/status")
  local text = file and file:read("*a") or ""
  if file then file:close() end
  return tonumber(text:match("VmHWM:%s*(%d+) kB") or 0) / 1024
end

local function one_of(expected, got)
  if type(expected) ~= "table" then return expected == got end
  for _, one in ipairs(expected) do
    if one == got then return true end
  end
  return false
end

local function check_error(case, value, err)
  assert.is_nil(value)
  assert.is_true(oneentry.is_error(err))
  local codes = type(case.code) == "table" and table.concat(case.code, " or ") or case.code
  assert.is_true(one_of(case.code, err.code), ("code %s expected, got %s"):format(codes, tostring(err)))
  if case.status ~= nil or case.code == "http" or case.sent == false then assert.equal(case.status or nil, err.statusCode) end
  if case.sent ~= "either" then assert.equal(case.sent ~= false, err.sent) end
  if case.message then assert.matches(case.message, err.message) end
  for _, secret in ipairs({ "app%-token", "access%-secret", "refresh%-secret" }) do
    assert.not_matches(secret, tostring(err))
  end
end

local function check_heads(case, heads)
  local seen = {}
  for _, head in ipairs(heads) do
    local name = head.method .. " " .. head.path
    seen[name] = (seen[name] or 0) + 1
    assert.is_true(head.method == "GET" or reads[case.verb] or seen[name] <= (case.refreshed and 2 or 1), name .. " was repeated")
    assert.is_nil(head.cookie)
  end
end

local function check_server(case, report, idle)
  local got = {}
  for _, head in ipairs(report.heads) do got[#got + 1] = head.method .. " " .. head.path end
  check_heads(case, report.heads)
  assert.equal(case.requests or 1, #report.heads, table.concat(got, ", "))
  assert.equal(case.left or 0, report.left, "steps that were not played")
  if case.reuse == true and not case.act and report.heads[1] then assert.equal(idle, report.heads[1].connection) end
end

local function check_next(case, peer, api, used)
  peer:script({ fallback = good })
  local value, err = api.Payments.getAccounts()
  assert.same({}, value, "the next call failed: " .. tostring(err))
  local report = peer:command("report")
  assert.equal(1, #report.heads)
  if case.closes then assert.not_equal(used, report.heads[1].connection) end
  check_heads(case, report.heads)
end

function matrix.run(world, case)
  local peer = peer_of(world, case)
  present_certificate(world, case)
  local api, timeout = client(world, case)
  local idle = case.reuse and warm_up(peer, api)
  local steps = placed(case.steps, world)
  steps.fallback = placed(case.fallback, world) or good
  peer:script(steps)
  if case.act then peer:act(idle, case.act) end
  local body = order(case)
  local before = case.memory and peak_memory(true)
  local seconds = stopwatch()
  local value, err = verbs[case.verb](api, body, case)
  local took = seconds()
  local most = case.within or timeout
  assert.is_true(took < most + overshoot, ("took %.3f s of %g s"):format(took, most))
  if case.memory then assert.is_true(peak_memory() - before <= case.memory, ("grew %.1f MiB"):format(peak_memory() - before)) end
  if case.code then
    check_error(case, value, err)
  else
    assert.same(case.value, value, tostring(err))
  end
  if not case.alone then
    local report = peer:command("report")
    check_server(case, report, idle)
    if not case.last then
      present_certificate(world, { over = case.over })
      check_next(case, peer, api, report.heads[1] and report.heads[1].connection)
    end
  end
  api.close()
  assert.equal(0, world.elsewhere:command("report").connections, "something went elsewhere")
end

local function variant(row, over, verb, reuse)
  local case = setmetatable({ over = over, verb = verb, reuse = reuse }, { __index = row })
  case.steps = row.steps or { row.step }
  if row.dies and reuse and reads[verb] then case.code, case.value, case.requests = false, {}, 2 end
  case.name = ("%s over %s%s: %s"):format(verb, over, reuse and ", reused connection" or "", row.name)
  return case
end

-- The cases of a list of rows: one for each transport, verb and kind of connection.
function matrix.cases(rows)
  local list = {}
  for _, row in ipairs(rows) do
    for _, over in ipairs(row.over or { "http" }) do
      for _, verb in ipairs(row.verbs or { "GET", "POST" }) do
        if row.reuse ~= true then list[#list + 1] = variant(row, over, verb, false) end
        if row.reuse then list[#list + 1] = variant(row, over, verb, true) end
      end
    end
  end
  return list
end

local function has(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

-- The cases of the rows for other methods: one for each, on a used connection where the row has one.
function matrix.other_cases(rows)
  local list = {}
  for _, row in ipairs(rows) do
    for _, other in ipairs(others) do
      if has(row.over or { "http" }, "http") and has(row.verbs or { "GET", "POST" }, other.like) and (row.code or not other.fails) then
        list[#list + 1] = variant(row, "http", other.name, row.reuse ~= nil and row.reuse ~= false)
      end
    end
  end
  return list
end

return matrix
