-- Many requests at once to a server on 127.0.0.1, each on a connection of its own.
--
--   local result = load.run {
--     port = web.port, requests = 1000, at_once = 32,
--     path = function(i) return "/?id=" .. i end,
--     expect = function(i) return i .. "\n" end,   -- the body that answers request i
--     progress = function(done) ... end,           -- after each answer; may block for a moment
--   }
--   result.good, result.bad, result.examples       -- bad: lost, refused, another status, another body; up to five texts
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local load = {}

-- The body, or nil and what came instead.
local function fetch(port, path)
  local connection = socket.connect("127.0.0.1", port)
  connection:setmode("b", "bf")
  connection:onerror(function(_, _, code) return code end)
  connection:settimeout(60)
  connection:write(("GET %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"):format(path))
  local text = connection:read("*a")
  connection:close()
  if type(text) ~= "string" then return nil, "no answer: " .. tostring(text) end
  local head, body = text:match("^HTTP/1%.1 200 (.-)\r\n\r\n(.*)$")
  if not head then return nil, "answer: " .. text:sub(1, 200) end
  if head:lower():find("transfer-encoding: chunked", 1, true) then
    body = body:gsub("(%x+)\r\n(.-)\r\n", function(_, piece) return piece end)
  end
  return body
end

function load.run(options)
  local result = { good = 0, bad = 0, examples = {} }
  local next_one, done = 0, 0
  local function worker()
    while next_one < options.requests do
      next_one = next_one + 1
      local number = next_one
      local body, problem = fetch(options.port, options.path(number))
      if body == options.expect(number) then
        result.good = result.good + 1
      else
        result.bad = result.bad + 1
        if result.bad <= 5 then result.examples[result.bad] = ("%d: %s"):format(number, problem or "body: " .. body) end
      end
      done = done + 1
      if options.progress then options.progress(done) end
    end
  end
  local loop = cqueues.new()
  for _ = 1, options.at_once do loop:wrap(worker) end
  assert(loop:loop())
  return result
end

return load
