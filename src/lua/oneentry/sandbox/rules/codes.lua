--- One-time codes: one live code per user, five wrong tries, then it is gone.
-- Codes would travel by mail; here they are listed on the overview page and in the control log.
local tokens = require "oneentry.sandbox.rules.tokens"
local http = require "oneentry.sandbox.host.http"

local CODE_LENGTH = 6

local codes = {}

local function live(app, user)
  local code = app.store.codes[user.id]
  if code and code.expires > app.store:now() then return code end
end

local function digits()
  local text = {}
  for i, byte in ipairs { tokens.random(CODE_LENGTH):byte(1, -1) } do text[i] = tostring(byte % 10) end
  return table.concat(text)
end

--- Sends a code to a user; replaces the one before.
function codes.issue(app, user, event)
  local store = app.store
  local code = { value = digits(), event = event, tries = 0, issued = store:now() }
  code.expires = code.issued + app.choices.code_seconds
  store.codes[user.id] = code
  table.insert(store.mail, { to = user.identifier, event = event, code = code.value, sent = store:timestamp() })
  if #store.mail > app.choices.mail_entries then table.remove(store.mail, 1) end
end

--- generate-code: refuses within the resend time, while a code is live, and for unknown events.
function codes.generate(app, user, event)
  local code = live(app, user)
  if code and app.store:now() - code.issued < app.choices.code_resend_seconds then
    http.fail(429, app.choices.text.resend_too_early)
  end
  if code or not app.store.events[event] then http.fail(400, "User already has a code") end
  codes.issue(app, user, event)
end

--- Is this the user's live code (for this event, when one is named)? A wrong one counts as a try.
function codes.matches(app, user, value, event)
  local code = live(app, user)
  if not code then return false end
  if code.value == tostring(value) and (event == nil or code.event == event) then return true end
  code.tries = code.tries + 1
  if code.tries >= app.choices.code_tries then app.store.codes[user.id] = nil end
  return false
end

function codes.consume(app, user)
  app.store.codes[user.id] = nil
end

return codes
