--- notificationData of sign-up and user updates.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"

local notifications = {}

local function is_text_list(v)
  if not json.is_list(v) then return false end
  for _, item in ipairs(v) do
    if type(item) ~= "string" then return false end
  end
  return true
end

local function is_text(v) return type(v) == "string" end

local MEMBERS = { email = is_text, phoneSMS = is_text, phonePush = is_text_list }

--- Checks notificationData and returns it with all documented members; nil when it is absent.
function notifications.check(app, data)
  local text = app.choices.text
  data = json.given(data)
  if data == nil then return nil end
  if not json.is_object(data) then http.fail(400, text.notification_type:format("email")) end
  local kept = json.object { phonePush = json.list() }
  for name, value in pairs(data) do
    local allowed = MEMBERS[name] and (name == "email" or app.choices.phone_notifications)
    if not allowed then http.fail(400, text.notification_extra:format(name)) end
    if value == "" then http.fail(400, text.notification_empty:format(name)) end
    if not MEMBERS[name](value) then http.fail(400, text.notification_type:format(name)) end
    kept[name] = value
  end
  if not kept.email then http.fail(400, text.notification_empty:format("email")) end
  return kept
end

return notifications
