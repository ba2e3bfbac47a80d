-- The sandbox's Users.
local client = require "support.sandbox.app"
local text = require("oneentry.sandbox.rules.choices").text

local refused = client.refused
local ME = "/api/content/users/me"
local MISSED = "Login or password values are missed"

describe("the signed-in user", function()
  local shop
  before_each(function() shop = client.signed_in() end)

  it("is read", function()
    local user, status = shop:get(ME .. "?langCode=en_US")
    assert.are.equal(200, status)
    assert.are.same({
      id = 16, identifier = "user@example.com", authProviderIdentifier = "email", formIdentifier = "reg", total = "1",
      formData = { { marker = "name_reg", type = "string", value = "Christina Thomas" } },
      groups = { 1 }, state = {}, moduleFormConfigs = {}, rating = {},
    }, user)
  end)

  it("is updated", function()
    local value, status = shop:put(ME, {
      formIdentifier = "reg", langCode = "en_US", state = { cart = { 15 } },
      formData = { en_US = { { marker = "name_reg", type = "string", value = "Chris" } } },
      notificationData = { email = "new@example.com" },
    })
    assert.are.equal(200, status)
    assert.is_true(value)
    local user = shop:get(ME)
    assert.are.equal("Chris", user.formData[1].value)
    assert.are.same({ cart = { 15 } }, user.state)
    assert.are.equal("new@example.com", shop.app.store.users[1].notification.email)
  end)

  it("keeps what an update leaves out, and replaces state as a whole", function()
    shop:put(ME, { state = { a = 1, b = 2 } })
    shop:put(ME, { formIdentifier = "reg" })
    assert.are.same({ a = 1, b = 2 }, shop:get(ME).state)
    shop:put(ME, { state = { c = 3 } })
    assert.are.same({ c = 3 }, shop:get(ME).state)
    assert.are.equal("Christina Thomas", shop:get(ME).formData[1].value)
  end)

  it("can change the password, and only the password, with authData", function()
    refused(400, MISSED, shop:put(ME, { authData = {} }))
    refused(400, MISSED, shop:put(ME, { authData = { { marker = "email_reg", value = "x@example.com" } } }))
    refused(400, MISSED, shop:put(ME, { authData = { { marker = "password_reg", value = "" } } }))
    refused(400, MISSED, shop:put(ME, client.credentials("user@example.com", "x")))
    refused(401, text.bad_password, shop:visitor():sign_in("user@example.com", "x"))
    assert.is_true(shop:put(ME, { authData = { { marker = "password_reg", value = "changed" } } }))
    local _, status = shop:visitor():sign_in("user@example.com", "changed")
    assert.are.equal(201, status)
  end)

  it("is checked like any form, and a refused update changes nothing", function()
    refused(400, text.foreign_marker:format("x"),
      shop:put(ME, { state = { a = 1 }, formData = { en_US = { { marker = "x", value = "1" } } } }))
    refused(400, { "phone_reg must be a phone number" },
      shop:put(ME, { formData = { en_US = { { marker = "phone_reg", value = "abc" } } } }))
    refused(400, text.form_mismatch:format("order"), shop:put(ME, { formIdentifier = "order" }))
    refused(400, text.state_object, shop:put(ME, { state = "text" }))
    refused(400, text.notification_extra:format("fax"), shop:put(ME, { notificationData = { email = "a@b.c", fax = "1" } }))
    assert.are.same({}, shop:get(ME).state)
  end)

  it("takes null for what is left out", function()
    local null = client.null
    assert.is_true((shop:put(ME, { authData = null, formData = null, notificationData = null, state = null })))
    assert.are.equal("Christina Thomas", shop:get(ME).formData[1].value)
  end)

  it("can be archived, and cannot sign in any more", function()
    local value, status = shop:delete(ME)
    assert.are.equal(200, status)
    assert.is_true(value)
    refused(401, "Unauthorized", shop:get(ME))
    refused(401, text.bad_password, shop:sign_in())
  end)

  it("can be deleted; orders stay, the login is free again", function()
    shop:create_order()
    local value, status = shop:delete(ME .. "/account")
    assert.are.equal(200, status)
    assert.is_true(value)
    refused(401, "Unauthorized", shop:get(ME))
    refused(401, text.bad_password, shop:sign_in())
    assert.is_truthy(shop:raw("GET", "/__sandbox/").body:find("user@example.com (deleted)", 1, true))
    local again, created = shop:post(client.USERS .. "/sign-up", {
      langCode = "en_US", authData = client.credentials("user@example.com", "x").authData,
    })
    assert.are.equal(201, created)
    assert.are.equal(18, again.id)
    shop:sign_in("user@example.com", "x")
    assert.are.equal(0, shop:get(client.ORDERS).total)
  end)

  it("has push tokens", function()
    local path = ME .. "/fcm-token/abc%3Adef"
    local added, added_status = shop:post(path)
    assert.are.equal(201, added_status)
    assert.is_true(added)
    assert.is_true(shop.app.store.users[1].fcm_tokens["abc:def"])
    local removed, removed_status = shop:delete(path)
    assert.are.equal(200, removed_status)
    assert.is_true(removed)
    assert.is_nil(shop.app.store.users[1].fcm_tokens["abc:def"])
    assert.is_true(shop:delete(ME .. "/fcm-token/unknown"))
  end)

  it("is needed on all six routes", function()
    shop.headers.authorization = nil
    refused(401, "Unauthorized", shop:get(ME))
    refused(401, "Unauthorized", shop:put(ME, {}))
    refused(401, "Unauthorized", shop:delete(ME))
    refused(401, "Unauthorized", shop:delete(ME .. "/account"))
    refused(401, "Unauthorized", shop:post(ME .. "/fcm-token/x"))
    refused(401, "Unauthorized", shop:delete(ME .. "/fcm-token/x"))
  end)
end)
