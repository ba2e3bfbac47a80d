-- The two nginx of a measurement, as spec/support/nginx/init.lua starts them.
local socket = require "socket"
local nginx = require "support.nginx"

local servers = {}

local http = [[
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
]]

local tls = [[
    http2_max_concurrent_streams 256;
    listen 127.0.0.1:%d ssl http2;
    ssl_certificate %s;
    ssl_certificate_key %s;
]]

-- The server that the measured clients call. It answers after `delay` seconds. With `certificate` (support/server/tls.lua) over TLS too,
-- with h2, at the url .tls_url.
function servers.backend(delay, certificate)
  local secure, port = "", nil
  if certificate then
    local listener = assert(socket.bind("127.0.0.1", 0))
    port = select(2, listener:getsockname())
    listener:close()
    secure = tls:format(port, certificate.certificate, certificate.key)
  end
  local server = nginx.start {
    http = http,
    server = secure .. ('location / { content_by_lua_block { require("backend").answer(%s) } }'):format(delay),
  }
  server.tls_url = port and "https://127.0.0.1:" .. port
  return server
end

local upstream = [[
  upstream backend {
    server 127.0.0.1:%d;
    keepalive 512;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
  }
  init_by_lua_block { require("ways").init(%d) }
]]

local locations = [=[
    location = /ping { return 200 "pong"; }
    location = /proxied/116 {
      internal;
      proxy_pass http://backend/api/content/payments/sessions/order/116;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header x-app-token "app";
      proxy_set_header authorization "Bearer token";
    }
    location ~ ^/(\w+) { content_by_lua_block { require("ways")[ngx.var[1]]() } }
]=]

-- The nginx that is measured: a location for each way of calling the backend (ways.lua), and /ping, which needs nobody.
-- `directory`: for the temporary files of its workers.
function servers.front(backend, workers, directory)
  return nginx.start {
    workers = workers,
    main = "env TMPDIR;",
    environment = directory and "TMPDIR=" .. directory,
    events = "multi_accept on;", -- else a blocking worker has accepted few connections when the measurement ends
    http = http .. upstream:format(backend.port, backend.port),
    server = locations,
  }
end

return servers
