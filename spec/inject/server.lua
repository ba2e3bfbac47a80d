-- The server of the injection runs: the same requests get the same answers, over HTTP and TLS, in one process.
-- Usage: server.lua CERTIFICATE KEY. Prints the ports "http https control" and ends when stdin does.
-- Control, one line each: "reset" starts anew, "from AGENT" sees only what comes with that user-agent, "forget" forgets what was
-- seen, "expire" ends the access token, "log" tells the requests seen since then, each as "METHOD path token status;" (the path of
-- a POST with its query), and "requests" tells each as "METHOD url body", without boundaries and line ends, and a tab.
-- Every line is answered by one.
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local certificate, key = arg[1], arg[2]

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local context = require("openssl.ssl.context").new("TLS", true)
context:setCertificate(require("openssl.x509").new(read_file(certificate)))
context:setPrivateKey(require("openssl.pkey").new(read_file(key)))

local log, requests, generation, expired = {}, {}, 0, false
local agent -- requests of others are not seen; nil: all are

local function reset()
  log, requests, generation, expired = {}, {}, 0, false
end

local function tokens()
  generation, expired = generation + 1, false
  return 201, ('{"userIdentifier":"user@example.com","authProviderIdentifier":"email",'
    .. '"accessToken":"access-%d","refreshToken":"refresh-%d"}'):format(generation, generation)
end

local order = [=[{"id":116,"createdDate":"2026-04-08T09:30:00.000Z","totalSum":400.5,"big":9007199254740993,
"formData":{"en_US":[{"marker":"name","type":"string","value":"Ada Example \u00e9"}]},
"attributeValues":{"en_US":{"weight":{"type":"integer","value":"12","position":2},"photo":{"type":"image","position":1,
"value":[{"filename":"a.png","downloadLink":"https://shop.example/a.png"}]},"opening":{"type":"timeInterval","value":
[{"values":[{"dates":["2025-04-08T00:00:00.000Z","2025-04-09T00:00:00.000Z"],"times":[[{"hours":9,"minutes":0},
{"hours":9,"minutes":30}]],"inEveryWeek":false,"inEveryMonth":false}]}]}}},
"localizeInfos":{"en_US":{"title":"Order"}},"products":[{"id":15,"quantity":1,"price":null}],"isCompleted":false}]=]

local session = '{"id":65,"status":"waiting","type":"session","orderId":116,"paymentAccountId":2,"paymentUrl":null}'

