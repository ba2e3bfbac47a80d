-- The scripted server's process: accepts connections, plays one step of the script per request, and takes
-- commands on stdin, one line each, answered by one line (support/server/wire.lua). Ends when stdin does.
-- Usage: main.lua HOST PORT [CERTIFICATE KEY]; port 0 is any free one.
local directory = arg[0]:match("^(.*)support/server/main%.lua$")
package.path = directory .. "?.lua;" .. package.path

local cqueues = require "cqueues"
local errno = require "cqueues.errno"
local socket = require "cqueues.socket"
local connection = require "support.server.connection"
local behaviours = require "support.server.behaviours"
local wire = require "support.server.wire"

local host, port, certificate, key = arg[1], tonumber(arg[2]), arg[3], arg[4]
local loop = cqueues.new()
local script, fallback, position
local requests, records, failures = {}, {}, {}
local live, owners = {}, {} -- connections by id and by coroutine

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- A `protocol` other than TLS (SSLv3, TLSv1, TLSv1_1, ...) is spoken even where today's security level forbids it.
local function tls_context(files)
  local context = require("openssl.ssl.context").new(files.protocol or "TLS", true)
  if files.protocol then context:setCipherList("DEFAULT:@SECLEVEL=0") end
  context:setCertificate(require("openssl.x509").new(read_file(files.certificate)))
  context:setPrivateKey(require("openssl.pkey").new(read_file(files.key)))
  return context
end

local tls = certificate and tls_context({ certificate = certificate, key = key })

local function play(target, step)
  local behaviour = behaviours[step[1]]
  if not behaviour then error("no behaviour " .. tostring(step[1]), 0) end
  behaviour(target, step)
end

-- The step that is due, or nil at `accept` when the next one waits for a request.
local function next_step(at)
  local step = script[position]
  if at == "accept" and not (step and step.at == "accept") then return nil end
  if step then position = position + 1 end
  return step or fallback
end

local function serve(target)
  owners[coroutine.running()] = target
  local step = next_step("accept")
  if step then play(target, step) end
  if tls and target.open then
    local ok, reason = target.socket:starttls(tls)
    if not ok then
      target.record.handshake = errno.strerror(reason)
      target:close()
    end
  end
  while target.open and target:idle(play) do
    play(target, next_step("request"))
  end
  target:close()
end

local function accept(listener)
  while true do
    local client = assert(listener:accept({ nodelay = true }))
    connection.activity = connection.activity + 1
    local record = { id = #records + 1, requests = 0, received = 0 }
    records[record.id] = record
    local target = connection.new(client, record, requests)
    live[record.id] = target
    loop:wrap(function() serve(target) end)
  end
end

-- Waits until everything that has already reached this machine's sockets is dealt with.
local function settle()
  local quiet = 0
  while quiet < 5 do
    local before = connection.activity
    cqueues.sleep(0)
    quiet = connection.activity == before and quiet + 1 or 0
  end
end

local commands = {}

-- Takes a new script, and forgets the records and the rest of the old one. Connections stay.
function commands.script(value)
  script, fallback, position = value.steps, value.fallback, 1
  for index = #requests, 1, -1 do requests[index] = nil end
  for _, target in pairs(live) do target:forget() end
  return true
end

-- Another certificate, { certificate =, key =, protocol = }, for the handshakes to come.
function commands.tls(files)
  tls = tls_context(files)
  return true
end

-- Since the last script: `heads` of requests, also of those that were never read whole, and the number of
-- steps that are left.
function commands.report()
  local heads = {}
  for id = 1, #records do
    for _, head in ipairs(live[id]:heads()) do heads[#heads + 1] = head end
  end
  return { heads = heads, left = math.max(0, #script - position + 1), connections = #records }
end

function commands.requests()
  return requests
end

function commands.connections()
  return records
end

-- Plays a step on a connection that has no request under way.
function commands.act(value)
  local target = live[value.connection]
  if not (target and target.open) then
    failures[#failures + 1] = "connection " .. value.connection .. " is not open"
    return false
  end
  if not target:assign(value.step) then
    failures[#failures + 1] = "the step " .. value.step[1] .. " waits for the client"
  end
  return true
end

local function answer(line)
  local name, text = line:match("^(%S+) (.*)$")
  settle()
  local value = commands[name](wire.decode(text))
  local failure = failures[1] and table.concat(failures, "\n")
  failures = {}
  io.stdout:write(wire.encode({ value = value, failure = failure }), "\n")
  io.stdout:flush()
end

local function take_commands()
  repeat
    cqueues.poll({ pollfd = 0, events = "r" })
    local line = io.read("*l")
    if line then answer(line) end
  until not line
  os.exit(0)
end

local listener = assert(socket.listen({ host = host, port = port }))
assert(listener:listen())
local _, _, bound = listener:localname()
commands.script({ steps = {}, fallback = { "answer", status = 500, body = '{"message":"no step left"}' } })
loop:wrap(function() accept(listener) end)
loop:wrap(take_commands)
io.stdout:write(("listening on %s://%s:%d\n"):format(tls and "https" or "http",
  host:find(":") and "[" .. host .. "]" or host, bound))
io.stdout:flush()

-- An error ends the coroutine and the connection it came from; the spec gets it with its next command.
while true do
  local ok, reason, _, thread = loop:loop()
  if ok then break end
  failures[#failures + 1] = tostring(reason)
  if owners[thread] then owners[thread]:close() end
end
