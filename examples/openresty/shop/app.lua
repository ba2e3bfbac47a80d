--- Every request of the shop comes through `answer`: the visitor, the route, the token of the form, the handler.
-- A handler gets (visitor, form, what the path captured) and returns a reply (replies.lua), or nil and an error.
local oneentry = require "oneentry"

local account = require "shop.account"
local cart = require "shop.cart"
local checkout = require "shop.checkout"
local config = require "shop.config"
local orders = require "shop.orders"
local pages = require "shop.pages"
local replies = require "shop.replies"
local secret = require "shop.secret"
local session = require "shop.session"

local app = {}

local function pay(visitor, _, id) return orders.pay(visitor, { id = id }) end

-- method, path, handler; `open`: for visitors who have not logged in, too
local ROUTES = {
  { "GET", "^/login$", account.form, open = true },
  { "POST", "^/login$", account.login, open = true },
  { "POST", "^/logout$", account.logout, open = true },
  { "GET", "^/$", cart.products },
  { "GET", "^/cart$", cart.show },
  { "POST", "^/cart$", cart.change },
  { "POST", "^/checkout$", checkout.place },
  { "POST", "^/checkout/look$", checkout.look },
  { "GET", "^/orders$", orders.list },
  { "GET", "^/orders/(%d+)$", orders.show },
  { "POST", "^/orders/(%d+)/pay$", pay },
  { "GET", "^/return$", orders.returned },
}

local HEADERS = {
  ["Content-Type"] = "text/html; charset=utf-8",
  ["Cache-Control"] = "no-store", -- pages hold tokens and orders; "back" after logout shows nothing
  ["X-Content-Type-Options"] = "nosniff",
  ["Referrer-Policy"] = "same-origin",
  -- No script, no frame, no foreign content. form-action covers redirects after a form, too: hence the pay page's site.
  ["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    .. "frame-ancestors 'none'; form-action 'self' " .. config.pay_origin,
}

local function find_route(method, path)
  local other
  for _, route in ipairs(ROUTES) do
    local captured = path:match(route[2])
    if captured and route[1] == method then return route, captured end
    other = other or captured
  end
  return nil, other
end

-- The fields of a form, each a text: "" where it is missing, the first where it came twice.
local function read_form()
  ngx.req.read_body()
  local form = setmetatable({}, { __index = function() return "" end })
  for name, value in pairs(ngx.req.get_post_args(20) or {}) do
    if type(value) == "table" then value = value[1] end
    if type(value) == "string" then form[name] = value end
  end
  return form
end

local HOME = { { "/", "To the shop" } }

local function handle(visitor)
  local method = ngx.req.get_method()
  local route, captured = find_route(method == "HEAD" and "GET" or method, ngx.var.uri)
  if not route then
    return replies.page(pages.message(visitor, "Not found", "There is no such page.", HOME), captured and 405 or 404)
  end
  local form = method == "POST" and read_form()
  if form and not secret.equal(form.csrf, visitor.csrf) then
    -- Another site's form comes without our cookie (SameSite). A new one would take the place of the visitor's own.
    visitor.is_new = false
    return replies.page(pages.message(visitor, "Please try again",
      "This form was too old, or your browser keeps no cookies. Nothing was changed.", HOME), 403)
  end
  if not visitor.data and not route.open then return replies.to "/login" end

  local function run()
    if not visitor.data and not route.open then return replies.to "/login" end -- logged out while we waited
    local reply, err = route[3](visitor, form, captured)
    return reply or replies.problem(visitor, err)
  end
  if not visitor.data then return run() end
  return visitor:exclusively(run) or replies.page(pages.message(visitor, "One moment, please",
    "We are still working on what you did before.", { { "/orders", "Your orders" } }), 503)
end

function app.answer()
  local visitor = session.visitor()
  local ok, reply = xpcall(handle, session.trace, visitor)
  if not ok then
    ngx.log(ngx.ERR, oneentry.pretty(reply)) -- on one line: it may hold what others wrote
    reply = replies.page(pages.message(visitor, "Something went wrong", "This is our fault, not yours.", HOME), 500)
  end
  for name, value in pairs(HEADERS) do ngx.header[name] = value end
  if visitor.is_new then ngx.header["Set-Cookie"] = visitor:set_cookie() end
  ngx.status = reply.status
  ngx.header["Location"] = reply.location
  ngx.header["Content-Length"] = #(reply.body or "")
  ngx.print(reply.body or "")
end

return app
