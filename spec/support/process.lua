-- A helper process that lives as long as its stdin: started with a FIFO as stdin and read through a pipe.
-- When the spec's process ends in whatever way, the FIFO reaches end of file and the helper ends too.
local tmp = require "support.tmp"

local process = {}
process.__index = process

-- The directory that holds support/, with a slash.
process.spec = debug.getinfo(1, "S").source:match("^@(.*)support/process%.lua$")

local function succeeds(command)
  local status = os.execute(command .. " >/dev/null 2>&1")
  return status == true or status == 0
end

local found = {}

-- The first Lua among lua5.1, luajit and $LUA that can load all the named modules.
function process.interpreter(...)
  local wanted = table.concat({ ... }, " ")
  if found[wanted] then return found[wanted] end
  local code = {}
  for name in wanted:gmatch("%S+") do code[#code + 1] = 'require "' .. name .. '"' end
  local candidates = { "lua5.1", "luajit" }
  candidates[#candidates + 1] = os.getenv("LUA")
  for _, lua in ipairs(candidates) do
    if succeeds(lua .. " -e '" .. table.concat(code, " ") .. "'") then
      found[wanted] = lua
      return lua
    end
  end
  error("none of " .. table.concat(candidates, ", ") .. " has the modules " .. wanted, 0)
end

function process.quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

-- A helper has nothing to do with the sanitizers that the module under test may be loaded with.
local running = {} -- one that a failed test has forgotten must not be collected: that would wait for its end

function process.start(command)
  local self = setmetatable({ command = command }, process)
  local directory = tmp.directory()
  assert(succeeds("mkfifo " .. directory .. "/stdin"), "cannot make a FIFO")
  self.output = assert(io.popen(("unset LD_PRELOAD; exec <%s/stdin 2>%s/stderr; echo $$; exec %s"):format(directory, directory, command)))
  -- Read and write: opening never blocks, and a helper that died gives an error at read(), not SIGPIPE.
  self.input = assert(io.open(directory .. "/stdin", "r+"))
  self.pid = self.output:read("*l")
  self.errors = assert(io.open(directory .. "/stderr"))
  tmp.remove(directory)
  running[self] = true
  return self
end

-- The next line the helper prints; raises with what it wrote to stderr when there is none.
function process:read()
  local line = self.output:read("*l")
  if line then return line end
  local reason = self.errors:read("*a")
  self:stop()
  error(("the helper ended: %s\n%s"):format(self.command, reason), 0)
end

function process:write(line)
  self.input:write(line, "\n")
  self.input:flush()
end

-- Ends the helper and returns once it is gone. A second call does nothing. Later helpers have inherited
-- this one's FIFO, so closing it is not enough here.
function process:stop()
  if not self.input then return end
  running[self] = nil
  succeeds("kill " .. self.pid)
  self.input:close()
  self.input = nil
  self.output:read("*a")
  self.output:close()
  self.errors:close()
end

function process.stop_all()
  for one in pairs(running) do one:stop() end
end

return process
