--- Every value that the platform does not document, in one place.
-- Nothing in this table is known of the real server: each entry is a choice, made so that the sandbox
-- can answer. `sandbox.new{ choices = { ... } }` overrides single entries; unknown names raise.
local json = require "oneentry.sandbox.host.json"

return {
  -- Success statuses that nobody has published.
  auth_status = 201, -- 200 is the other candidate
  refresh_status = 200,
  preview_status = 201,

  -- Error statuses that nobody has published.
  bad_password_status = 401, -- 400 is the other candidate
  inactive_user_status = 403,

  -- Forms of answers that have changed over the years, or that nobody has published.
  legacy_single_object = false, -- sessions/order/{id} answers with one object (the newest) instead of a list
  flat_localize_infos = false, -- localizeInfos as { title } instead of { en_US = { title } }
  scalar_content_type = "text/html; charset=utf-8", -- of `true` and `false`; what NestJS does by default
  currency = "USD", -- on create and preview
  read_currency = "USD", -- on order reads; real projects often show ""
  order_total_sum = "raw", -- totalSum of an order: "raw" or "discounted"
  phone_notifications = true, -- false refuses phonePush and phoneSMS, as newer servers do
  user_total = "1", -- `total` of a user

  -- Behaviour that nobody has published.
  check_account_on_order = true, -- "payment account is not connected" at createOrder already, else at createSession
  refresh_ends_access_token = true, -- the previous access token dies when the session is refreshed
  record_cap = 10, -- what a restricted read returns at most; false lifts it
  access = "token", -- "certificate": no app token, but a TLS client certificate
  delayed_url_seconds = 5, -- after which a session of a "delayed" account has its paymentUrl
  code_seconds = 840, -- life of a one-time code
  code_resend_seconds = 30,
  code_tries = 5,
  signed_price_seconds = 600,
  max_quantity = 100000,
  max_path_bytes = 4096,
  max_body_bytes = 1048576,
  log_entries = 1000,
  log_bytes = 4 * 1048576, -- of its JSON; the oldest entries go
  log_body_bytes = 65536, -- a longer body is noted as its size
  mail_entries = 1000,
  max_faults = 100,
  password_ends_sessions = false, -- a change of password ends the user's logins
  refund_status = "requested",

  -- Instance settings for discounts and bonuses, shown in discountConfig.settings. Amounts in currency units.
  discounts = {
    allowStacking = false, -- false: of several applicable discounts the largest one counts
    allowGiftStacking = false,
    maxDiscountValue = json.null,
    maxBonusPaymentPercent = json.null,
    minBonusAmount = json.null,
    minOrderAmountForBonus = json.null,
    giftRefundPolicy = json.null,
  },

  -- Order status that follows a payment session's status.
  status_map = { waiting = "upcoming", completed = "completed", canceled = "canceled", expired = "canceled" },

  -- Messages. `%s` stands for a value of the request.
  text = {
    malformed_json = "Malformed JSON in the request body",
    not_an_object = "The request body must be a JSON object",
    too_large = "Request entity too large",
    long_path = "URI too long",
    internal = "Internal server error",
    bad_id = "Validation failed (numeric string is expected)",
    bad_page = "%s must be a non-negative integer",
    client_certificate = "A client certificate is required",
    foreign_host = "The sandbox answers here for the Host it listens on, and for this machine's own names",
    foreign_origin = "A page of another site may not do this",
    json_only = "content-type must be application/json",
    bad_length = "content-length must be 1 to 15 digits, and alone; transfer-encoding must be chunked",

    provider_not_found = "Auth provider not found",
    device_header = "Header x-device-metadata is required",
    device_header_malformed = "Header x-device-metadata must be JSON with a fingerprint",
    auth_data = "authData must be a list of { marker, value }",
    key_not_allowed = "%s is not allowed",
    value_empty = "authData value of '%s' must not be empty",
    bad_password = "Login or password is incorrect",
    inactive_user = "User is not activated",
    bad_code = "Code is incorrect",
    bad_refresh = "Refresh token is invalid",
    required_member = "%s is required",
    user_not_found = "User not found",
    user_exists = "User already exists",
    resend_too_early = "A code was sent a moment ago",
    passwords_differ = "Passwords do not match",
    change_type = "type must be 1 or 2",
    notification_empty = "\"notificationData.%s\" is not allowed to be empty",
    notification_extra = "\"notificationData.%s\" is not allowed",
    notification_type = "\"notificationData.%s\" has the wrong type",
    state_object = "state must be an object",

    foreign_marker = "formData's marker '%s' is not in the form",
    form_type = "formData's value of '%s' is no %s",
    list_value = "formData's value of '%s' is not in its list",
    form_mismatch = "Form '%s' does not belong to the orders storage",

    storage_not_found = "Orders storage not found",
    order_not_found = "Order not found",
    account_missing = "paymentAccountIdentifier is required",
    order_without_payment = "Order must have a payment",
    unknown_status = "Order status '%s' not found",
    products_list = "products must be a list of { productId, quantity }",
    quantity = "quantity must be an integer from 1 to %s",
    product_not_found = "Product %s not found",
    signed_price = "signedPrice is invalid or has expired",
    bad_coupon = "Coupon is invalid or has expired",
    bad_bonus = "bonusAmount must be a number not below 0",
    bonus_spent = "The bonus balance has been used by another order",
    order_paid = "The products of a paid order cannot be changed",
    bad_markers = "additionalDiscountsMarkers must be a list of texts",
    refund_products = "products do not match the order",

    session_not_found = "Payment session not found",
    session_type = "type must be one of: session, intent",
    already_paid = "The order has already been paid",
    account_not_found = "Payment account not found",
  },
}
