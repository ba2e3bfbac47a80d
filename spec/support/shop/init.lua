-- The shop of examples/openresty in a real nginx, beside a sandbox, and visitors who need no browser.
--
--   local web = shop.start { environment = "SHOP_BEHIND_TLS=1" }   -- for the shell; `configure` is given nginx.conf, and returns
--                                             -- what stands there instead
--   web.url, web.sandbox, web:log(name)       -- "access.log", "error.log"
--   local ada = web:visitor()
--   ada:get(path) ada:post(path, fields)      -- { status, body, headers }; the cookie is kept, the token of the
--                                             -- last page goes along unless `fields` has one
--   ada:log_in() ada:field(name)              -- of the last page
--   ada.address, ada.forwarded_for            -- of the request, and as a proxy gives it
--   ada:send(method, path, fields):answer()   -- on a connection of its own; ada:at_once(times, ...): several
--   web:reload()                              -- nginx's configuration; returns when the old workers are gone
--   web:stop()
local ltn12 = require "ltn12"
local http = require "socket.http"
local socket = require "socket"
local url = require "socket.url"
local process = require "support.process"
local sandbox = require "support.sandbox"
local tmp = require "support.tmp"

local shop = {}
shop.__index = shop

local Visitor = {}
Visitor.__index = Visitor

local script = process.spec .. "../examples/openresty/start.sh"

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return port
end

-- False when another process has taken the port meanwhile.
function shop:launch(options)
  local started, line
  self.process = process.start(("env ONEENTRY_URL=%s ONEENTRY_TOKEN=%s SHOP_PORT=%s %s sh %s --until-eof %s"):format(
    self.sandbox.url, self.sandbox.token, free_port(), options.environment or "", process.quote(self.script),
    options.flags or "--sandbox"))
  started, line = pcall(self.process.read, self.process)
  if not started then
    assert(line:find("bind()", 1, true), line)
    return false
  end
  self.url = line:match "^shop: (.*)/$"
  self.folder = self.process:read():match "^logs: (%S+)"
  return true
end

-- The example with another nginx.conf: a copy, beside the same module. Returns its start.sh.
function shop:copy(configure)
  local tree = process.spec .. "../"
  self.tree = tmp.directory()
  assert(os.execute(("tree=%s; cd %s && chmod 755 $tree && mkdir $tree/examples && cp -R examples/openresty $tree/examples && "
    .. "ln -s \"$(pwd)/src\" \"$(pwd)/.build\" $tree"):format(self.tree, process.quote(tree))))
  local folder = self.tree .. "/examples/openresty/"
  tmp.write(folder .. "nginx.conf", configure(tmp.read(folder .. "nginx.conf")))
  return folder .. "start.sh"
end

function shop.start(options)
  local self = setmetatable({ sandbox = sandbox.start() }, shop)
  self.script = options and options.configure and self:copy(options.configure) or script
  for _ = 1, 10 do
    if self:launch(options or {}) then return self end
  end
  error("no free port for the shop", 0)
end

-- A fresh sandbox, but for the pages that it leads back to.
function shop:reset()
  self.sandbox:reset()
  self.sandbox:control("POST", "account", {
    identifier = "stripe", successUrl = self.url .. "/return?result=completed", cancelUrl = self.url .. "/return",
  })
end

function shop:log(name)
  return tmp.read(self.folder .. "/" .. name)
end

-- How often OneEntry has answered this, as in "POST /api/content/payments/sessions".
function shop:count(request)
  local n = 0
  for _, entry in ipairs(self.sandbox:log()) do
    if (entry.method .. " " .. entry.path:match "^[^?]*") == request then n = n + 1 end
  end
  return n
end

local function workers(master)
  return tmp.read(("/proc/%s/task/%s/children"):format(master, master))
end

function shop:reload()
  local master = self:log("nginx.pid"):match "%d+"
  local old, deadline = workers(master), socket.gettime() + 30
  assert(os.execute("kill -HUP " .. master))
  for pid in old:gmatch "%d+" do
    while (" " .. workers(master)):find(" " .. pid .. " ", 1, true) do
      assert(socket.gettime() < deadline, "a worker stays")
      socket.sleep(0.01)
    end
  end
end

function shop:stop()
  self.process:stop()
  self.sandbox:stop()
  if self.tree then tmp.remove(self.tree) end
end

