--- Puts the app behind a socket with lua-http: HTTP/1.1 with keep-alive, TLS with a certificate, h2 on request.
local cqueues = require "cqueues"
local server = require "http.server"
local headers = require "http.headers"
local tls = require "http.tls"
local x509 = require "openssl.x509"
local chain = require "openssl.x509.chain"
local pkey = require "openssl.pkey"
local x509_store = require "openssl.x509.store"
local context = require "openssl.ssl.context"

local IDLE_SECONDS = 60
local READ_SECONDS = 30

local host = {}

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function certificates(path)
  local list = {}
  for pem in read_file(path):gmatch("%-%-%-%-%-BEGIN CERTIFICATE.-END CERTIFICATE%-%-%-%-%-\n?") do
    list[#list + 1] = x509.new(pem)
  end
  if #list == 0 then error("no certificate in " .. path, 0) end
  return list
end

-- lua-http prefers what comes first in the client's list; h2 only when it was asked for.
local function choose_protocol(allow_h2)
  return function(_, offered)
    for _, protocol in ipairs(offered) do
      if protocol == "http/1.1" or allow_h2 and protocol == "h2" then return protocol end
    end
  end
end

local function tls_context(options)
  local ctx = tls.new_server_context()
  local own = certificates(options.cert)
  ctx:setCertificate(own[1])
  if own[2] then
    local rest = chain.new()
    for i = 2, #own do rest:add(own[i]) end
    ctx:setCertificateChain(rest)
  end
  ctx:setPrivateKey(pkey.new(read_file(options.key)))
  ctx:setAlpnSelect(choose_protocol(options.h2))
  if options.client_ca then
    local trusted = x509_store.new()
    for _, certificate in ipairs(certificates(options.client_ca)) do trusted:add(certificate) end
    ctx:setStore(trusted)
    ctx:setVerify(context.VERIFY_PEER)
  end
  return ctx
end

-- The whole body; one byte more than `limit` of it when it is longer, the rest is read and forgotten.
-- nil when the connection ends before the body does.
local function read_body(stream, limit)
  local parts, size = {}, 0
  local deadline = cqueues.monotime() + READ_SECONDS
  while true do
    local chunk = stream:get_next_chunk(deadline - cqueues.monotime())
    if not chunk then break end
    if size <= limit then parts[#parts + 1] = chunk end
    size = size + #chunk
  end
  if stream.state == "open" then return nil end
  return table.concat(parts):sub(1, limit + 1)
end

-- Lets go of a client that left in the middle of a request. lua-http 0.4 would go on looking for the
-- rest of the body, without ever yielding.
local function abandon(stream)
  local socket = stream.connection.version < 2 and stream.connection:take_socket()
  if socket then socket:close() end
end

local function has_client_certificate(stream)
  local ssl = stream:checktls()
  return ssl ~= nil and ssl:getPeerCertificate() ~= nil
end

-- The request as the app wants it, or nil when it never arrived in full.
local function read_request(stream, limit)
  local fields = stream:get_headers(READ_SECONDS)
  if not fields then return nil end
  if (fields:get("expect") or ""):lower() == "100-continue" then stream:write_continue() end
  local plain = {}
  for name, value in fields:each() do
    if name:sub(1, 1) ~= ":" then plain[name] = plain[name] and plain[name] .. ", " .. value or value end
  end
  plain.host = plain.host or fields:get(":authority")
  local body = read_body(stream, limit)
  if not body then
    abandon(stream)
    return nil
  end
  return {
    method = fields:get(":method"), path = fields:get(":path") or "*", headers = plain, body = body,
    scheme = stream:checktls() and "https" or "http", client_certificate = has_client_certificate(stream),
  }
end

local function write_response(stream, request, response)
  local fields = headers.new()
  fields:append(":status", string.format("%d", response.status))
  for name, value in pairs(response.headers) do fields:append(name, value) end
  if not response.headers["content-length"] and response.status ~= 204 and response.status ~= 304 then
    fields:append("content-length", tostring(#response.body))
  end
  local no_body = request.method == "HEAD" or response.body == ""
  assert(stream:write_headers(fields, no_body, READ_SECONDS))
  if not no_body then assert(stream:write_chunk(response.body, true, READ_SECONDS)) end
end

local function on_stream(app)
  return function(_, stream)
    local request = read_request(stream, app.choices.max_body_bytes)
    if not request then return end
    local response = app:handle(request)
    if response.delay then cqueues.sleep(response.delay) end
    -- Both ways at once, or lua-http would still write an answer of its own.
    if response.drop then return stream.connection.socket:shutdown("rw") end
    write_response(stream, request, response)
  end
end

--- Listens. Options: host, port (0: any free one), cert and key (files, together), client_ca (file), h2,
-- cq (a cqueues controller). Returns the lua-http server and its base url; raises what goes wrong.
function host.listen(app, options)
  local secure = options.cert ~= nil
  local listener = assert(server.listen {
    host = options.host, port = options.port, reuseaddr = true, cq = options.cq,
    tls = secure, ctx = secure and tls_context(options) or nil, version = not options.h2 and 1.1 or nil,
    intra_stream_timeout = IDLE_SECONDS, onstream = on_stream(app),
    onerror = function() end, -- clients that go away, or speak no HTTP, are their own business
  })
  assert(listener:listen())
  local _, address, port = listener:localname()
  if address:find(":", 1, true) then address = "[" .. address .. "]" end
  return listener, string.format("%s://%s:%d", secure and "https" or "http", address, port)
end

return host
