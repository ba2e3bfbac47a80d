-- Runs busted inside a worker of nginx, in a timer; arguments are busted's, the exit status too.
--   luajit spec/support/nginx/in_nginx.lua [ARGUMENT...]
local process = require "support.process"
local tmp = require "support.tmp"

-- The module is looked for where nginx was built to have its modules.
local CONFIG = [[
daemon off;
master_process off;
pid %s/pid;
error_log stderr error;
load_module %s/ndk_http_module.so;
load_module %s/ngx_http_lua_module.so;
%s
events {}
http {
  access_log off;
  init_worker_by_lua_block {
    assert(ngx.timer.at(0, assert(loadfile("%s/main.lua"))))
  }
}
]]

local MAIN = [[
local premature = ...
if premature then return end
rawset(_G, "arg", { [-1] = %q, [0] = %q, %s })
local ok, problem = xpcall(assert(loadfile(arg[0])), debug.traceback)
if not ok then io.stderr:write(tostring(problem), "\n") end
os.exit(ok and 0 or 1)
]]

-- nginx hides every other variable from what runs in it.
local VARIABLES = { "PATH", "HOME", "TMPDIR", "LUA", "SANDBOX_LUA", "LUA_PATH", "LUA_CPATH", "ONEENTRY_DRIVER" }

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

local directory = tmp.directory()
local modules = assert(output("PATH=$PATH:/usr/sbin nginx -V 2>&1"):match("%-%-modules%-path=(%S+)"), "nginx with modules is needed")
local environment, words = {}, {}
for i, name in ipairs(VARIABLES) do environment[i] = "env " .. name .. ";" end
for i, word in ipairs(arg) do words[i] = ("%q"):format(word) end
write(directory .. "/nginx.conf", CONFIG:format(directory, modules, modules, table.concat(environment, "\n"), directory))
write(directory .. "/main.lua", MAIN:format(os.getenv "LUA" or "luajit", process.spec .. "support/run.lua", table.concat(words, ", ")))

-- SIGCHLD stays blocked: nginx's handler would take the exit status of every child from io.popen, and
-- interrupt reads that are under way.
local place = process.quote(directory)
local status = os.execute(("PATH=$PATH:/usr/sbin env --block-signal=CHLD nginx -p %s -c %s/nginx.conf -e stderr"):format(place, place))
tmp.remove(directory)
os.exit(status == 0 and 0 or 1)