-- Each visitor comes from an address of its own: the shop slows down a single one that logs in all the time.
function shop:visitor()
  self.visitors = (self.visitors or 0) + 1
  return setmetatable({ shop = self, address = ("127.0.1.%d"):format(self.visitors % 250 + 1) }, Visitor)
end

-- An unconnected socket of this visitor's.
function Visitor:socket()
  local connection = assert(socket.tcp4())
  assert(connection:bind(self.address, 0))
  return connection
end

local ENTITIES = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }

-- The value of the first field of this name on the last page.
function Visitor:field(name)
  local value = self.body:match('name="' .. name .. '"[^>]- value="([^"]*)"')
  return value and (value:gsub("&([%w#]+);", ENTITIES))
end

local function encoded(fields)
  local parts = {}
  for name, value in pairs(fields) do parts[#parts + 1] = url.escape(name) .. "=" .. url.escape(tostring(value)) end
  return table.concat(parts, "&")
end

function Visitor:post_text(fields)
  local with_token = { csrf = self.token or nil }
  for name, value in pairs(fields or {}) do with_token[name] = value end
  return encoded(with_token)
end

function Visitor:request(method, path, body)
  local parts = {}
  local headers = { cookie = self.cookie, ["x-forwarded-for"] = self.forwarded_for }
  if body then
    headers["content-type"], headers["content-length"] = "application/x-www-form-urlencoded", #body
  end
  local _, status, received = assert(http.request {
    url = self.shop.url .. path, method = method, headers = headers, redirect = false, create = function() return self:socket() end,
    source = body and ltn12.source.string(body), sink = ltn12.sink.table(parts),
  })
  self.status, self.body, self.headers = status, table.concat(parts), received
  local cookie = received["set-cookie"]
  if cookie then self.cookie = cookie:match "^[^;]*" end
  self.token = self:field "csrf" or self.token
  return self
end

function Visitor:get(path) return self:request("GET", path) end

function Visitor:post(path, fields) return self:request("POST", path, self:post_text(fields)) end

function Visitor:log_in(login, password)
  self:get "/login"
  self:post("/login", { login = login or self.shop.sandbox.login, password = password or self.shop.sandbox.password })
  assert(self.status == 303 and self.headers.location == "/", "not logged in: " .. self.status)
  return self:get "/"
end

-- Puts a product into the cart and shows it; returns the fields of the form of the order.
function Visitor:fill_cart(product)
  self:get "/"
  self:post("/cart", { product = product or 15, change = 1 })
  self:get "/cart"
  return { key = self:field "key", name = "Ada Example" }
end

-- Presses a button of the sandbox's pay page, and follows the redirect to a path of the shop.
function Visitor:pay(location, result)
  local _, status, headers = assert(http.request {
    url = location, method = "POST", redirect = false,
    headers = { ["content-type"] = "application/x-www-form-urlencoded", ["content-length"] = #("result=" .. result) },
    source = ltn12.source.string("result=" .. result),
  })
  assert(status == 303, status)
  return assert(headers.location:match("^" .. self.shop.url:gsub("%p", "%%%0") .. "(/.*)$"), headers.location)
end

local Sent = {}
Sent.__index = Sent

-- Sends a request on a connection of its own, and does not wait.
function Visitor:send(method, path, fields)
  local address, port = self.shop.url:match "//(.*):(%d+)"
  local body = fields and self:post_text(fields) or ""
  local sent = setmetatable({ connection = self:socket() }, Sent)
  assert(sent.connection:connect(address, port))
  assert(sent.connection:send(table.concat({
    method .. " " .. path .. " HTTP/1.1", "Host: shop", "Connection: close", "Cookie: " .. self.cookie,
    "Content-Type: application/x-www-form-urlencoded", "Content-Length: " .. #body, "", body,
  }, "\r\n")))
  return sent
end

function Sent:is_answered()
  return #socket.select({ self.connection }, nil, 0) > 0
end

-- The answer, waited for: { status, location, body }.
function Sent:answer()
  local text = assert(self.connection:receive "*a")
  self.connection:close()
  return {
    status = tonumber(text:match "^HTTP/1.1 (%d+)"), location = text:match "\r\nLocation: ([^\r]*)", body = text:match "\r\n\r\n(.*)$",
  }
end

-- The answers to the same request, sent as often at the same time.
function Visitor:at_once(times, method, path, fields)
  local list = {}
  for i = 1, times do list[i] = self:send(method, path, fields) end
  for i, sent in ipairs(list) do list[i] = sent:answer() end
  return list
end

return shop
