-- A scripted server in a process of its own, on raw sockets. Fault specs and the replay talk to it.
--
--   local peer = server.start()                        -- or { tls = a certificate of tls.lua, host = "::1", port = 8080 }
--   peer:script({ { "answer", status = 201, body = "{}" }, { "hangup" } })
--   ... calls against peer.url ...
--   peer:requests()     -- { { method, path, headers, names, body, raw, connection, number, at }, ... }
--   peer:connections()  -- { { id, requests, received, closed, peerClosed, unread, handshake }, ... }
--   peer:stop()
--
-- A step is named after a function of support/server/behaviours.lua.
local eventually = require "support.eventually"
local process = require "support.process"
local wire = require "support.server.wire"

local server = {}
server.__index = server

function server.start(options)
  options = options or {}
  local lua = process.interpreter("cqueues", "openssl.ssl.context", "socket")
  local command = { lua, process.quote(process.spec .. "support/server/main.lua"), options.host or "127.0.0.1", options.port or 0 }
  if options.tls then
    command[#command + 1] = process.quote(options.tls.certificate)
    command[#command + 1] = process.quote(options.tls.key)
  end
  local child = process.start(table.concat(command, " "))
  local self = setmetatable({ process = child }, server)
  self.url = child:read():match("^listening on (%S+)$")
  self.port = tonumber(self.url:match(":(%d+)$"))
  return self
end

function server:command(name, value)
  self.process:write(name .. " " .. wire.encode(value))
  local answer = wire.decode(self.process:read())
  if answer.failure then error("the scripted server failed: " .. answer.failure, 0) end
  return answer.value
end

-- Sets the steps to play from now on, one per request; forgets the requests recorded so far. A request beyond
-- the steps gets steps.fallback, or a 500 that says so.
function server:script(steps)
  local fallback = steps.fallback or { "answer", status = 500, body = '{"message":"no step left"}' }
  self:command("script", { steps = steps, fallback = fallback })
end

-- Plays a step on an idle connection, now; its bytes have left when this returns.
function server:act(connection, step)
  self:command("act", { connection = connection, step = step })
end

-- Answers the request of that number, whose step was { "reply", bytes = "" }.
function server:answer(number, status, body)
  local bytes = ("HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%s"):format(status, #body, body)
  self:act(self:requests()[number].connection, { "reply", read = "nothing", bytes = bytes })
end

-- Every request that was received whole since the last script, in order of arrival.
function server:requests()
  return self:command("requests")
end

-- Drives the future until so many requests have been received, or it has ended.
function server:drive(future, count)
  eventually(function() return future:done() or #self:requests() >= count end, "no request")
end

-- Every connection since the start.
function server:connections()
  return self:command("connections")
end

function server:stop()
  self.process:stop()
end

return server
