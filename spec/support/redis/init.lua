-- A real Redis of its own, in memory, on a socket in a temporary directory; redis-cli talks to it.
--
--   local store = redis.start()
--   store.path                                -- the socket: clients connect to "unix:" .. store.path
--   store:run("GET", "name")                  -- what redis-cli prints, without the last line end; "" for none
--   store:pipe { { "SET", "name", "value" } } -- many commands at once
--   store:stop()
local eventually = require "support.eventually"
local process = require "support.process"
local tmp = require "support.tmp"

local redis = {}
redis.__index = redis

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

function redis.start()
  local directory = tmp.directory()
  local self = setmetatable({ directory = directory, path = directory .. "/socket" }, redis)
  self.process = process.start(("sh %s %s"):format(process.quote(process.spec .. "support/redis/redis.sh"), directory))
  self.process:read()
  eventually(function() return self:run "PING" == "PONG" end, "Redis does not start: " .. tmp.read(directory .. "/log"))
  return self
end

function redis:run(...)
  local words = {}
  for i, word in ipairs { ... } do words[i] = process.quote(word) end
  return (output(("redis-cli -s %s --raw %s 2>&1"):format(self.path, table.concat(words, " "))):gsub("\n$", ""))
end

-- In the protocol of Redis, so that a value may be any text.
function redis:pipe(commands)
  local pieces = {}
  for _, words in ipairs(commands) do
    pieces[#pieces + 1] = ("*%d\r\n"):format(#words)
    for _, word in ipairs(words) do pieces[#pieces + 1] = ("$%d\r\n%s\r\n"):format(#word, word) end
  end
  local file = tmp.write(self.directory .. "/commands", table.concat(pieces))
  local text = output(("redis-cli -s %s --pipe <%s 2>&1"):format(self.path, file))
  assert(text:find(("errors: 0, replies: %d\n"):format(#commands), 1, true), text)
end

function redis:stop()
  if self.process.input then self.process:write "stop" end
  if self.process.input then self.process:read() end
  self.process:stop()
  tmp.remove(self.directory)
end

return redis
