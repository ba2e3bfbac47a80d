-- The sandbox's AuthProvider: sign-up and one-time codes.
local client = require "support.sandbox.app"
local text = require("oneentry.sandbox.rules.choices").text

local refused, USERS = client.refused, client.USERS
local copy, last_code, wrong, with_codes = client.copy, client.last_code, client.wrong_code, client.with_codes

describe("sign-up", function()
  local shop
  before_each(function() shop = client.new() end)

  local function body(changes)
    return copy({
      langCode = "en_US", formIdentifier = "reg", notificationData = { email = "new@example.com" },
      authData = client.credentials("new@example.com", "new-password").authData,
      formData = { en_US = { { marker = "name_reg", type = "string", value = "New" } } },
    }, changes or {})
  end

  it("answers the new user, who can sign in at once", function()
    local user, status = shop:post(USERS .. "/sign-up", body())
    assert.are.equal(201, status)
    assert.are.same({
      id = 18, identifier = "new@example.com", version = 1, isActive = true, locale = "en_US", isDeleted = false,
      updatedDate = "2025-04-24T11:33:49.101Z", createdDate = "2025-04-24T11:33:49.101Z", importId = client.null,
      deletedAt = client.null, state = {}, rating = {},
      notificationData = { email = "new@example.com", phonePush = {} },
      formData = { en_US = { { marker = "name_reg", type = "string", value = "New" } } },
    }, user)
    local _, signed_in = shop:sign_in("new@example.com", "new-password")
    assert.are.equal(201, signed_in)
  end)

  it("needs neither device, formIdentifier, formData nor notificationData", function()
    shop.headers["x-device-metadata"] = nil
    local minimal = { langCode = "en_US", authData = body().authData, notificationData = client.null }
    local _, status = shop:post(USERS .. "/sign-up", minimal)
    assert.are.equal(201, status)
  end)

  it("waits for a code where the provider checks codes", function()
    shop = client.new { seed = with_codes }
    assert.is_false(shop:post(USERS .. "/sign-up", body()).isActive)
    refused(403, "User is not activated", shop:sign_in("new@example.com", "new-password"))
    local code = last_code(shop)
    assert.is_false(shop:post(USERS .. "/activate", { userIdentifier = "new@example.com", code = wrong(code) }))
    local value, status = shop:post(USERS .. "/activate", { userIdentifier = "new@example.com", code = code })
    assert.are.equal(201, status)
    assert.is_true(value)
    assert.is_false(shop:post(USERS .. "/activate", { userIdentifier = "new@example.com", code = code }))
    local _, signed_in = shop:sign_in("new@example.com", "new-password")
    assert.are.equal(201, signed_in)
  end)

  it("refuses what is missing, foreign or taken", function()
    local path = USERS .. "/sign-up"
    refused(400, "langCode is required", shop:post(path, body { langCode = client.null }))
    refused(400, text.auth_data, shop:post(path, body { authData = client.null }))
    refused(400, "login and password is required", shop:post(path, body { authData = { { marker = "email_reg", value = "x" } } }))
    refused(400, text.form_mismatch:format("order"), shop:post(path, body { formIdentifier = "order" }))
    refused(400, text.user_exists, shop:post(path, body {
      authData = client.credentials("user@example.com", "x").authData }))
    refused(400, text.foreign_marker:format("address"), shop:post(path, body {
      formData = { en_US = { { marker = "address", value = "x" } } } }))
    for _, marker in ipairs { "email_reg", "password_reg" } do -- these belong to authData
      refused(400, text.foreign_marker:format(marker), shop:post(path, body {
        formData = { en_US = { { marker = marker, value = "x" } } } }))
    end
    refused(400, { "phone_reg must be a phone number" }, shop:post(path, body {
      formData = { en_US = { { marker = "phone_reg", value = "x" } } } }))
  end)

  it("checks notificationData", function()
    local path = USERS .. "/sign-up"
    local function with(data) return body { notificationData = data } end
    refused(400, '"notificationData.phoneSMS" is not allowed to be empty',
      shop:post(path, with { email = "a@b.c", phoneSMS = "" }))
    refused(400, '"notificationData.email" is not allowed to be empty', shop:post(path, with { phonePush = { "1" } }))
    refused(400, '"notificationData.fax" is not allowed', shop:post(path, with { email = "a@b.c", fax = "1" }))
    refused(400, text.notification_type:format("phonePush"), shop:post(path, with { email = "a@b.c", phonePush = "1" }))
    refused(400, text.notification_type:format("email"), shop:post(path, with "text"))
    local user = shop:post(path, with { email = "a@b.c", phonePush = { "1" }, phoneSMS = "+49 1" })
    assert.are.same({ email = "a@b.c", phonePush = { "1" }, phoneSMS = "+49 1" }, user.notificationData)
  end)

  it("can refuse phones in notificationData altogether", function()
    shop = client.new { choices = { phone_notifications = false } }
    refused(400, '"notificationData.phonePush" is not allowed',
      shop:post(USERS .. "/sign-up", body { notificationData = { email = "a@b.c", phonePush = { "1" } } }))
  end)
end)

