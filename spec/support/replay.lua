-- Plays a recorded call over the scripted server and compares everything there is to see: the requests
-- that arrived, the outcome, the session, and what the callbacks got.
local assert = require "luassert"
local args = require "support.args"
local compare = require "support.compare"
local expect = require "support.expect"
local json = require "support.json"

local unpack = table.unpack or unpack

local replay = {}

-- A client for a trace, with what its callbacks get in `saved` and `handled`.
function replay.client(trace, peer, oneentry)
  local client = { saved = {}, handled = {}, peer = peer, oneentry = oneentry }
  local config = args.config(trace.config, oneentry, client.saved, client.handled)
  config.maxRetries = 0
  if config.validation then config.validation.logErrors = false end
  client.api = oneentry.define(peer.url, config)
  local session = trace.session or {}
  if session.accessToken then client.api.AuthProvider.setAccessToken(session.accessToken) end
  if session.refreshToken then client.api.AuthProvider.setRefreshToken(session.refreshToken) end
  return client
end

-- A recorded response as a step of the server.
local function step(response)
  if response.network then return { "reset" } end
  local headers = { ["content-type"] = response.contentType, location = response.location }
  local body = response.raw
  if response.body ~= nil then
    headers["content-type"] = "application/json; charset=utf-8"
    body = json.encode(response.body)
  end
  return { "answer", status = response.status, headers = headers, body = body }
end

local function forget(list)
  for index = #list, 1, -1 do list[index] = nil end
end

-- Makes the call with the given recorded responses as answers; what there was to see.
function replay.call(client, call, responses)
  local steps = {}
  for index, response in ipairs(responses) do steps[index] = step(response) end
  client.peer:script(steps)
  forget(client.saved)
  forget(client.handled)
  local count, values = args.convert(call.args, client.oneentry)
  local seen = {}
  local ok, value, err = pcall(client.api[call.module][call.method], unpack(values, 1, count))
  assert.same({ args.convert(call.args, client.oneentry) }, { count, values }) -- the caller's tables are as they were
  seen.raised = not ok
  if ok then seen.value, seen.err = value, err else seen.err = value end
  seen.module = client.api[call.module]
  seen.requests = client.peer:requests()
  seen.session = client.api.getSession()
  seen.saved, seen.handled = client.saved, client.handled
  return seen
end

-- The response whose status and body are the call's outcome: the last one, or the 401 when a refresh failed.
local function deciding(responses)
  local first, second = responses[1], responses[2]
  if first and second and first.status == 401 and #responses == 2 then return first end
  return responses[#responses]
end

local function handled(calls)
  local list = {}
  for index, pair in ipairs(calls or {}) do
    list[index] = { tonumber(pair[1]), { statusCode = tonumber(pair[1]), code = "http", sent = true, body = pair[2] } }
  end
  return list
end

local function pick(list, indexes)
  if not indexes then return list end
  local out = {}
  for _, index in ipairs(indexes) do out[#out + 1] = list[index] end
  return out
end

local function copy(source, changes)
  local out = {}
  for key, value in pairs(source) do out[key] = value end
  for key, value in pairs(changes or {}) do out[key] = value end
  return out
end

-- What a recorded call should show. An exception changes that:
--   requests = indexes of the recorded requests that we send (and whose recorded responses are the answers)
--   edit     = { [index] = { path =, body = JSON text, authorization = text or false } }
--   failure  = { statusCode, code, sent, body }, value = f(recorded result, response body)
--   handled  = the status whose handler gets that failure; raised, after, saved: instead of the recorded ones
function replay.expected(entry, exception)
  local call, x = entry.call, exception or {}
  local want = { after = x.after or entry.after, saved = x.saved or call.saved or {}, raised = call.thrown or false }
  want.responses = pick(call.responses, x.requests)
  want.requests = {}
  for index, request in ipairs(pick(call.requests, x.requests)) do
    local edit = x.edit and x.edit[index] or {}
    request = copy(request, { path = edit.path, body = edit.body and json.decode(edit.body) })
    if edit.authorization ~= nil then
      request.headers = copy(request.headers)
      request.headers.authorization = edit.authorization or nil
    end
    want.requests[index] = request
  end
  local answer = deciding(want.responses)
  if answer and (answer.network or answer.status >= 300) then
    want.failure = { statusCode = answer.status, code = "http", sent = true, body = call.result }
    if answer.network then want.failure = { code = "network", sent = true } end
  end
  want.failure = x.failure or want.failure
  if x.raised ~= nil then want.raised = x.raised end
  want.handled = handled(call.customErrorCalls)
  if x.handled then want.handled = { { x.handled, want.failure } } end
  want.result = call.result
  if x.value then want.result = x.value(call.result, answer.body) end
  return want
end

local function outcome(want, seen, oneentry)
  if want.failure then
    if seen.raised ~= want.raised then return seen.raised and "raised: " .. tostring(seen.err) or "did not raise" end
    if not seen.raised and seen.value ~= nil then return "a failure was returned as a value" end
    return expect.failure(want.failure, seen.err, oneentry)
  end
  if seen.raised or seen.err ~= nil then return "failed: " .. tostring(seen.err) end
  if type(want.result) == "table" and want.result["$self"] then
    return not rawequal(seen.value, seen.module) and "did not return the module" or nil
  end
  return compare.value(want.result, seen.value, oneentry)
end

local function requests(want, seen)
  local fingerprint
  for index, request in ipairs(seen.requests) do
    if not want[index] then return ("unexpected request %d: %s %s"):format(index, request.method, request.path) end
    local difference = expect.request(want[index], request)
    if difference then return ("request %d: %s"):format(index, difference) end
    if request.headers.accept ~= want[index].headers.accept then return "accept: " .. tostring(request.headers.accept) end
    local metadata = request.headers["x-device-metadata"]
    if metadata and fingerprint and metadata ~= fingerprint then return "the device changed between two requests" end
    fingerprint = fingerprint or metadata
  end
  if #seen.requests < #want then return ("%d requests, expected %d"):format(#seen.requests, #want) end
end

local function callbacks(want, seen, oneentry)
  local due, got = table.concat(want.saved, " "), table.concat(seen.saved, " ")
  if #want.saved ~= #seen.saved or due ~= got then return ("saved: expected {%s}, got {%s}"):format(due, got) end
  if #want.handled ~= #seen.handled then
    return ("%d calls of error handlers, expected %d"):format(#seen.handled, #want.handled)
  end
  for index, pair in ipairs(want.handled) do
    if pair[1] ~= seen.handled[index][1] then return "the handler of another status was called" end
    local difference = expect.failure(pair[2], seen.handled[index][2], oneentry)
    if difference then return "handler: " .. difference end
  end
end

local function session(want, seen)
  for _, name in ipairs({ "accessToken", "refreshToken" }) do
    local got = seen[name] ~= "" and seen[name] or nil
    if want[name] ~= got then return ("session.%s: expected %s, got %s"):format(name, tostring(want[name]), tostring(got)) end
  end
end

-- nil when everything is as wanted, else a text naming the first difference.
function replay.difference(want, seen, oneentry)
  return requests(want.requests, seen) or outcome(want, seen, oneentry)
    or session(want.after, seen.session) or callbacks(want, seen, oneentry)
end

return replay
