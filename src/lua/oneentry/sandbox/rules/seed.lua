--- What a fresh sandbox contains: one project with a provider, an orders storage, products and two users.
-- Returns a function, so that every store starts from tables of its own. Prices are integer cents;
-- values of discounts are what the API shows (percent, or currency units).
local json = require "oneentry.sandbox.host.json"

local UPDATED = "2025-04-24T11:33:49.101Z"

local function title(text) return { en_US = json.object { title = text } } end

local function providers()
  return {
    {
      id = 1, identifier = "email", type = "email", formIdentifier = "reg", localizeInfos = title "Email",
      isActive = true, isCheckCode = false, access_ttl = 86400, refresh_ttl = 604800,
    },
    {
      id = 2, identifier = "google", type = "oauth", formIdentifier = "reg", localizeInfos = title "Google",
      isActive = true, isCheckCode = false, access_ttl = 86400, refresh_ttl = 604800,
      oauth_url = "https://accounts.example.com/oauth",
      oauth = {
        client_id = "sandbox-client", client_secret = "sandbox-secret", code = "sandbox-code",
        grant_type = "authorization_code", redirect_uri = "https://shop.example.com/callback",
        identifier = "oauth@example.com",
      },
    },
  }
end

-- Field types are the platform's attribute types; `check` names a validator of forms.lua.
local function forms()
  return {
    reg = {
      { marker = "email_reg", type = "string", login = true },
      { marker = "password_reg", type = "string", password = true },
      { marker = "name_reg", type = "string" },
      { marker = "phone_reg", type = "string", check = "phone" },
    },
    order = {
      { marker = "name", type = "string", required = true },
      { marker = "email", type = "string", check = "email" },
      { marker = "phone", type = "string", check = "phone" },
      { marker = "address", type = "string" },
      { marker = "comment", type = "text" },
      { marker = "persons", type = "integer" },
      { marker = "weight", type = "float" },
      { marker = "date", type = "date" },
      { marker = "time", type = "time" },
      { marker = "date_time", type = "dateTime" },
      { marker = "interval", type = "timeInterval" },
      { marker = "delivery", type = "list", values = { "courier", "pickup" } },
      { marker = "packing", type = "radioButton", values = { "box", "bag" } },
      { marker = "items", type = "entity" },
      { marker = "photo", type = "image" },
      { marker = "document", type = "file" },
    },
  }
end

local function status(id, identifier, name, is_default)
  return {
    id = id, identifier = identifier, localizeInfos = title(name), isDefault = is_default, position = id, isUsed = true,
  }
end

local function statuses()
  return {
    status(1, "upcoming", "Upcoming", true),
    status(2, "canceled", "Canceled", false),
    status(3, "completed", "Completed", false),
  }
end

local function storages()
  return {
    {
      id = 1, identifier = "orders", formIdentifier = "order", localizeInfos = title "Orders", position = 1,
      generalTypeId = 21, account_identifiers = { "cash", "stripe" }, attributeSetIdentifier = "order",
      statuses = statuses(), cancel_status = "canceled",
    },
  }
end

-- `gateway`: "none" takes no money online, "page" has the pay page of the sandbox at once,
-- "delayed" shows its url after choices.delayed_url_seconds. `session_timeout` is in minutes.
local function accounts()
  return {
    {
      id = 1, identifier = "cash", type = "custom", localizeInfos = title "Cash", isVisible = true, isUsed = true,
      testMode = false, status = "connected", gateway = "none", updatedDate = UPDATED,
    },
    {
      id = 2, identifier = "stripe", type = "stripe", localizeInfos = title "Stripe", isVisible = true, isUsed = true,
      testMode = false, status = "connected", gateway = "page", session_timeout = 15, updatedDate = UPDATED,
      test_settings = { status = "connected", sessionTimeout = 15, stripePublishableKey = "pk_***" },
    },
  }
end

local function products()
  return {
    { id = 14, title = "Facial massage", sku = "fm-14", price = 34000 },
    { id = 15, title = "Hair colouring", sku = "hc-15", price = 40000 },
    { id = 16, title = "Hand cream", sku = "cr-16", price = 1650 },
    { id = 17, title = "Cotton pad", sku = "cp-17", price = 333 },
    { id = 18, title = "Sample", sku = "sm-18", price = 1 },
  }
end

local function coupon(id, code, applicability, kind, value, conditions)
  local rule = {
    id = id, code = code, identifier = code:lower(), applicability = applicability, discountType = kind, value = value,
  }
  for name, condition in pairs(conditions or {}) do rule[name] = condition end
  return rule
end

-- `products` limits a TO_PRODUCT rule; `min_order` (cents), `single_use` and `expired` are conditions.
local function coupons()
  local creams = { 16, 17 }
  return {
    coupon(1, "SAVE10", "TO_ORDER", "PERCENTAGE", 10),
    coupon(2, "MINUS5", "TO_ORDER", "FIXED_AMOUNT", 5),
    coupon(3, "CREAM20", "TO_PRODUCT", "PERCENTAGE", 20, { products = creams }),
    coupon(4, "CREAM3", "TO_PRODUCT", "FIXED_AMOUNT", 3, { products = creams }),
    coupon(5, "BIG50", "TO_ORDER", "FIXED_AMOUNT", 50, { min_order = 100000 }),
    coupon(6, "PAST", "TO_ORDER", "PERCENTAGE", 10, { expired = true }),
    coupon(7, "ONCE-7F3A", "TO_ORDER", "FIXED_AMOUNT", 1, { single_use = true }),
    coupon(8, "ODD", "TO_ORDER", "PERCENTAGE", 33.33),
  }
end

-- Asked for with additionalDiscountsMarkers; `logins` are the users who are entitled to it.
local function personal_discounts()
  return {
    {
      id = 21, identifier = "regular", applicability = "TO_ORDER", discountType = "PERCENTAGE", value = 5,
      logins = { ["user@example.com"] = true },
    },
    {
      id = 22, identifier = "staff", applicability = "TO_ORDER", discountType = "PERCENTAGE", value = 30,
      logins = {},
    },
  }
end

local function user(id, login, password, name, bonus)
  return {
    id = id, provider = "email", identifier = login, password = password, active = true, version = 1,
    form = "reg", locale = "en_US", bonus = bonus, created = UPDATED, updated = UPDATED, fcm_tokens = {},
    form_data = { en_US = json.list { json.object { marker = "name_reg", type = "string", value = name } } },
    notification = json.object { email = login, phonePush = json.list() }, state = json.object(),
  }
end

return function()
  return {
    app_token = "sandbox-app-token",
    providers = providers(),
    forms = forms(),
    events = { registration = true, password_recovery = true, sign_in = true }, -- events that send codes
    storages = storages(),
    accounts = accounts(),
    products = products(),
    coupons = coupons(),
    personal_discounts = personal_discounts(),
    users = {
      user(16, "user@example.com", "sandbox-password", "Christina Thomas", 10000),
      user(17, "other@example.com", "other-password", "Martin Weber", 0),
    },
    permissions = {}, -- see init.lua: path pattern -> false, or the set of methods that are granted
    next = { order = 116, payment_session = 65, user = 18, refund = 1, login = 1 },
  }
end
