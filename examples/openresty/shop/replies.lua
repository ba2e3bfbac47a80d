--- Replies of handlers: a page, or the way to another one. Errors of OneEntry become pages here.
local oneentry = require "oneentry"

local config = require "shop.config"
local pages = require "shop.pages"

local replies = {}

function replies.page(text, status)
  return { status = status or 200, body = text }
end

--- After every POST: a reload of the page it leads to sends nothing again.
function replies.to(location)
  return { status = 303, location = location }
end

--- A page at the payment provider. Anything but the configured site is refused: browsers would not follow it from
-- our form anyway (form-action in app.lua), and would not tell the visitor why.
function replies.to_payment(visitor, url)
  local origin = url:match "^https?://[^/?#]+"
  if origin == config.pay_origin then return replies.to(url) end
  ngx.log(ngx.ERR, "the pay page is at ", origin and oneentry.pretty(origin) or "no web address",
    ", config.pay_origin is ", config.pay_origin)
  return replies.page(pages.message(visitor, "Payment is not possible", "The payment page cannot be opened. Your order is kept.",
    { { "/orders", "Your orders" } }), 502)
end

--- Has a failed call certainly changed nothing? It was not sent, or the server refused it.
function replies.refused(err)
  return err.sent == false or err.code == "http" and err.statusCode >= 400 and err.statusCode < 500
end

local HOME = { "/", "Products" }
local ORDERS = { "/orders", "Your orders" }

--- The page for an error that no handler had a better answer to. `tostring(err)` holds no secrets.
function replies.problem(visitor, err)
  if err.statusCode == 401 then
    visitor:renew()
    return replies.page(pages.login(visitor, "Please log in again: your session has ended."), 401)
  end
  if err.statusCode == 404 then
    return replies.page(pages.message(visitor, "Not found", "This does not exist, or it is not yours.", { HOME, ORDERS }), 404)
  end
  ngx.log(ngx.ERR, tostring(err))
  if replies.refused(err) and err.code == "http" then
    return replies.page(pages.message(visitor, "That did not work", "The shop could not do this. Nothing was changed.",
      { HOME, ORDERS }), 502)
  end
  return replies.page(pages.message(visitor, "The shop is out of reach",
    "We cannot reach our shop system at the moment. Please try again in a minute.",
    { { ngx.req.get_method() == "GET" and ngx.var.uri or "/", "Try again" }, ORDERS }), 503)
end

return replies
