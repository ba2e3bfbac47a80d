--- AuthProvider: providers, sign-up, sign-in, refresh, logout, login sessions. One-time codes are in auth_codes.lua.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"
local forms = require "oneentry.sandbox.rules.forms"
local codes = require "oneentry.sandbox.rules.codes"
local tokens = require "oneentry.sandbox.rules.tokens"
local notifications = require "oneentry.sandbox.rules.notifications"

local BASE = "/api/content/users-auth-providers"

local auth_provider = {}

--- The provider a request names; refuses with 404 when there is none.
function auth_provider.find(app, request)
  local provider = app.store:provider(request.params.marker)
  if not provider then http.fail(404, app.choices.text.provider_not_found) end
  return provider
end

local function shown_provider(app, provider)
  return json.object({
    id = provider.id, identifier = provider.identifier, localizeInfos = http.localized(app, provider.localizeInfos),
    type = provider.type, formIdentifier = provider.formIdentifier, version = 1, userGroupIdentifier = "user",
    isActive = provider.isActive, isCheckCode = provider.isCheckCode,
    config = {
      accessTokenTtlSec = string.format("%d", provider.access_ttl),
      refreshTokenTtlMc = string.format("%d", provider.refresh_ttl),
      deleteNoneActiveUsersAfterDays = "2", systemCodeTlsSec = "120", systemCodeLength = "6",
      systemCodeOnlyNumbers = json.null, oauthAuthUrl = provider.oauth_url or json.null,
    },
  }, { "id", "identifier" })
end

local function list_providers(app, request)
  local shown = json.list()
  for i, provider in ipairs(http.page(app, request, app.store.providers)) do
    shown[i] = shown_provider(app, provider)
  end
  return http.reply(app, 200, shown)
end

local function get_provider(app, request)
  return http.reply(app, 200, shown_provider(app, auth_provider.find(app, request)))
end

-- authData as marker -> value; refuses anything but a list of { marker, value } without empty values.
local function read_auth_data(app, body)
  local text, values = app.choices.text, {}
  if not json.is_list(body.authData) or #body.authData == 0 then http.fail(400, text.auth_data) end
  for _, item in ipairs(body.authData) do
    if not json.is_object(item) or type(item.marker) ~= "string" then http.fail(400, text.auth_data) end
    for key in pairs(item) do
      if key ~= "marker" and key ~= "value" then http.fail(400, text.key_not_allowed:format("authData." .. key)) end
    end
    if type(item.value) ~= "string" or item.value == "" then
      http.fail(400, text.value_empty:format(item.marker))
    end
    values[item.marker] = item.value
  end
  return values
end

-- The login and the password among the values, by the flags of the provider's form.
local function credentials(app, provider, values)
  local login, password
  for _, field in ipairs(app.store.forms[provider.formIdentifier]) do
    if field.login then login = values[field.marker] end
    if field.password then password = values[field.marker] end
  end
  return login, password
end

local function check_keys(app, body, allowed)
  for key in pairs(body) do
    if not allowed[key] then http.fail(400, app.choices.text.key_not_allowed:format(key)) end
  end
end

-- Is this the user's password or, where the provider works with codes, a code sent to the user?
local function proves(app, provider, user, password, code)
  if user.archived then return false end
  if code and provider.isCheckCode then
    local right = codes.matches(app, user, code)
    if right then codes.consume(app, user) end
    return right
  end
  return password ~= nil and user.password == password
end

local function auth(app, request)
  local provider, body = auth_provider.find(app, request), request.body
  local device = tokens.device(app, request)
  check_keys(app, body, { authData = true, code = provider.isCheckCode })
  local values = read_auth_data(app, body)
  local login, password = credentials(app, provider, values)
  local user = login and app.store:user_by_login(provider, login)
  if not user or not proves(app, provider, user, password, json.given(body.code) or values.code) then
    http.fail(app.choices.bad_password_status, app.choices.text.bad_password)
  end
  if not user.active then http.fail(app.choices.inactive_user_status, app.choices.text.inactive_user) end
  return http.reply(app, app.choices.auth_status, tokens.open(app, provider, user, device))
end

local function refresh(app, request)
  local provider = auth_provider.find(app, request)
  local device = tokens.device(app, request)
  local pair = tokens.rotate(app, provider, request.body.refreshToken, device)
  if not pair then http.fail(400, app.choices.text.bad_refresh) end
  return http.reply(app, app.choices.refresh_status, pair)
