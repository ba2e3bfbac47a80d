-- The locations of front.conf. Each way reads the payment sessions of an order and answers with the last one's status.
local cjson = require "cjson"
local oneentry = require "oneentry"

local ORDER, POOL = 116, 1024

local ways = {}
local backend_port, api, blocking

-- In the master: as in an application, the client is made once and inherited by the workers.
function ways.init(port)
  backend_port = port
  local url = "http://127.0.0.1:" .. port
  api = oneentry.define(url, { token = "app", maxConnections = POOL })
  blocking = oneentry.define(url, { token = "app", driver = "blocking" })
  api.Payments.setAccessToken("token")
  blocking.Payments.setAccessToken("token")
end

local function answer(sessions)
  ngx.print(sessions[#sessions].status, "\n")
end

function ways.sdk()
  answer(assert(api.Payments.getSessionByOrderId(ORDER)))
end

-- As a site that serves many users does: makes a session for the user who asks.
function ways.session()
  local user = api.session { accessToken = "token" }
  answer(assert(user.Payments.getSessionByOrderId(ORDER)))
end

function ways.blocking()
  answer(assert(blocking.Payments.getSessionByOrderId(ORDER)))
end

-- nginx's own client behind a subrequest.
function ways.capture()
  local response = ngx.location.capture("/proxied/" .. ORDER)
  assert(response.status == 200, response.status)
  answer(cjson.decode(response.body))
end

local request = "GET /api/content/payments/sessions/order/%d HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nx-app-token: app\r\n" ..
  "authorization: Bearer token\r\ncontent-type: application/json\r\n\r\n"

-- A client written by hand for this one request.
function ways.cosocket()
  local socket = ngx.socket.tcp()
  socket:settimeouts(10000, 10000, 10000)
  assert(socket:connect("127.0.0.1", backend_port, { pool_size = POOL }))
  assert(socket:send(request:format(ORDER, backend_port)))
  local status = assert(socket:receive("*l")):match("^HTTP/1%.1 (%d+)")
  local headers = {}
  while true do
    local line = assert(socket:receive("*l"))
    if line == "" then break end
    local name, value = line:match("^([^:]+): *(.*)$")
    headers[name:lower()] = value
  end
  local body = assert(socket:receive(tonumber(headers["content-length"])))
  assert(socket:setkeepalive(60000, POOL))
  assert(status == "200", status)
  answer(cjson.decode(body))
end

-- For the soak: order and user come from the request, the answer repeats what the backend has said of both.
function ways.order()
  local user = api.session { accessToken = ngx.var.http_x_user }
  local sessions, err = user.Payments.getSessionByOrderId(tonumber(ngx.var.uri:match("(%d+)$")))
  ngx.header["x-worker"] = ngx.worker.pid()
  ngx.status = sessions and 200 or 502
  local body = sessions and ("%d %s"):format(sessions[1].orderId, sessions[3].clientSecret) or tostring(err)
  ngx.header["content-length"] = #body
  ngx.print(body)
end

function ways.collect()
  for _ = 1, 3 do collectgarbage() end
  ngx.header["x-worker"] = ngx.worker.pid()
  ngx.header["content-length"] = 2
  ngx.print("ok")
end

return ways
