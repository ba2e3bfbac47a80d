-- usage: parallel_http.lua URL CALLS warm|cold [CA-FILE]
-- lua-http as one would use it by hand: in HTTP/1.1 a connection for each call at a time, kept; over TLS one h2 connection.
local cjson = require "cjson"
local cqueues = require "cqueues"
local client = require "http.client"
local headers = require "http.headers"
local http_tls = require "http.tls"
local store = require "openssl.x509.store"
local rounds = require "rounds"

local url, calls, mode, ca = (unpack or table.unpack)(arg)
calls = tonumber(calls)
local port = tonumber(url:match "%d+$")

local function connect()
  local context = ca and http_tls.new_client_context()
  if ca then context:setStore(store.new():add(ca)) end
  return assert(client.connect({ host = "127.0.0.1", port = port, tls = ca ~= nil, ctx = context, version = ca and 2 or 1.1 }, 10))
end

local function call(connection, id)
  local request = headers.new()
  request:append(":method", "GET")
  request:append(":scheme", ca and "https" or "http")
  request:append(":authority", "127.0.0.1:" .. port)
  request:append(":path", "/api/content/payments/sessions/order/" .. id)
  request:append("x-app-token", "app")
  request:append("authorization", "Bearer token")
  local stream = assert(connection:new_stream())
  assert(stream:write_headers(request, true, 10))
  local response = assert(stream:get_headers(10))
  assert(response:get(":status") == "200")
  local sessions = cjson.decode(assert(stream:get_body_as_string(10)))
  assert(sessions[3].orderId == id)
end

local kept = {}

rounds(function()
  local loop, done = cqueues.new(), 0
  local pool = mode == "warm" and kept or {}
  local function each(id, shared)
    local connection = shared or table.remove(pool) or connect()
    call(connection, id)
    if not shared then pool[#pool + 1] = connection end
    done = done + 1
  end
  loop:wrap(function()
    local shared = ca and (pool.shared or connect())
    pool.shared = shared or nil
    for i = 1, calls do loop:wrap(each, i, shared) end
  end)
  assert(loop:loop())
  assert(done == calls)
  if pool ~= kept then
    loop:wrap(function()
      for _, connection in pairs(pool) do connection:close() end
    end)
    assert(loop:loop())
  end
end, mode == "warm")
