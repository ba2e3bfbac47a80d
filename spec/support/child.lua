-- Runs a piece of Lua in a process of its own, with the interpreter and the paths of this one.
local process = require "support.process"
local tmp = require "support.tmp"

local LIMIT = 300 -- seconds, then a child that hangs is killed with all it has started

local child = {}

-- Returns the output of the code, stderr included, and whether it ended well. `environment`: the shell does this before.
function child.run(code, environment)
  local directory = tmp.directory()
  local file = assert(io.open(directory .. "/child.lua", "w"))
  file:write(code)
  file:close()
  local shell = ("%s exec %s %s/child.lua"):format(environment or "", child.interpreter(), directory)
  local command = ("timeout --kill-after=5 %d sh -c %s 2>&1; echo status: $?"):format(LIMIT, process.quote(shell))
  local pipe = io.popen(command)
  local text = pipe:read "*a"
  pipe:close()
  tmp.remove(directory)
  local output, status = text:match "^(.*)status: (%d+)\n$"
  return output, status == "0"
end

-- The environment that preloads one of support's libraries.
function child.preload(name)
  for template in package.cpath:gmatch "[^;]+" do
    local path = template:gsub("%?", name)
    local file = io.open(path)
    if file then
      file:close()
      return 'LD_PRELOAD="$LD_PRELOAD:' .. path .. '"'
    end
  end
  error(name .. " is not built")
end

-- The interpreter that runs this.
function child.interpreter()
  local first = 0
  while arg[first - 1] do first = first - 1 end
  return process.quote(arg[first])
end

return child
