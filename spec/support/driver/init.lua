-- Runs the specs in a coroutine of an event loop: $ONEENTRY_DRIVER names the driver that a client gets when its spec
-- names none. Without the variable nothing changes. Inside nginx the code that calls this is in such a coroutine already.
local driver = {}

-- Each runs the function in a coroutine of its loop, until that has ended.
local loops = {}

function loops.blocking(run) run() end

loops.openresty = loops.blocking

function loops.cqueues(run)
  local loop = require "cqueues".new()
  loop:wrap(run)
  assert(loop:loop())
end

function loops.copas(run)
  local copas = require "copas"
  local thread = copas.addthread(run)
  while coroutine.status(thread) ~= "dead" do copas.step() end
end

function loops.luv(run)
  local uv, thread = require "luv", coroutine.create(run)
  assert(coroutine.resume(thread))
  uv.run()
  assert(coroutine.status(thread) == "dead", "the loop of luv has ended, the specs have not")
end

local function with_driver(name, config)
  if config == nil then return { driver = name } end
  if type(config) == "string" then return { token = config, driver = name } end
  if type(config) ~= "table" or config.driver ~= nil then return config end
  local copy = {}
  for key, value in pairs(config) do copy[key] = value end
  copy.driver = name
  return copy
end

local function give_every_client(name)
  local oneentry = require "oneentry"
  local define = oneentry.define
  oneentry.define = function(url, config, ...)
    return define(url, with_driver(name, config), ...)
  end
end

-- os.exit would close the state under a running loop: it unwinds to here instead.
local function collect_exit(run)
  local exit, ended, status = os.exit, {}, 0
  rawset(os, "exit", function(code)
    status = (code == true or code == nil) and 0 or code or 1
    error(ended, 0)
  end)
  local function report(problem)
    return problem == ended and ended or debug.traceback(tostring(problem))
  end
  return function()
    local ok, problem = xpcall(run, report)
    rawset(os, "exit", exit)
    if not ok and problem ~= ended then
      io.stderr:write(problem, "\n")
      status = 1
    end
  end, function() exit(status, true) end
end

function driver.run(run)
  local name = os.getenv "ONEENTRY_DRIVER"
  if name then give_every_client(name) end
  if not name and not package.loaded.ngx then return run() end
  local loop = assert(loops[name or "openresty"], "no loop for the driver " .. tostring(name))
  local body, leave = collect_exit(run)
  loop(body)
  leave()
end

return driver
