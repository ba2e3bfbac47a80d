--- Runs the sandbox as a program. Needs lua-http, so a Lua that it works with: lua5.1 or luajit in Debian.
local USAGE = [[
usage: main.lua [--port N] [--host ADDRESS] [--cert FILE --key FILE] [--client-ca FILE] [--h2] [--until-eof]
  --port N          port to listen on, 0 for any free one (default 8787)
  --host ADDRESS    address to listen on (default 127.0.0.1)
  --cert, --key     PEM files: serve HTTPS
  --client-ca FILE  PEM file: take TLS client certificates of this authority instead of the app token
  --h2              offer HTTP/2 as well
  --until-eof       end when stdin ends
]]

local root = (arg[0]:match("^.*/") or "./") .. "../../"
package.path = root .. "?.lua;" .. root .. "?/init.lua;" .. package.path

local VALUES = { ["--port"] = "port", ["--host"] = "host", ["--cert"] = "cert", ["--key"] = "key",
  ["--client-ca"] = "client_ca" }
local SWITCHES = { ["--h2"] = "h2", ["--until-eof"] = "until_eof" }

local function fail(message)
  io.stderr:write("sandbox: ", message, "\n")
  os.exit(1)
end

local function parse(args)
  local options, i = { host = "127.0.0.1", port = "8787" }, 1
  while args[i] do
    local name = args[i]
    if name == "--help" then
      io.stdout:write(USAGE)
      os.exit(0)
    elseif SWITCHES[name] then
      options[SWITCHES[name]] = true
    elseif VALUES[name] and args[i + 1] then
      i = i + 1
      options[VALUES[name]] = args[i]
    else
      fail("cannot use '" .. name .. "'\n" .. USAGE)
    end
    i = i + 1
  end
  options.port = tonumber(options.port) or -1
  if options.port < 0 or options.port > 65535 or options.port % 1 ~= 0 then fail("--port needs a number from 0 to 65535") end
  if (options.cert == nil) ~= (options.key == nil) then fail("--cert and --key go together") end
  if options.client_ca and not options.cert then fail("--client-ca needs --cert and --key") end
  return options
end

local options = parse(arg)

if not pcall(require, "http.server") then
  fail("lua-http is needed, and it is not there for " .. _VERSION .. " (Debian has it for lua5.1 and luajit)")
end
local host = require "oneentry.sandbox.host.server"
local cqueues = require "cqueues"
local signal = require "cqueues.signal"
local socket = require "cqueues.socket"

-- os.time has whole seconds only; timestamps are to have milliseconds.
local started, monotonic = os.time(), cqueues.monotime()
local app = require("oneentry.sandbox").new {
  clock = function() return started + cqueues.monotime() - monotonic end,
  choices = { access = options.client_ca and "certificate" or "token" },
  host = options.host,
}

signal.block(signal.SIGTERM, signal.SIGINT)
local signals = signal.listen(signal.SIGTERM, signal.SIGINT)

local controller = cqueues.new()
options.cq = controller
local ok, listener, url = pcall(host.listen, app, options)
if not ok then
  local reason = tostring(listener):gsub("^.-:%d+: ", "")
  fail(("cannot listen on %s:%d: %s (another port: --port N, make sandbox PORT=N)"):format(options.host, options.port, reason))
end

local running = true
controller:wrap(function()
  signals:wait()
  running = false
end)
if options.until_eof then
  controller:wrap(function()
    local input = socket.fdopen(0)
    while input:read(4096) do end -- whatever arrives is of no interest
    running = false
  end)
end

local user = app.store.users[1]
print("listening on " .. url)
print("token: " .. app.store.app_token)
print("login: " .. user.identifier)
print("password: " .. user.password)
print("overview: " .. url .. "/__sandbox/")
io.stdout:flush()

while running do
  local stepped, err = controller:step()
  if not stepped then io.stderr:write("sandbox: ", tostring(err), "\n") end
end
listener:close()
