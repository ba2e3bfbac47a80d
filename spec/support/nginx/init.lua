-- A real nginx on a free port.
--
--   local web = nginx.start {
--     server = "location / { content_by_lua_block { ... } }",   -- in the server block
--     http = "init_by_lua_block { ... }", main = "worker_shutdown_timeout 1s;", events = "multi_accept on;",   -- the other levels
--     workers = 1, environment = "TMPDIR=/nowhere",   -- for the shell; `main` needs "env TMPDIR;" then
--   }
--   web:get("/")            -- status, body, headers
--   web:signal("HUP")       -- to the master; "QUIT", "TERM"
--   web:reload()            -- HUP; returns when the old workers are gone
--   web:workers()           -- their process ids, those that are exiting included
--   web:worker()            -- that of the only one, once it is the only one
--   web:threads(pid), web:descriptors(pid)   -- how many a worker has
--   web:log()               -- the error log so far
--   web.url, web.port, web.directory
--   web:stop()
--
-- A spec that uses it has "nginx" in its file name, and runs under LuaJIT only: nginx loads the module built for it.
local http = require "socket.http"
local socket = require "socket"
local process = require "support.process"
local tmp = require "support.tmp"

local nginx = {}
nginx.__index = nginx

local config = [[
%s
worker_processes %d;
pid nginx.pid;
error_log error.log notice;
%s
events { worker_connections 2048; %s }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  lua_package_path '%s';
  lua_package_cpath '%s';
  %s
  server {
    listen 127.0.0.1:%d;
    keepalive_requests 1000000;
    %s
  }
}
]]

local function run(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

-- Lines that this machine's nginx needs: workers that may read this tree, and the Lua module where it is loaded at run time.
local function preamble()
  local lines = {}
  if run("id -u") == "0\n" then lines[1] = "user root;" end
  local modules = run("PATH=$PATH:/usr/sbin nginx -V 2>&1"):match("%-%-modules%-path=(%S+)")
  for _, name in ipairs { "ndk_http_module", "ngx_http_lua_module" } do
    local path = modules and ("%s/%s.so"):format(modules, name)
    if path and tmp.read(path) ~= "" then lines[#lines + 1] = ("load_module %s;"):format(path) end
  end
  return table.concat(lines, "\n")
end

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return tonumber(port)
end

nginx.now = socket.gettime

-- Waits until condition() gives something, and returns that; raises after `seconds`.
function nginx.wait(condition, what, seconds)
  local deadline = socket.gettime() + (seconds or 30)
  while true do
    local result = condition()
    if result then return result end
    assert(socket.gettime() < deadline, what or "it takes too long")
    socket.sleep(0.01)
  end
end

-- Returns the reason why it has not started, or nil.
function nginx:problem()
  return self:log():match("%[emerg%][^\n]*") or self:log():match("init_by_lua error: [^\n]*\n[^\n]*")
end

-- False when another process has taken the port meanwhile.
function nginx:launch(options)
  self.port = free_port()
  self.url = "http://127.0.0.1:" .. self.port
  tmp.write(self.directory .. "/nginx.conf", config:format(preamble(), options.workers or 1, options.main or "", options.events or "",
    package.path .. ";;", package.cpath .. ";;", options.http or "", self.port, options.server or ""))
  local script = process.quote(process.spec .. "support/nginx/nginx.sh")
  self.process = process.start(("env %s sh %s %s"):format(options.environment or "", script, self.directory))
  self.process:read()
  local problem
  nginx.wait(function()
    problem, self.master = self:problem(), tmp.read(self.directory .. "/nginx.pid"):match("%d+\n") -- written when it listens
    return problem or self.master
  end, "nginx does not start")
  if not problem then
    self.master = self.master:match("%d+")
    nginx.wait(function() return #self:workers() == (options.workers or 1) end)
    return true
  end
  self:halt()
  assert(problem:find("bind()", 1, true), problem)
  return false
end

function nginx.start(options)
  local self = setmetatable({ directory = tmp.directory() }, nginx)
  os.execute("chmod 755 " .. self.directory)
  for _ = 1, 10 do
    if self:launch(options) then return self end
    os.remove(self.directory .. "/error.log")
  end
  error("no free port for nginx", 0)
end

function nginx:get(path)
  local body, status, headers = http.request(self.url .. path)
  return status, body, headers
end

function nginx:log()
  return self.process.errors:seek("set") and (self.process.errors:read("*a") .. tmp.read(self.directory .. "/error.log"))
end

function nginx:signal(name)
  assert(os.execute(("kill -%s %s"):format(name, self.master)))
end

function nginx:reload()
  local old = {}
  for _, pid in ipairs(self:workers()) do old[pid] = true end
  self:signal("HUP")
  nginx.wait(function()
    for _, pid in ipairs(self:workers()) do
      if old[pid] then return false end
    end
    return true
  end, "a worker stays")
end

function nginx:workers()
  local list = {}
  local children = tmp.read(("/proc/%s/task/%s/children"):format(self.master, self.master))
  for pid in children:gmatch("%d+") do list[#list + 1] = pid end
  return list
end

function nginx:worker()
  return nginx.wait(function()
    local list = self:workers()
    return #list == 1 and list[1]
  end)
end

function nginx:threads(pid)
  return tonumber(tmp.read(("/proc/%s/status"):format(pid)):match "Threads:%s+(%d+)") or 0
end

function nginx:descriptors(pid)
  return tonumber(run(("ls /proc/%s/fd | wc -l"):format(pid)))
end

-- Waits until it has ended, or ends it; its directory stays until stop().
function nginx:halt()
  if not self.process.input then return end
  self.process:write("stop")
  self.status = self.process:read()
  self.process:stop()
end

function nginx:stop()
  self:halt()
  tmp.remove(self.directory)
end

return nginx
