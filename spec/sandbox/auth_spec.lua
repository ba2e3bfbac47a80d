-- The sandbox's AuthProvider: providers, sign-in, tokens, login sessions.
local client = require "support.sandbox.app"
local text = require("oneentry.sandbox.rules.choices").text

local refused, USERS = client.refused, client.USERS
local copy, last_code, wrong, with_codes = client.copy, client.last_code, client.wrong_code, client.with_codes
local PROVIDERS = "/api/content/users-auth-providers"
local ME = "/api/content/users/me"

local function unbase64url(encoded)
  local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
  local bits, count, out = 0, 0, {}
  for char in encoded:gmatch(".") do
    bits, count = bits * 64 + alphabet:find(char, 1, true) - 1, count + 6
    if count >= 8 then
      count = count - 8
      out[#out + 1] = string.char(math.floor(bits / 2 ^ count))
      bits = bits % 2 ^ count
    end
  end
  return table.concat(out)
end

describe("auth providers", function()
  local shop = client.new()

  it("are listed", function()
    local list, status = shop:get(PROVIDERS .. "?langCode=en_US&offset=0&limit=30")
    assert.are.equal(200, status)
    assert.are.equal("email", list[1].identifier)
    assert.are.equal(1, #shop:get(PROVIDERS .. "?limit=1"))
    assert.are.equal("google", shop:get(PROVIDERS .. "?offset=1")[1].identifier)
  end)

  it("are read by marker", function()
    local provider, status = shop:get(PROVIDERS .. "/marker/email?langCode=en_US")
    assert.are.equal(200, status)
    assert.are.same({
      id = 1, identifier = "email", type = "email", formIdentifier = "reg", version = 1, userGroupIdentifier = "user",
      isActive = true, isCheckCode = false, localizeInfos = { en_US = { title = "Email" } },
      config = {
        accessTokenTtlSec = "86400", refreshTokenTtlMc = "604800", deleteNoneActiveUsersAfterDays = "2",
        systemCodeTlsSec = "120", systemCodeLength = "6", systemCodeOnlyNumbers = client.null,
        oauthAuthUrl = client.null,
      },
    }, provider)
  end)

  it("are 404 when unknown, on every route", function()
    refused(404, text.provider_not_found, shop:get(PROVIDERS .. "/marker/nobody"))
    for _, name in ipairs { "sign-up", "generate-code", "check-code", "activate", "auth", "refresh", "change-password" } do
      refused(404, text.provider_not_found, shop:post(PROVIDERS .. "/marker/nobody/users/" .. name, {}))
    end
    refused(404, text.provider_not_found, shop:post(PROVIDERS .. "/marker/nobody/oauth", {}))
  end)
end)

describe("sign-in", function()
  local shop
  before_each(function() shop = client.new() end)

  it("has the documented claims in the access token", function()
    local payload = shop:sign_in().accessToken:match("%.(.-)%.")
    assert.is_truthy(unbase64url(payload):find(
      '{"id":16,"authProviderIdentifier":"email","userIdentifier":"user@example.com","iat":1745494429,"exp":1745580829,', 1, true))
  end)

  it("needs the device header", function()
    local body = client.credentials("user@example.com", "sandbox-password")
    shop.headers["x-device-metadata"] = nil
    refused(400, text.device_header, shop:post(USERS .. "/auth", body))
    for _, header in ipairs { "text", "[]", "{}", '{"fingerprint":1}' } do
      shop.headers["x-device-metadata"] = header
      refused(400, text.device_header_malformed, shop:post(USERS .. "/auth", body))
    end
  end)

  it("takes authData and nothing else", function()
    local body = client.credentials("user@example.com", "sandbox-password")
    for _, key in ipairs { "formIdentifier", "langCode", "code" } do
      refused(400, key .. " is not allowed", shop:post(USERS .. "/auth", copy(body, { [key] = "x" })))
    end
    body.authData[1].type = "string"
    refused(400, "authData.type is not allowed", shop:post(USERS .. "/auth", body))
  end)

  it("takes no empty and no malformed authData", function()
    refused(400, text.value_empty:format("password_reg"), shop:sign_in("user@example.com", ""))
    for _, auth_data in ipairs { {}, { 1 }, { { value = "x" } }, "text", { email_reg = "x" } } do
      refused(400, text.auth_data, shop:post(USERS .. "/auth", { authData = auth_data }))
    end
    refused(400, text.auth_data, shop:post(USERS .. "/auth", {}))
  end)

  it("tells neither that the user nor that the password is wrong", function()
    refused(401, text.bad_password, shop:sign_in("user@example.com", "wrong"))
    refused(401, text.bad_password, shop:sign_in("nobody@example.com", "sandbox-password"))
    refused(401, text.bad_password, shop:post(USERS .. "/auth", { authData = { { marker = "login", value = "x" } } }))
  end)

  it("refuses users who are not activated", function()
    shop.app.store.users[1].active = false
    refused(403, "User is not activated", shop:sign_in())
  end)

  it("gives two logins of one second different tokens", function()
    local one, two = shop:sign_in(), shop:visitor():sign_in()
    assert.are_not.equal(one.accessToken, two.accessToken)
    assert.are_not.equal(one.refreshToken, two.refreshToken)
  end)

  it("accepts a one-time code once, where the provider works with codes", function()
    shop = client.new { seed = with_codes }
    shop:post(USERS .. "/generate-code", { userIdentifier = "user@example.com", eventIdentifier = "sign_in" })
    local code = last_code(shop)
    local body = { authData = { { marker = "email_reg", value = "user@example.com" } }, code = wrong(code) }
    refused(401, text.bad_password, shop:post(USERS .. "/auth", body))
    body.code = code
    local _, status = shop:post(USERS .. "/auth", body)
    assert.are.equal(201, status)
    refused(401, text.bad_password, shop:post(USERS .. "/auth", body))
    shop:advance(60)
    shop:post(USERS .. "/generate-code", { userIdentifier = "user@example.com", eventIdentifier = "sign_in" })
    table.insert(body.authData, { marker = "code", value = last_code(shop) })
    body.code = nil
    local _, again = shop:post(USERS .. "/auth", body)
    assert.are.equal(201, again)
  end)

  it("works without luaossl", function()
    local names = { "openssl.hmac", "openssl.rand", "oneentry.sandbox.rules.tokens" }
    local loaded, preload = {}, {}
    for _, name in ipairs(names) do loaded[name], package.loaded[name] = package.loaded[name], nil end
    for i = 1, 2 do
      preload[names[i]] = package.preload[names[i]]
      package.preload[names[i]] = function() error("not installed") end
    end
    local tokens = require "oneentry.sandbox.rules.tokens"
    for i = 1, 2 do package.preload[names[i]] = preload[names[i]] end
    for _, name in ipairs(names) do package.loaded[name] = loaded[name] end

    local store = shop.app.store
    local pair = tokens.open(shop.app, store.providers[1], store.users[1], { fingerprint = "x" })
    shop.headers.authorization = "Bearer " .. pair.accessToken
    local user = shop:get(ME)
    assert.are.equal(16, user.id)
    assert.are.equal(43, #pair.accessToken:match("[^.]+$"))
  end)
end)

describe("refresh", function()
  local shop, pair
  before_each(function()
    shop = client.new()
    pair = shop:sign_in()
  end)

  local function refresh(visitor, token, marker)
    return visitor:post(PROVIDERS .. "/marker/" .. (marker or "email") .. "/users/refresh", { refreshToken = token })
  end

  it("gives new tokens, and the old ones die", function()
    shop:advance(5)
    local new, status = refresh(shop, pair.refreshToken)
    assert.are.equal(200, status)
    assert.are.equal("user@example.com", new.userIdentifier)
    assert.are.equal("email", new.authProviderIdentifier)
    assert.are_not.equal(pair.accessToken, new.accessToken)
    assert.are.equal("1745494434101", new.refreshToken:match("^%d+"))
    refused(401, "Unauthorized", shop:get(ME))
    shop.headers.authorization = "Bearer " .. new.accessToken
    assert.are.equal(16, shop:get(ME).id)
    refused(400, text.bad_refresh, refresh(shop, pair.refreshToken))
    local _, rotated = refresh(shop, new.refreshToken)
    assert.are.equal(200, rotated)
  end)

  it("can leave the old access token alive", function()
    shop = client.new { choices = { refresh_ends_access_token = false, refresh_status = 201 } }
    pair = shop:sign_in()
    local _, status = refresh(shop, pair.refreshToken)
    assert.are.equal(201, status)
    assert.are.equal(16, shop:get(ME).id)
  end)

  it("is refused on another device, and the token stays good on its own", function()
    refused(400, text.bad_refresh, refresh(shop:visitor(), pair.refreshToken))
    local _, status = refresh(shop, pair.refreshToken)
    assert.are.equal(200, status)
  end)

  it("is refused at another provider, which also ends the session", function()
    refused(400, text.bad_refresh, refresh(shop, pair.refreshToken, "google"))
    refused(400, text.bad_refresh, refresh(shop, pair.refreshToken))
    refused(401, "Unauthorized", shop:get(ME))
  end)

  it("is refused after a week", function()
    shop:advance(604800)
    refused(400, text.bad_refresh, refresh(shop, pair.refreshToken))
  end)

  it("is still good a moment before", function()
    shop:advance(604799)
    local _, status = refresh(shop, pair.refreshToken)
    assert.are.equal(200, status)
  end)

  it("is refused with an unknown token, without one, and with something else", function()
    refused(400, text.bad_refresh, refresh(shop, "1745494429101-unknown"))
    refused(400, text.bad_refresh, shop:post(USERS .. "/refresh", {}))
    refused(400, text.bad_refresh, shop:post(USERS .. "/refresh"))
    refused(400, text.bad_refresh, refresh(shop, { 1 }))
  end)

  it("needs the device header", function()
    shop.headers["x-device-metadata"] = nil
    refused(400, text.device_header, refresh(shop, pair.refreshToken))
  end)
end)

describe("access tokens", function()
  it("expire", function()
    local shop = client.signed_in()
    shop.clock.now = 1745494429 + 86400 - 0.001
    assert.are.equal(16, shop:get(ME).id)
    shop.clock.now = 1745494429 + 86400
    refused(401, "Unauthorized", shop:get(ME))
  end)
end)

describe("logout", function()
  local shop, pair
  before_each(function()
    shop = client.new()
    pair = shop:sign_in()
  end)

  it("ends this session and no other", function()
    local phone = shop:visitor()
    phone:sign_in()
    local value, status = shop:post(USERS .. "/logout", { refreshToken = pair.refreshToken })
    assert.are.equal(201, status)
    assert.is_true(value)
    refused(401, "Unauthorized", shop:get(ME))
    refused(400, text.bad_refresh, shop:post(USERS .. "/refresh", { refreshToken = pair.refreshToken }))
    assert.are.equal(16, phone:get(ME).id)
  end)

  it("is refused with an unknown token, another user's, or at the wrong provider", function()
    local other = shop:visitor()
    local theirs = other:sign_in("other@example.com", "other-password")
    refused(400, text.bad_refresh, shop:post(USERS .. "/logout", { refreshToken = "x" }))
    refused(400, text.bad_refresh, shop:post(USERS .. "/logout", {}))
    refused(400, text.bad_refresh, shop:post(USERS .. "/logout", { refreshToken = theirs.refreshToken }))
    refused(400, text.bad_refresh,
      shop:post(PROVIDERS .. "/marker/google/users/logout", { refreshToken = pair.refreshToken }))
    assert.are.equal(17, other:get(ME).id)
  end)

  it("can end all sessions of the user", function()
    local phone, other = shop:visitor(), shop:visitor("third")
    phone:sign_in()
    other:sign_in("other@example.com", "other-password")
    local value, status = shop:post(USERS .. "/logout-all")
    assert.are.equal(201, status)
    assert.is_true(value)
    refused(401, "Unauthorized", shop:get(ME))
    refused(401, "Unauthorized", phone:get(ME))
    assert.are.equal(17, other:get(ME).id)
  end)

  it("needs a user", function()
    shop.headers.authorization = nil
    refused(401, "Unauthorized", shop:post(USERS .. "/logout", { refreshToken = pair.refreshToken }))
    refused(401, "Unauthorized", shop:post(USERS .. "/logout-all"))
    refused(401, "Unauthorized", shop:get(USERS .. "/sessions"))
  end)
end)

describe("login sessions", function()
  it("are listed with their device and nothing else", function()
    local shop = client.signed_in()
    local expected = { { deviceInfo = { os = "Linux", browser = "first-device", location = "en-US" } } }
    for i = 2, 9 do
      shop:visitor("device " .. i):sign_in()
      expected[i] = { deviceInfo = { os = "Linux", browser = "device " .. i, location = "en-US" } }
    end
    local list, status = shop:get(USERS .. "/sessions")
    assert.are.equal(200, status)
    assert.are.same(expected, list)
  end)
end)

describe("oauth", function()
  local body = {
    client_id = "sandbox-client", client_secret = "sandbox-secret", code = "sandbox-code",
    grant_type = "authorization_code", redirect_uri = "https://shop.example.com/callback",
  }
  local MESSAGE = "We couldn't pass the oauth authentication with provided data"

  it("signs in, and finds the same user again", function()
    local shop = client.new()
    local pair, status = shop:post(PROVIDERS .. "/marker/google/oauth", body)
    assert.are.equal(201, status)
    assert.are.equal("google", pair.authProviderIdentifier)
    shop.headers.authorization = "Bearer " .. pair.accessToken
    local id = shop:get(ME).id
    pair = shop:post(PROVIDERS .. "/marker/google/oauth", body)
    shop.headers.authorization = "Bearer " .. pair.accessToken
    assert.are.equal(id, shop:get(ME).id)
  end)

  it("is refused with anything else", function()
    local shop = client.new()
    for name in pairs(body) do
      refused(400, MESSAGE, shop:post(PROVIDERS .. "/marker/google/oauth", copy(body, { [name] = "x" })))
    end
    refused(400, MESSAGE, shop:post(PROVIDERS .. "/marker/google/oauth", {}))
    refused(400, MESSAGE, shop:post(PROVIDERS .. "/marker/email/oauth", body))
  end)
end)