-- By "METHOD path": status and body; a text is a 200. A user's requests need the current token.
local public = {
  ["POST /api/content/users-auth-providers/marker/email/users/auth"] = tokens,
  ["GET /api/content/payments/accounts"] = '[{"id":1,"identifier":"cash"},{"id":2,"identifier":"stripe"}]',
}
local private = {
  ["POST /api/content/orders-storage/marker/orders/orders"] = function() return 201, order end,
  ["POST /api/content/orders-storage/marker/later/orders"] = function() return 201, order end,
  ["GET /api/content/orders-storage/marker/orders/orders"] = ('{"items":[%s],"total":1}'):format(order),
  ["POST /api/content/payments/sessions"] = function() return 201, session end,
  ["GET /api/content/payments/sessions/order/116"] = "[" .. session .. "]",
  ["GET /api/content/payments/sessions/66"] = session:gsub("waiting", "completed"),
  ["PUT /api/content/users"] = "true",
  ["POST /api/content/files"] = function(query, body)
    local bytes = body:match "\r\n\r\n(.*)\r\n%-%-" or ""
    return 201, ('[{"filename":"%s","size":%d,"contentType":"text/plain"}]'):format(query:match "id=%d", #bytes)
  end,
  ["POST /api/content/form-data"] = function(_, body) return 201, ('{"actionMessage":"sent","formData":%s}'):format(body) end,
  ["GET /api/content/files"] = ("bytes\0"):rep(1000),
  ["GET /api/content/pages/quick/search"] = '[{"id":1,"title":"a"},{"id":2},{"id":404},{"id":3}]',
  ["GET /api/content/pages/1"] = '{"id":1,"templateIdentifier":"t"}',
  ["GET /api/content/pages/2"] = '{"id":2,"templateIdentifier":null}',
  ["GET /api/content/pages/3"] = '{"id":3,"templateIdentifier":"t"}',
  ["GET /api/content/pages/404"] = function() return 404, '{"statusCode":404,"message":"gone"}' end,
  ["GET /api/content/products/ids"] = '[{"id":1},{"id":2}]',
  ["GET /api/content/templates/marker/t"] = '{"id":9,"identifier":"t"}',
  ["GET /api/content/payments/sessions/404"] = function()
    return 404, '{"statusCode":404,"message":["No such session","at all"]}'
  end,
}
local refresh = "POST /api/content/users-auth-providers/marker/email/users/refresh"

local function answer(name, query, token, authorization, body)
  local reply = public[name]
  if token ~= "app-token" and token ~= "slow-token" and not name:find "^GET .*/accounts$" then return 403, '{"message":"no app token"}' end
  if name == refresh then
    if body ~= ('{"refreshToken":"refresh-%d"}'):format(generation) then return 401, '{"message":"Unauthorized"}' end
    reply = tokens
  elseif not reply then
    reply = private[name]
    if not reply then return 500, '{"message":"no such path"}' end
    if expired or authorization ~= "Bearer access-" .. generation then return 401, '{"message":"Unauthorized"}' end
  end
  if type(reply) == "string" then return 200, reply end
  return reply(query, body)
end

-- One request and its answer. False at the end of the connection.
local function exchange(connection)
  local line = connection:read("*l")
  local method, path, query = (line or ""):match("^(%S+) ([^ ?]+)(%S*)")
  if not method then return false end
  local headers = {}
  repeat
    line = connection:read("*l")
    if not line then return false end
    local field, value = line:match("^([^:]+): *(.-)\r?$")
    if field then headers[field:lower()] = value end
  until not field
  local length = tonumber(headers["content-length"] or 0)
  local body = length > 0 and connection:read(length) or ""
  if not body or #body < length then return false end
  local name, authorization = method .. " " .. path, headers.authorization
  local token = headers["x-app-token"]
  if token == "slow-token" then cqueues.sleep(0.0005) end -- so that requests are under way together
  local status, text = answer(name, query, token, authorization, body)
  if not agent or headers["user-agent"] == agent then -- an earlier client's may be late
    local boundary = (headers["content-type"] or ""):match "boundary=%-*(%w+)"
    requests[#requests + 1] = ("%s%s %s\t"):format(name, query, (body:gsub(boundary or "\n", "-"):gsub("%c", " ")))
    log[#log + 1] = ("%s %s %d;"):format(method == "POST" and name .. query or name, (authorization or "-"):gsub("^Bearer ", ""), status)
  end
  return connection:write(("HTTP/1.1 %d Status\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s")
    :format(status, #text, text))
end

local function control(connection)
  local line = connection:read("*l")
  if line == "reset" then reset() end
  agent = line and line:match "^from (.*)" or agent
  if line == "forget" then log, requests = {}, {} end
  if line == "expire" then expired = true end
  local answers = { log = log, requests = requests }
  return line and connection:write((answers[line] and table.concat(answers[line]) or "done") .. "\n")
end

local loop = cqueues.new()

-- Listens on a free port; each connection is served until `serve` returns something false.
local function listen(secure, serve)
  local listener = assert(socket.listen({ host = "127.0.0.1", port = 0 }))
  assert(listener:listen())
  loop:wrap(function()
    while true do
      local connection = assert(listener:accept({ nodelay = true }))
      connection:onerror(function(_, _, code) return code end)
      connection:setmode("b", "bn")
      connection:setmaxline(16384)
      loop:wrap(function()
        if not secure or connection:starttls(context) then
          while serve(connection) do end -- luacheck: ignore 542
        end
        connection:close()
      end)
    end
  end)
  return (select(3, listener:localname()))
end

loop:wrap(function()
  socket.fdopen(0):read("*a")
  os.exit(0)
end)
io.stdout:write(("%d %d %d\n"):format(listen(false, exchange), listen(true, exchange), listen(false, control)))
io.stdout:flush()
while true do
  local _, reason = loop:loop()
  io.stderr:write("the injection server: ", tostring(reason), "\n")
end
