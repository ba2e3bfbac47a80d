-- Content encodings: gzip is asked for and decoded; whatever else comes is refused.
local process = require "support.process"

local both = { "http", "https" }
local rows = {}

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function gzip(text)
  return output(("printf %%s %s | gzip -9nc"):format(process.quote(text)))
end

-- 64 MiB of the letter, packed to some tens of kB.
local function bomb(letter)
  return output(("head -c 67108864 /dev/zero | tr '\\0' %s | gzip -9nc"):format(process.quote(letter)))
end

local function add(name, encoding, body, outcome)
  local row = { name = name, over = both, step = { "answer", headers = { ["content-encoding"] = encoding }, body = body } }
  for key, value in pairs(outcome) do row[key] = value end
  rows[#rows + 1] = row
end

local wrong = { code = { "invalid_response", "network" } }
local packed = gzip('{"id":116}')
local spaces = bomb(" ")

add("gzip", "gzip", packed, { value = { id = 116 } })
add("x-gzip", "x-gzip", packed, { value = { id = 116 } })
add("identity", "identity", '{"id":116}', { value = { id = 116 } })
add("gzip, cut in its head", "gzip", packed:sub(1, 5), wrong)
add("gzip, cut in its data", "gzip", packed:sub(1, 15), wrong)
add("gzip, cut in its checksum", "gzip", packed:sub(1, -4), { value = { id = 116 } }) -- the JSON is whole
add("gzip with a wrong checksum", "gzip", packed:sub(1, -9) .. "\0\0\0\0" .. packed:sub(-4), wrong)
add("gzip with a wrong byte", "gzip", packed:sub(1, 12) .. "\255\255" .. packed:sub(15), wrong)
add("text that is called gzip", "gzip", '{"id":116}', wrong)
add("gzip that nobody declares", "identity", packed, wrong)
add("gzip of what is not JSON", "gzip", gzip("<html>"), { code = "invalid_response", status = 200 })
add("an encoding that nobody knows", "mystery", '{"id":116}', wrong)
add("an encoding that was not asked for", "compress", "\31\157\144", wrong)
add("a bomb", "gzip", spaces, { config = { maxResponseSize = 1048576 }, code = "too_large", memory = 24 })
add("a bomb in a bomb", "gzip, gzip", output("head -c 67108864 /dev/zero | gzip -9nc | gzip -9nc"),
  { config = { maxResponseSize = 1048576 }, code = { "too_large", "invalid_response" }, memory = 24 })
add("a bomb under an error", "gzip", spaces, { config = { maxResponseSize = 1048576 }, code = { "too_large", "http" }, memory = 24 })
rows[#rows].step.status = 500
add("more encodings than anybody needs", ("gzip, "):rep(50) .. "gzip", packed, wrong)
add("an error page in gzip", "gzip", gzip('{"message":"Not here"}'), { code = "http", status = 404, message = "Not here" })
rows[#rows].step.status = 404
add("an error page in broken gzip", "gzip", packed:sub(1, 15), { code = "http", status = 404 })
rows[#rows].step.status = 404

rows[#rows + 1] = { name = "gzip in chunks, cut", over = both, code = "network",
  step = { "reply",
    bytes = ("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n"):format(#packed, packed),
    close = true } }
rows[#rows + 1] = { name = "gzip that the connection's end cuts", over = both, code = { "network", "invalid_response" },
  step = { "reply", bytes = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n" .. packed:sub(1, 15), close = true } }
rows[#rows + 1] = { name = "gzip that the connection's end delimits", over = both, value = { id = 116 },
  step = { "reply", bytes = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n" .. packed, close = true } }
require "faults.rude_end"(rows, #rows, 200)

return rows
