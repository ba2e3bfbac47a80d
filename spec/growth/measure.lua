-- Calls whose reply is of a shape: the processor time that they take, the memory at its height, what comes out.
local child = require "support.child"
local oneentry = require "oneentry"
local plain = require "growth.plain"
local process = require "support.process"
local server = require "support.server"

local measure = {}
measure.__index = measure

local MB = 1024 * 1024
local most_bytes, most_values = 64 * MB, 1e6 -- of the default configuration

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then file:close() end
  return text
end

local function resident(name) return tonumber(read("/proc/self/status"):match(name .. ":%s+(%d+)")) / 1024 end

-- Packs the text with gzip: little goes over the wire and through the server.
local function pack(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  local pipe = io.popen("gzip -1nc " .. process.quote(path))
  local packed = pipe:read "*a"
  pipe:close()
  os.remove(path)
  return packed
end

-- Starts to count the height anew.
local function forget_peak()
  local file = io.open("/proc/self/clear_refs", "w")
  if file then
    file:write "5"
    file:close()
  end
end

-- One call: seconds, MB, value, err.
function measure.once(shape, url, config)
  local all = { token = "t", maxRetries = 0, timeout = 60 }
  for _, members in ipairs { shape.config or {}, config or {} } do
    for name, member in pairs(members) do all[name] = member end
  end
  local api = oneentry.define(url, all)
  for _ = 1, 3 do collectgarbage() end
  forget_peak()
  local before, began = resident "VmRSS", os.clock()
  local value, err = shape.call(api)
  local seconds, memory = os.clock() - began, resident "VmHWM" - before
  api.close()
  return seconds, memory, value, err
end

function measure.start() return setmetatable({ peer = server.start() }, measure) end

-- Has the server send so many bytes of the shape.
function measure:serve(shape, bytes, status)
  self.peer:script { fallback = {
    "answer", status = status or shape.status, body = pack(shape.build(bytes)), headers = { ["content-encoding"] = "gzip" },
  } }
end

-- Seconds that plain Lua takes to make the value.
local function make(maker)
  for _ = 1, 3 do collectgarbage() end
  local began = os.clock()
  local value = maker()
  return os.clock() - began, value
end

-- The least seconds of two calls with that many bytes and values without a limit, and of plain Lua to make the same value; nil
-- when there is none.
function measure:seconds(shape, bytes)
  self:serve(shape, bytes)
  local config = { maxValues = 2 ^ 53 }
  local seconds, _, value = measure.once(shape, self.peer.url, config)
  local maker = value ~= nil and plain.maker(value)
  value = nil -- luacheck: ignore
  seconds = math.min(seconds, (measure.once(shape, self.peer.url, config)))
  return seconds, maker and math.min((make(maker)), (make(maker)))
end

-- Returns how many bytes of the shape the default configuration reads at most.
function measure.limit(shape)
  local sample = shape.build(MB)
  local text = sample:gsub("\\.", ""):gsub('"[^"]*"', "1")
  local function count(pattern) return select(2, text:gsub(pattern, "")) end
  local values = 1 + count "[,:]" + count "[%[{]" - count "%[%]" - count "{}"
  return math.floor(math.min(most_bytes - 1024, (most_values - 1000) * #sample / values))
end

-- The call of that shape in a fresh process, as configured by default: seconds, MB, bytes of the error's texts, "value" or a
-- code.
function measure:fresh(name)
  local command = ("%s %sgrowth/one.lua %s %s"):format(child.interpreter(), process.quote(process.spec), process.quote(name),
    self.peer.url)
  local pipe = io.popen(command)
  local text = pipe:read "*a"
  pipe:close()
  local seconds, memory, texts, outcome = text:match "^(%S+) (%S+) (%S+) (%S+)"
  assert(outcome, text)
  return tonumber(seconds), tonumber(memory), tonumber(texts), outcome
end

function measure:stop() self.peer:stop() end

return measure
