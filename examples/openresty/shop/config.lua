--- The settings that a copy of this shop changes. Secrets come from the environment, never from this file.
local function required(name)
  return os.getenv(name) or error("set " .. name .. " in the environment of nginx", 0)
end

return {
  name = "Willow Studio",

  -- The OneEntry project, and the names of things there.
  url = required "ONEENTRY_URL",
  token = required "ONEENTRY_TOKEN",
  provider = "email", login_marker = "email_reg", password_marker = "password_reg",
  storage = "orders", form = "order", name_marker = "name", reference_marker = "comment",
  account = "stripe",

  -- Where the account's pay pages are: the only other site that a form of this shop may lead to.
  -- The account's successUrl and cancelUrl (OneEntry, payment accounts) are this shop's address with "/return".
  pay_origin = os.getenv "SHOP_PAY_ORIGIN" or "https://checkout.stripe.com",

  -- TLS ends at a proxy in front of this nginx? Then "1": cookies become Secure although we are asked over http.
  behind_tls = os.getenv "SHOP_BEHIND_TLS" == "1",

  call_seconds = 8, -- for one call of OneEntry; a web request makes up to five
  session_seconds = 3600, -- without a request, until the visitor has to log in again
  -- OneEntry's reads lag behind its writes. An order that was not found this long after it was sent does not exist.
  settle_seconds = tonumber(os.getenv "SHOP_SETTLE_SECONDS") or 15,

  -- Prices here are for the list of products only; the cart shows, and the order takes, those of OneEntry.
  products = {
    { id = 14, name = "Facial massage", text = "50 minutes, with warm oil", price = 340 },
    { id = 15, name = "Hair colouring", text = "Cut and care included", price = 400 },
    { id = 16, name = "Hand cream", text = "Rosemary, 75 ml", price = 16.5 },
    { id = 17, name = "Cotton pads", text = "Washable, a set of seven", price = 3.33 },
  },
  currency = "USD",
  max_quantity = 20,
}
