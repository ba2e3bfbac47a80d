-- Every POST: those that read are repeated, those that write never are.
local oneentry = require "oneentry"

local reading, writing = {}, {}
for _, row in ipairs(oneentry.rows()) do
  local list = row.verb == "POST" and (row.reads and reading or writing)
  if list then list[#list + 1] = row.module .. "." .. row.name end
end
assert(#reading == 11 and #writing > 15)

local rows = {}

-- A fault of an answer, and the code and status of a call that is not repeated.
local function add(name, step, code, status, reuse)
  local config = { maxRetries = 3 }
  rows[#rows + 1] = { name = name .. ", a read", verbs = reading, step = step, config = config, reuse = reuse, value = {}, requests = 2 }
  rows[#rows + 1] = { name = name .. ", a write", verbs = writing, step = step, config = config, reuse = reuse,
    code = code, status = status }
end

add("503", { "answer", status = 503, headers = { ["retry-after"] = "0" }, body = "{}" }, "http", 503)
add("429", { "answer", status = 429, body = "{}" }, "http", 429)
add("closed after the request", { "hangup" }, "network", false)
add("a cut answer", { "partial", body = '{"id":116}', bytes = -5 }, "network", 200)
add("a reused connection that dies", { "reset" }, "network", false, true)

-- A connection that is known to be dead is used by nobody, and nothing is sent twice.
local all = {}
for _, list in ipairs { reading, writing } do
  for _, name in ipairs(list) do all[#all + 1] = name end
end
rows[#rows + 1] = { name = "the idle connection was closed, and the next one brings a 500", act = { "close" }, reuse = true, verbs = all,
  config = { maxRetries = 3 }, step = { "answer", status = 500, body = "{}" }, code = "http", status = 500 }

return rows
