--- Users: the signed-in user's own record, archive, delete, push tokens.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"
local forms = require "oneentry.sandbox.rules.forms"
local tokens = require "oneentry.sandbox.rules.tokens"
local notifications = require "oneentry.sandbox.rules.notifications"

local BASE = "/api/content/users/me"
local MISSED = "Login or password values are missed"

local users = {}

local function get_user(app, request)
  local user = request.user
  return http.reply(app, 200, json.object({
    id = user.id, total = app.choices.user_total, identifier = user.identifier,
    authProviderIdentifier = user.provider, formData = forms.flat(user.form_data, request.query.langCode),
    formIdentifier = user.form, groups = json.list { 1 }, state = user.state,
    moduleFormConfigs = json.list(), rating = json.object(),
  }, { "id", "identifier" }))
end

-- authData of an update may hold the password and nothing else.
local function new_password(app, user, auth_data)
  auth_data = json.given(auth_data)
  if auth_data == nil then return user.password end
  local item = json.is_list(auth_data) and #auth_data == 1 and auth_data[1]
  if not json.is_object(item) then http.fail(400, MISSED) end
  for _, field in ipairs(app.store.forms[user.form]) do
    local fits = field.password and field.marker == item.marker
    if fits and type(item.value) == "string" and item.value ~= "" then return item.value end
  end
  http.fail(400, MISSED)
end

local function update_user(app, request)
  local user, body, text = request.user, request.body, app.choices.text
  local form = json.given(body.formIdentifier) or user.form
  if form ~= user.form then http.fail(400, text.form_mismatch:format(tostring(form))) end
  local password = new_password(app, user, body.authData)
  local form_data = json.given(body.formData) and forms.check(app, form, body.formData) or user.form_data
  local notification = notifications.check(app, body.notificationData) or user.notification
  local state = json.given(body.state) or user.state
  if type(state) ~= "table" or json.is_list(state) then http.fail(400, text.state_object) end

  if password ~= user.password and app.choices.password_ends_sessions then tokens.close_all(app, user) end
  user.password, user.form_data, user.notification, user.state = password, form_data, notification, state
  return http.reply(app, 200, true)
end

-- The record stays, but nobody can sign in to it any more.
local function archive_user(app, request)
  request.user.archived = true
  tokens.close_all(app, request.user)
  return http.reply(app, 200, true)
end

-- The record goes; the user's orders stay.
local function delete_user(app, request)
  local user = request.user
  tokens.close_all(app, user)
  for i, other in ipairs(app.store.users) do
    if other == user then
      table.remove(app.store.users, i)
      break
    end
  end
  user.deleted = true
  return http.reply(app, 200, true)
end

local function add_fcm_token(app, request)
  request.user.fcm_tokens[request.params.token] = true
  return http.reply(app, 201, true)
end

local function delete_fcm_token(app, request)
  request.user.fcm_tokens[request.params.token] = nil
  return http.reply(app, 200, true)
end

-- method, path, handler, needs_user
users.routes = {
  { "GET", BASE, get_user, needs_user = true },
  { "PUT", BASE, update_user, needs_user = true },
  { "DELETE", BASE, archive_user, needs_user = true },
  { "DELETE", BASE .. "/account", delete_user, needs_user = true },
  { "POST", BASE .. "/fcm-token/{token}", add_fcm_token, needs_user = true },
  { "DELETE", BASE .. "/fcm-token/{token}", delete_fcm_token, needs_user = true },
}

return users
