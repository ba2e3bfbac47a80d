--- Login sessions: access tokens (JWT, HS256), one-time refresh tokens, and the device both belong to.
-- The store knows every token it has issued, so a token is checked by looking it up; the signature is
-- there because clients may read a JWT. Without luaossl it is random.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"

local has_hmac, hmac = pcall(require, "openssl.hmac")
local has_rand, rand = pcall(require, "openssl.rand")

local SIGNING_KEY = "oneentry-sandbox"

local tokens = {}

function tokens.random(count)
  if has_rand then return rand.bytes(count) end
  local bytes = {}
  for i = 1, count do bytes[i] = string.char(math.random(0, 255)) end
  return table.concat(bytes)
end

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

local function base64url(text)
  local out = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    for digit = 0, c and 3 or b and 2 or 1 do
      local index = math.floor(n / 64 ^ (3 - digit)) % 64
      out[#out + 1] = ALPHABET:sub(index + 1, index + 1)
    end
  end
  return table.concat(out)
end

local function hex(text)
  return (text:gsub(".", function(byte) return string.format("%02x", byte:byte()) end))
end

--- A random UUID (version 4).
function tokens.uuid()
  local digits = hex(tokens.random(16))
  local variant = ("89ab"):sub(tokens.random(1):byte() % 4 + 1):sub(1, 1)
  return table.concat({
    digits:sub(1, 8), digits:sub(9, 12), "4" .. digits:sub(14, 16), variant .. digits:sub(18, 20), digits:sub(21, 32),
  }, "-")
end

local HEADER = base64url(json.encode(json.object({ alg = "HS256", typ = "JWT" }, { "alg", "typ" })))

-- `jti` is ours: without it two logins in one second would get the same token.
local function access_token(user, issued, expires)
  local claims = base64url(json.encode(json.object({
    id = user.id, authProviderIdentifier = user.provider, userIdentifier = user.identifier,
    iat = issued, exp = expires, jti = hex(tokens.random(8)),
  }, { "id", "authProviderIdentifier", "userIdentifier", "iat", "exp", "jti" })))
  local signed = HEADER .. "." .. claims
  local signature = has_hmac and hmac.new(SIGNING_KEY, "sha256"):final(signed) or tokens.random(32)
  return signed .. "." .. base64url(signature)
end

--- The device of a request, from its x-device-metadata header; refuses with 400 without one.
function tokens.device(app, request)
  local text = request.headers["x-device-metadata"]
  if not text or text == "" then http.fail(400, app.choices.text.device_header) end
  local device = json.decode(text)
  if not json.is_object(device) or type(device.fingerprint) ~= "string" then
    http.fail(400, app.choices.text.device_header_malformed)
  end
  return device
end

local function issue(app, login)
  local store, provider = app.store, login.provider
  local now = store:now()
  local issued = math.floor(now)
  local expires = issued + provider.access_ttl
  login.refresh_expires = now + provider.refresh_ttl
  login.access = access_token(login.user, issued, expires)
  login.refresh = string.format("%.0f-%s", math.floor(now * 1000), tokens.uuid())
  store.by_access_token[login.access] = { login = login, expires = expires }
  store.by_refresh_token[login.refresh] = login
  return {
    userIdentifier = login.user.identifier, authProviderIdentifier = provider.identifier,
    accessToken = login.access, refreshToken = login.refresh,
  }
end

--- A new login session; returns what auth and oauth answer.
function tokens.open(app, provider, user, device)
  return issue(app, { id = app.store:next_id "login", provider = provider, user = user, device = device })
end

--- Ends one login session: neither of its tokens works any more.
function tokens.close(app, login)
  app.store.by_refresh_token[login.refresh] = nil
  for token, grant in pairs(app.store.by_access_token) do
    if grant.login == login then app.store.by_access_token[token] = nil end
  end
end

--- The login sessions of a user, in the order they were opened.
function tokens.sessions(app, user)
  local list = {}
  for _, login in pairs(app.store.by_refresh_token) do
    if login.user == user then list[#list + 1] = login end
  end
  table.sort(list, function(a, b) return a.id < b.id end)
  return list
end

function tokens.close_all(app, user)
  for _, login in ipairs(tokens.sessions(app, user)) do tokens.close(app, login) end
end

--- Exchanges a refresh token; nil when it is spent, unknown, expired, or another device's or provider's.
-- The wrong provider also ends the session, as observed on the platform.
function tokens.rotate(app, provider, refresh_token, device)
  local store = app.store
  local login = type(refresh_token) == "string" and store.by_refresh_token[refresh_token] or nil
  if not login then return nil end
  if login.provider ~= provider or login.refresh_expires <= store:now() then
    tokens.close(app, login)
    return nil
  end
  if login.device.fingerprint ~= device.fingerprint then return nil end
  store.by_refresh_token[login.refresh] = nil
  if app.choices.refresh_ends_access_token then store.by_access_token[login.access] = nil end
  return issue(app, login)
end

--- The login session behind an Authorization header, or nil.
function tokens.bearer(app, request)
  local token = (request.headers.authorization or ""):match("^[Bb]earer%s+(%S+)$")
  local grant = token and app.store.by_access_token[token]
  if not grant or grant.expires <= app.store:now() then return nil end
  return grant.login
end

--- Makes every access token that exists now an expired one; refresh tokens stay good.
function tokens.expire_access(app)
  for _, grant in pairs(app.store.by_access_token) do grant.expires = 0 end
end

return tokens
