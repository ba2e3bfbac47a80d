--- AuthProvider, the four calls that work with one-time codes. The rules of codes are in rules/codes.lua.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"
local codes = require "oneentry.sandbox.rules.codes"
local tokens = require "oneentry.sandbox.rules.tokens"
local auth_provider = require "oneentry.sandbox.routes.auth_provider"

local USERS = "/api/content/users-auth-providers/marker/{marker}/users"

local auth_codes = {}

local function required(app, body, name)
  local value = json.given(body[name])
  if value == nil or value == "" then http.fail(400, app.choices.text.required_member:format(name)) end
  return value
end

local function find_user(app, request)
  local provider = auth_provider.find(app, request)
  local user = app.store:user_by_login(provider, required(app, request.body, "userIdentifier"))
  if not user or user.archived then http.fail(400, "User not found") end
  return user
end

local function generate_code(app, request)
  local user = find_user(app, request)
  codes.generate(app, user, required(app, request.body, "eventIdentifier"))
  return http.empty(201)
end

local function check_code(app, request)
  local user, body = find_user(app, request), request.body
  local event, code = required(app, body, "eventIdentifier"), required(app, body, "code")
  return http.reply(app, 201, codes.matches(app, user, code, event))
end

local function activate(app, request)
  local user = find_user(app, request)
  local right = codes.matches(app, user, required(app, request.body, "code"))
  if right then
    user.active = true
    codes.consume(app, user)
  end
  return http.reply(app, 201, right)
end

local function change_password(app, request)
  local user, body, text = find_user(app, request), request.body, app.choices.text
  local event, code = required(app, body, "eventIdentifier"), required(app, body, "code")
  local kind, password = tonumber(body.type), required(app, body, "password1")
  if type(password) ~= "string" then http.fail(400, text.required_member:format("password1")) end
  if kind ~= 1 and kind ~= 2 then http.fail(400, text.change_type) end
  if password ~= body.password2 then http.fail(400, text.passwords_differ) end
  if not codes.matches(app, user, code, event) then http.fail(400, text.bad_code) end
  user.password = password
  if app.choices.password_ends_sessions then tokens.close_all(app, user) end
  codes.consume(app, user)
  return http.reply(app, 201, true)
end

-- method, path, handler, needs_user
auth_codes.routes = {
  { "POST", USERS .. "/generate-code", generate_code },
  { "POST", USERS .. "/check-code", check_code },
  { "POST", USERS .. "/activate", activate },
  { "POST", USERS .. "/change-password", change_password },
}

return auth_codes