describe("one-time codes", function()
  local shop
  before_each(function() shop = client.new() end)

  local function generate(user, event)
    return shop:call("POST", USERS .. "/generate-code",
      { userIdentifier = user or "user@example.com", eventIdentifier = event or "password_recovery" })
  end

  local function check(code, event)
    return shop:post(USERS .. "/check-code",
      { userIdentifier = "user@example.com", eventIdentifier = event or "password_recovery", code = code })
  end

  it("are sent with an empty answer", function()
    local response = shop:raw("POST", USERS .. "/generate-code",
      '{"userIdentifier":"user@example.com","eventIdentifier":"registration"}')
    assert.are.equal(201, response.status)
    assert.are.equal("", response.body)
    assert.is_truthy(last_code(shop):find("^%d%d%d%d%d%d$"))
  end)

  it("are refused for unknown users and events, and while one is live", function()
    refused(400, "User not found", generate("nobody@example.com"))
    refused(400, "User already has a code", generate(nil, "no_such_event"))
    refused(400, "userIdentifier is required", shop:post(USERS .. "/generate-code", {}))
    refused(400, "eventIdentifier is required", shop:post(USERS .. "/generate-code", { userIdentifier = "user@example.com" }))
    generate()
    refused(429, text.resend_too_early, generate())
    shop:advance(29)
    refused(429, text.resend_too_early, generate())
    shop:advance(1)
    refused(400, "User already has a code", generate())
    shop:advance(840)
    local _, status = generate()
    assert.are.equal(201, status)
  end)

  it("are checked without being used up, and the code of a refused resend stays good", function()
    generate()
    local code = last_code(shop)
    generate()
    local value, status = check(code)
    assert.are.equal(201, status)
    assert.is_true(value)
    assert.is_true(check(code))
    assert.is_true(check(tonumber(code) >= 100000 and tonumber(code) or code))
    assert.is_false(check(wrong(code)))
    assert.is_false(check(code, "registration"))
    assert.is_true(check(code))
  end)

  it("are gone after the fifth wrong try, whoever asks", function()
    generate()
    local code = last_code(shop)
    check(wrong(code))
    check(code, "no_such_event")
    shop:post(USERS .. "/activate", { userIdentifier = "user@example.com", code = wrong(code) })
    refused(400, text.bad_code, shop:post(USERS .. "/change-password", {
      userIdentifier = "user@example.com", eventIdentifier = "password_recovery", type = 2, code = wrong(code),
      password1 = "a", password2 = "a",
    }))
    assert.is_true(check(code))
    check(wrong(code))
    assert.is_false(check(code))
  end)

  it("expire", function()
    generate()
    local code = last_code(shop)
    shop:advance(840)
    assert.is_false(check(code))
  end)

  it("are refused for unknown users", function()
    refused(400, "User not found", shop:post(USERS .. "/activate", { userIdentifier = "nobody", code = "1" }))
    refused(400, "User not found", shop:post(USERS .. "/check-code",
      { userIdentifier = "nobody", eventIdentifier = "registration", code = "1" }))
    assert.is_false(shop:post(USERS .. "/activate", { userIdentifier = "user@example.com", code = "1" }))
  end)

  it("change the password once", function()
    generate()
    local body = {
      userIdentifier = "user@example.com", eventIdentifier = "password_recovery", type = 2, code = last_code(shop),
      password1 = "changed", password2 = "changed",
    }
    refused(400, text.passwords_differ, shop:post(USERS .. "/change-password", copy(body, { password2 = "x" })))
    refused(400, text.change_type, shop:post(USERS .. "/change-password", copy(body, { type = 3 })))
    refused(400, "password1 is required", shop:post(USERS .. "/change-password", copy(body, { password1 = 1 })))
    refused(400, "code is required", shop:post(USERS .. "/change-password", copy(body, { code = client.null })))
    local value, status = shop:post(USERS .. "/change-password", body)
    assert.are.equal(201, status)
    assert.is_true(value)
    refused(400, text.bad_code, shop:post(USERS .. "/change-password", body))
    refused(401, text.bad_password, shop:sign_in())
    local _, signed_in = shop:sign_in("user@example.com", "changed")
    assert.are.equal(201, signed_in)
  end)
end)
