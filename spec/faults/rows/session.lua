-- 401: one refresh, one more try, never more; and refreshes that fail in every way.
local rows = {}
local all, writes = { "GET", "POST", "PUT", "DELETE" }, { "POST", "PUT", "DELETE" }
local no = { "answer", status = 401, body = '{"message":"Unauthorized"}' }
local tokens = { "answer", body = '{"accessToken":"access-2","refreshToken":"refresh-2"}' }

local function add(name, steps, outcome)
  outcome.name, outcome.steps, outcome.session, outcome.over = name, steps, true, { "http", "https" }
  outcome.verbs, outcome.reuse = outcome.verbs or all, outcome.reuse == nil and "both" or outcome.reuse
  rows[#rows + 1] = outcome
end

add("401, refreshed, answered", { no, tokens, { "answer", body = '{"id":116}' } }, { value = { id = 116 }, requests = 3, refreshed = true })
add("401 on everything", {}, { fallback = no, code = "http", status = 401, requests = 2, config = { maxRetries = 5 } })
add("401 on everything but the refresh", { no, tokens, no }, { fallback = no, code = "http", status = 401, requests = 3, refreshed = true,
  config = { maxRetries = 5 } })
add("401, refreshed, 500", { no, tokens, { "answer", status = 500 } }, { code = "http", status = 500, requests = 3, refreshed = true })
add("401, refreshed, closed", { no, tokens, { "hangup" } }, { code = "network", requests = 3, refreshed = true, verbs = writes })
add("401, refreshed, reset", { no, tokens, { "reset" } }, { code = "network", requests = 3, refreshed = true, verbs = writes })
add("401 and a close", { { "answer", status = 401, headers = { connection = "close" }, close = true }, tokens, { "answer",
  body = '{"id":116}' } },
  { value = { id = 116 }, requests = 3, refreshed = true })

local failures = {
  ["is closed"] = { "hangup" }, ["is reset"] = { "reset" }, ["is 500"] = { "answer", status = 500 }, ["is 503"] = { "answer",
    status = 503 },
  ["is HTML"] = { "answer", body = "<html>" }, ["is empty"] = { "answer", body = "" }, ["is cut"] = { "partial", body = tokens.body,
    bytes = -5 },
  ["is null"] = { "answer", body = "null" }, ["lacks a token"] = { "answer", body = '{"accessToken":"access-2"}' },
  ["has a number for a token"] = { "answer", body = '{"accessToken":1,"refreshToken":2}' },
  ["has a line end in a token"] = { "answer", body = '{"accessToken":"a\\r\\nx: y","refreshToken":"r"}' },
  ["is a redirect"] = { "answer", status = 307, headers = { location = "{elsewhere}/" } },
  ["is 204"] = { "answer", status = 204 }, ["is 408"] = { "answer", status = 408 }, ["is garbage"] = { "reply", bytes = "garbage",
    close = true },
}
for name, step in pairs(failures) do
  add("401 and a refresh that " .. name, { no, step }, { code = "http", status = 401, requests = 2, verbs = { "GET", "POST" },
    reuse = false })
end
rows[#rows + 1] = { name = "401 and a refresh that is not answered", steps = { no, { "silence" } }, session = true,
  config = { timeout = 1 },
  code = { "http", "timeout" }, status = 401, requests = 2 }
rows[#rows + 1] = { name = "401 that has no end", session = true, code = "http", status = 401, requests = 2,
  steps = { { "reply", bytes = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 10\r\n\r\n{" , close = true } }, fallback = no }

return rows
