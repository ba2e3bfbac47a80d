-- A TLS server that speaks HTTP/2 and HTTP/1.1, for specs of which of them a request goes out in. Ends when stdin does.
-- Usage: alpn_main.lua CERTIFICATE KEY MODE. To a client that offers HTTP/2 it answers with it (MODE "h2"), with HTTP/1.1
-- ("http/1.1"), or with one and the other by turns ("turns"); to others with none. Each answer tells what was agreed on
-- ("h2", "http/1.1" or "none"), the request's path and body, and how often this request was seen.
local cqueues = require "cqueues"
local headers = require "http.headers"
local http = require "http.server"
local json = require "dkjson"
local socket = require "cqueues.socket"
local tls = require "http.tls"

local certificate, key, mode = arg[1], arg[2], arg[3]
local turn, seen = 0, {}

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function choose(_, offered)
  for _, protocol in ipairs(offered) do
    if protocol == "h2" then
      turn = turn + 1
      return mode == "turns" and (turn % 2 == 0 and "http/1.1" or "h2") or mode ~= "turns" and mode or nil
    end
  end
end

local context = tls.new_server_context()
context:setCertificate(require("openssl.x509").new(read_file(certificate)))
context:setPrivateKey(require("openssl.pkey").new(read_file(key)))
context:setAlpnSelect(choose)

local function serve(_, stream)
  local request = stream:get_headers()
  if not request then return end
  local path, body = request:get ":path", stream:get_body_as_string() or ""
  local name = request:get ":method" .. " " .. path .. " " .. body
  seen[name] = (seen[name] or 0) + 1
  cqueues.sleep(0.005) -- others come meanwhile
  local answer = headers.new()
  answer:append(":status", "200")
  answer:append("content-type", "application/json")
  stream:write_headers(answer, false)
  stream:write_chunk(json.encode {
    path = path, body = body, seen = seen[name], agreed = stream:checktls():getAlpnSelected() or "none",
  }, true)
end

local listener = assert(http.listen { host = "127.0.0.1", port = 0, tls = true, ctx = context, onstream = serve, onerror = function() end })
assert(listener:listen())
local _, _, port = listener:localname()
print(("https://127.0.0.1:%d"):format(port))
io.stdout:flush()
listener.cq:wrap(function()
  socket.fdopen(0):read "*a"
  os.exit(0)
end)
assert(listener:loop())
