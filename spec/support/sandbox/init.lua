-- The sandbox host as a process on a free port.
--
--   local shop = sandbox.start()            -- or { tls = the table of tls.make(), client_ca = true, host = "0.0.0.0" }
--   shop.url, shop.token, shop.login, shop.password
--   shop:log()      -- requests of the API since the start or the last reset, oldest first
--   shop:reset()
--   shop:stop()
local json = require "support.fixtures.json"
local process = require "support.process"

local sandbox = {}
sandbox.__index = sandbox

local main = process.spec .. "../src/lua/oneentry/sandbox/main.lua"

function sandbox.start(options)
  local certificates = options and options.tls
  local command = { process.interpreter("http.server", "dkjson"), process.quote(main), "--port 0 --until-eof" }
  local self = setmetatable({}, sandbox)
  if options and options.host then command[#command + 1] = "--host " .. options.host end
  if certificates then
    self.ca = certificates.ca
    command[#command + 1] = "--cert " .. process.quote(certificates.good.certificate)
    command[#command + 1] = "--key " .. process.quote(certificates.good.key)
    if options.client_ca then command[#command + 1] = "--client-ca " .. process.quote(certificates.ca) end
  end
  self.process = process.start(table.concat(command, " "))
  self.url = self.process:read():match("^listening on (%S+)$")
  for _, name in ipairs({ "token", "login", "password" }) do
    self[name] = self.process:read():match("^" .. name .. ": (.*)$")
  end
  self.process:read() -- overview
  return self
end

-- A control request; the decoded answer.
function sandbox:control(method, path, body)
  local ca = self.ca and "--cacert " .. process.quote(self.ca) or ""
  local data = body and "-d " .. process.quote(json.encode(body)) or ""
  local command = ("unset LD_PRELOAD; curl -sS --fail --max-time 20 -H 'content-type: application/json' %s -X %s %s %s"):format(
    ca, method, data, process.quote(self.url .. "/__sandbox/" .. path))
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return json.decode(text)
end

function sandbox:reset()
  self:control("POST", "reset")
end

function sandbox:log()
  return self:control("GET", "log").items
end

function sandbox:stop()
  self.process:stop()
end

return sandbox