end

local function logout(app, request)
  local provider, token = auth_provider.find(app, request), request.body.refreshToken
  local login = type(token) == "string" and app.store.by_refresh_token[token]
  if not login or login.provider ~= provider or login.user ~= request.user then
    http.fail(400, app.choices.text.bad_refresh)
  end
  tokens.close(app, login)
  return http.reply(app, 201, true)
end

local function logout_all(app, request)
  auth_provider.find(app, request)
  tokens.close_all(app, request.user)
  return http.reply(app, 201, true)
end

local function list_login_sessions(app, request)
  local provider, shown = auth_provider.find(app, request), json.list()
  for _, login in ipairs(tokens.sessions(app, request.user)) do
    if login.provider == provider then
      local info = json.is_object(login.device.deviceInfo) and login.device.deviceInfo or {}
      shown[#shown + 1] = {
        deviceInfo = json.object({ os = info.os, browser = info.browser, location = info.location }),
      }
    end
  end
  return http.reply(app, 200, shown)
end

local function new_user(app, provider, identifier, fields)
  local store = app.store
  local user = {
    id = store:next_id "user", provider = provider.identifier, identifier = identifier,
    active = true, version = 1, form = provider.formIdentifier, bonus = 0, locale = "en_US",
    created = store:timestamp(), updated = store:timestamp(), fcm_tokens = {}, state = json.object(),
    form_data = json.object(), notification = json.object { email = identifier, phonePush = json.list() },
  }
  for name, value in pairs(fields) do user[name] = value end
  table.insert(store.users, user)
  return user
end

local function shown_sign_up(user)
  return json.object({
    id = user.id, updatedDate = user.updated, version = user.version, identifier = user.identifier,
    isActive = user.active, formData = user.form_data, notificationData = user.notification,
    locale = user.locale, createdDate = user.created, importId = json.null, deletedAt = json.null,
    isDeleted = false, state = user.state, rating = json.object(),
  }, { "id", "updatedDate", "version", "identifier", "isActive" })
end

local function sign_up(app, request)
  local provider, body, text = auth_provider.find(app, request), request.body, app.choices.text
  local locale = json.given(body.langCode)
  if type(locale) ~= "string" or locale == "" then http.fail(400, text.required_member:format("langCode")) end
  local form = json.given(body.formIdentifier) or provider.formIdentifier
  if form ~= provider.formIdentifier then http.fail(400, text.form_mismatch:format(tostring(form))) end
  local login, password = credentials(app, provider, read_auth_data(app, body))
  if not login or not password then http.fail(400, text.required_member:format("login and password")) end
  local form_data = forms.check(app, form, body.formData)
  local notification = notifications.check(app, body.notificationData)
  if app.store:user_by_login(provider, login) then http.fail(400, text.user_exists) end

  local user = new_user(app, provider, login, {
    password = password, active = not provider.isCheckCode, locale = locale, form_data = form_data,
    notification = notification or json.object { email = login, phonePush = json.list() },
  })
  if provider.isCheckCode then codes.issue(app, user, "registration") end
  return http.reply(app, 201, shown_sign_up(user))
end

local function oauth(app, request)
  local provider = auth_provider.find(app, request)
  local known = provider.oauth
  for _, name in ipairs { "client_id", "client_secret", "code", "grant_type", "redirect_uri" } do
    if not known or request.body[name] ~= known[name] then
      http.fail(400, "We couldn't pass the oauth authentication with provided data")
    end
  end
  local user = app.store:user_by_login(provider, known.identifier) or new_user(app, provider, known.identifier, {})
  return http.reply(app, 201, tokens.open(app, provider, user, tokens.device(app, request)))
end

local USERS = BASE .. "/marker/{marker}/users"

-- method, path, handler, needs_user
auth_provider.routes = {
  { "GET", BASE, list_providers },
  { "GET", BASE .. "/marker/{marker}", get_provider },
  { "POST", BASE .. "/marker/{marker}/oauth", oauth },
  { "POST", USERS .. "/sign-up", sign_up },
  { "POST", USERS .. "/auth", auth },
  { "POST", USERS .. "/refresh", refresh },
  { "POST", USERS .. "/logout", logout, needs_user = true },
  { "POST", USERS .. "/logout-all", logout_all, needs_user = true },
  { "GET", USERS .. "/sessions", list_login_sessions, needs_user = true },
}

return auth_provider
