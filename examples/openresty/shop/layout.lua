--- The frame of every page. No scripts anywhere: the policy in app.lua would not run them.
local html = require "shop.html"
local config = require "shop.config"

local fill, form = html.fill, html.form

local FRAME = [[<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s – %s</title>
<link rel="stylesheet" href="/shop.css">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header><div class="wide"><a class="brand" href="/">%s</a>%s</div></header>
<main id="main" class="wide %s">
<h1>%s</h1>
%s
</main>
<footer><div class="wide">A demonstration: nothing is delivered.</div></footer>
</body>
</html>
]]

local NAV = [[<nav aria-label="Shop">%s<a href="/orders">Orders</a></nav>
<div class="user"><span>%s</span>%s</div>]]

local function navigation(visitor)
  if not visitor.data then return "" end
  local count = 0
  for _, line in ipairs(visitor.data.cart.lines) do count = count + line.quantity end
  return fill(NAV, fill('<a href="/">Products</a><a href="/cart">Cart (%s)</a>', ("%d"):format(count)), visitor.data.login,
    form(visitor, "/logout", "inline", fill '<button class="quiet">Log out</button>'))
end

--- A whole page as text. `content` is markup of html.fill; `narrow`: one column of forms or messages.
return function(visitor, title, content, narrow)
  return tostring(fill(FRAME, title, config.name, config.name, navigation(visitor), narrow and "narrow" or "", title, content))
end
