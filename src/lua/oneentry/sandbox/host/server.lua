--- Puts the app behind a socket with lua-http: HTTP/1.1 with keep-alive, TLS with a certificate, h2 on request.
local cqueues = require "cqueues"
local server = require "http.server"
local headers = require "http.headers"
local yieldable_pcall = require "http.util".yieldable_pcall
local tls = require "http.tls"
local x509 = require "openssl.x509"
local chain = require "openssl.x509.chain"
local pkey = require "openssl.pkey"
local x509_store = require "openssl.x509.store"
local context = require "openssl.ssl.context"
local http = require "oneentry.sandbox.host.http"

local IDLE_SECONDS = 60
local READ_SECONDS = 30
local MOST_WAITING = 16 -- requests of a connection that have no answer yet

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

-- Bytes beyond `limit` are read and forgotten, up to so many bytes: the client hears the refusal, and may go on.
local FORGOTTEN = 1048576

-- The whole body; one byte more than `limit` of it when it is longer. nil when the connection ends before the body does,
-- when the body takes too long, or does not end. lua-http returns empty chunks without waiting where a length is none.
local function read_body(stream, limit)
  local parts, size, count = {}, 0, 0
  local deadline = cqueues.monotime() + READ_SECONDS
  repeat
    local chunk = stream:get_next_chunk(deadline - cqueues.monotime())
    if not chunk then break end
    if size <= limit then parts[#parts + 1] = chunk end
    size, count = size + #chunk, count + 1
    if count % 100 == 0 then cqueues.sleep(0) end -- nothing waits where all of it is there already: let the others have their turn
  until chunk == "" or size > limit + FORGOTTEN or cqueues.monotime() > deadline
  if stream.state == "open" and size <= limit then return nil end
  return table.concat(parts):sub(1, limit + 1)
end

-- Does the head tell in one way how long the body is? lua-http takes any number for a length, and other encodings than chunks.
local function has_clear_length(fields)
  local length
  local coding = fields:get_comma_separated "transfer-encoding"
  if coding and coding:lower() ~= "chunked" then return false end
  for name, value in fields:each() do
    if name == "content-length" then
      if not value:find "^%d+$" or #value > 15 or length and length ~= value then return false end
      length = value
    end
  end
  return not (length and coding)
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

-- The request as the app wants it; nil when it never arrived in full; nil, true when nobody can tell how long it is.
local function read_request(stream, limit)
  -- lua-http raises for a transfer-encoding that is none.
  local taken, fields, problem = yieldable_pcall(stream.get_headers, stream, READ_SECONDS)
  if not taken or problem == "invalid content-length" or problem == "unknown transfer-encoding" then return nil, true end
  if not fields then
    abandon(stream)
    return nil
  end
  if (fields:get("expect") or ""):lower() == "100-continue" then stream:write_continue() end
  local plain = {}
  for name, value in fields:each() do
    if name:sub(1, 1) ~= ":" then plain[name] = plain[name] and plain[name] .. ", " .. value or value end
  end
  plain.host = plain.host or fields:get(":authority")
  if not has_clear_length(fields) then return nil, true end
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

-- Says that the length of a body is none, and closes: where the next request begins is not known. lua-http cannot answer a
-- head that it has not taken in.
local function refuse(app, stream)
  local response = http.error_reply(app, 400, app.choices.text.bad_length)
  local socket = stream.connection.version < 2 and stream.connection:take_socket()
  if not socket then return end
  socket:write(("HTTP/1.1 400 Bad Request\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"):format(
    response.headers["content-type"], #response.body, response.body))
  socket:flush()
  socket:close()
end

local function on_stream(app)
  return function(_, stream)
    local pipeline = stream.connection.version < 2 and stream.connection.pipeline
    if pipeline and pipeline:length() > MOST_WAITING then return abandon(stream) end
    local request, unclear = read_request(stream, app.choices.max_body_bytes)
    if unclear then return refuse(app, stream) end
    if not request then return end
    local response = app:handle(request)
    if response.delay then cqueues.sleep(response.delay) end
    -- Both ways at once, or lua-http would still write an answer of its own.
    if response.drop then return stream.connection.socket:shutdown("rw") end
    write_response(stream, request, response)
    if stream.state == "open" or stream.state == "half closed (local)" then abandon(stream) end -- the rest of a long body
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
