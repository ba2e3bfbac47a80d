-- The recorded traces: spec/fixtures/traces/*.jsonl, one unaltered trace per line.
local json = require "support.json"
local process = require "support.process"

local traces = {}

local files = { "AuthProvider", "Orders", "Payments", "Users", "scenarios" }

-- All traces, in the order of the files.
function traces.load()
  local list = {}
  for _, name in ipairs(files) do
    for line in io.lines(process.spec .. "fixtures/traces/" .. name .. ".jsonl") do
      list[#list + 1] = json.decode(line)
    end
  end
  return list
end

-- null, undefined and "" are all no token.
local function tokens(recorded)
  local function token(value)
    return type(value) == "string" and value ~= "" and value or nil
  end
  recorded = recorded or {}
  return { accessToken = token(recorded.accessToken), refreshToken = token(recorded.refreshToken) }
end

-- The calls of a trace in order: { id, call, before, after }. `before` and `after` are the recorded tokens
-- around the call. The id of a step of a scenario is "<trace>#<number>".
function traces.calls(trace)
  local list = {}
  local state = tokens(trace.session)
  state.refreshToken = state.refreshToken or (trace.config.auth or {}).refreshToken
  for index, call in ipairs(trace.steps or { trace }) do
    local entry = { call = call, before = state }
    entry.id = trace.scenario and trace.id .. "#" .. index or trace.id
    if call.sessionAfter then state = tokens(call.sessionAfter) end
    entry.after = state
    list[index] = entry
  end
  return list
end

return traces
