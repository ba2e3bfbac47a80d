--- Money: lines, discounts and bonuses of an order or a preview.
-- All sums here are integer cents, so that no cent is lost; `totals.units` turns them into what the API
-- shows. A percentage is rounded half up to the cent, per unit for products and once for the whole order.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"

local totals = {}

local function round(x) return math.floor(x + 0.5) end

local function cents(amount) return round(amount * 100) end

--- Cents as a number of currency units: 1650 -> 16.5, 40000 -> 400.
function totals.units(amount) return amount / 100 end

--- Cents as the text that order reads show: 1650 -> "16.50".
function totals.text(amount)
  return string.format("%d.%02d", math.floor(amount / 100), amount % 100)
end

local function whole_number(v, max)
  return type(v) == "number" and v >= 1 and v <= max and v == math.floor(v)
end

local function price_of(app, item, product)
  local token = json.given(item.signedPrice)
  if token == nil then return product.price end
  local signed = app.store.signed_prices[token]
  if not signed or signed.product ~= product or signed.expires <= app.store:now() then
    http.fail(400, app.choices.text.signed_price)
  end
  return signed.price
end

--- The lines of a request's `products`; a product that appears twice is one line.
-- Each has product, quantity and its price of this moment, which the order keeps.
function totals.lines(app, products)
  products = json.given(products) or json.list()
  local text, lines, by_id = app.choices.text, {}, {}
  if not json.is_list(products) then http.fail(400, text.products_list) end
  for _, item in ipairs(products) do
    if not json.is_object(item) or type(item.productId) ~= "number" then http.fail(400, text.products_list) end
    if not whole_number(item.quantity, app.choices.max_quantity) then
      http.fail(400, text.quantity:format(string.format("%d", app.choices.max_quantity)))
    end
    local product = app.store:product(item.productId)
    if not product then http.fail(400, text.product_not_found:format(json.encode(item.productId))) end
    local line = by_id[product.id]
    if line then
      line.quantity = line.quantity + item.quantity
    else
      line = { product = product, quantity = item.quantity, price = price_of(app, item, product) }
      lines[#lines + 1], by_id[product.id] = line, line
    end
  end
  return lines
end

function totals.raw(lines)
  local sum = 0
  for _, line in ipairs(lines) do sum = sum + line.price * line.quantity end
  return sum
end

local function share(rule, base)
  if rule.discountType == "PERCENTAGE" then return round(base * cents(rule.value) / 10000) end
  return math.min(cents(rule.value), base)
end

local function covers(rule, line)
  for _, id in ipairs(rule.products) do
    if id == line.product.id then return true end
  end
  return false
end

local function applicable(rule, lines, raw)
  if raw < (rule.min_order or 0) or raw == 0 then return false end
  if rule.applicability == "TO_ORDER" then return true end
  for _, line in ipairs(lines) do
    if covers(rule, line) then return true end
  end
  return false
end

-- Returns the cents that one rule takes off when `off` (line -> cents per unit, and `order`) has been taken off already.
local function apply(rule, lines, raw, off)
  if rule.applicability == "TO_ORDER" then
    local amount = share(rule, raw - off.sum)
    off.sum = off.sum + amount
    return amount
  end
  local amount = 0
  for _, line in ipairs(lines) do
    if covers(rule, line) then
      local per_unit = share(rule, line.price - (off[line] or 0))
      off[line] = (off[line] or 0) + per_unit
      amount = amount + per_unit * line.quantity
    end
  end
  off.sum = off.sum + amount
  return amount
end

-- Without stacking only the rule that saves most counts, the first one of equals.
local function largest(rules, lines, raw)
  local best, best_amount
  for _, rule in ipairs(rules) do
    local amount = apply(rule, lines, raw, { sum = 0 })
    if not best or amount > best_amount then best, best_amount = rule, amount end
  end
  return { best }
end

local function products_first(rules)
  local ordered = {}
  for _, kind in ipairs { "TO_PRODUCT", "TO_ORDER" } do
    for _, rule in ipairs(rules) do
      if rule.applicability == kind then ordered[#ordered + 1] = rule end
    end
  end
  return ordered
end

-- The coupon of the request, nil without a code; refuses codes that are unknown, past or spent.
local function coupon_of(app, input)
  local code = json.given(input.couponCode)
  if code == nil or code == "" then return nil end
  local coupon = app.store:coupon(code)
  if not coupon or coupon.expired or coupon.spent then http.fail(400, app.choices.text.bad_coupon) end
  return coupon
end

local function markers_of(app, input)
  local markers = json.given(input.additionalDiscountsMarkers) or json.list()
  if not json.is_list(markers) then http.fail(400, app.choices.text.bad_markers) end
  for _, marker in ipairs(markers) do
    if type(marker) ~= "string" then http.fail(400, app.choices.text.bad_markers) end
  end
  return markers
end

-- Coupon and personal discounts that this user may have on these lines. Other markers are ignored.
local function candidates(app, user, coupon, markers, lines, raw)
  local rules, seen = {}, {}
  if coupon and applicable(coupon, lines, raw) then rules[1] = coupon end
  for _, marker in ipairs(markers) do
    local rule = app.store:discount(marker)
    if rule and not seen[rule] and rule.logins[user.identifier] and applicable(rule, lines, raw) then
      rules[#rules + 1], seen[rule] = rule, true
    end
  end
  return rules
end

local function bonus_of(app, user, input, due)
  local settings = app.choices.discounts
  local wanted = json.given(input.bonusAmount) or 0
  if type(wanted) ~= "number" or wanted < 0 then http.fail(400, app.choices.text.bad_bonus) end
  local percent, minimum = json.given(settings.maxBonusPaymentPercent), json.given(settings.minBonusAmount)
  local least_order = json.given(settings.minOrderAmountForBonus)

  local most = due
  if percent then most = math.min(most, math.floor(due * percent / 100)) end
  if least_order and due < cents(least_order) then most = 0 end
  -- Compared as an amount first: a huge wish must not lose precision as cents.
  local applied = wanted >= most / 100 and most or cents(wanted)
  applied = math.min(applied, most, user.bonus)
  if minimum and applied < cents(minimum) then applied = 0 end
  return applied, most
end

--- Totals of `lines` for a user; `input` has couponCode, additionalDiscountsMarkers and bonusAmount.
-- Returns raw, discount, discounted, bonus and due (cents), the coupon, the rules that counted, and each
-- line's `discounted` price per unit where a product discount changed it. Changes nothing in the store.
function totals.compute(app, user, lines, input)
  local settings = app.choices.discounts
  local raw = totals.raw(lines)
  local coupon, markers = coupon_of(app, input), markers_of(app, input)
  local rules = candidates(app, user, coupon, markers, lines, raw)
  if not settings.allowStacking then rules = largest(rules, lines, raw) end

  local off, result = { sum = 0 }, { order_rules = {}, product_rules = {} }
  for _, rule in ipairs(products_first(rules)) do
    apply(rule, lines, raw, off)
    local list = rule.applicability == "TO_ORDER" and result.order_rules or result.product_rules
    list[#list + 1] = rule
    if rule == coupon then result.coupon_applied = true end
  end
  for _, line in ipairs(lines) do
    line.discounted = off[line] and line.price - off[line] or nil
  end

  local cap = json.given(settings.maxDiscountValue)
  result.raw, result.coupon, result.markers = raw, coupon, markers
  result.discount = cap and math.min(off.sum, cents(cap)) or off.sum
  result.discounted = raw - result.discount
  result.bonus, result.most_bonus = bonus_of(app, user, input, result.discounted)
  result.due = result.discounted - result.bonus
  return result
end

local function discount_value(rule)
  return { applicability = rule.applicability, discountType = rule.discountType, value = rule.value }
end

local function shown(rules)
  local list = json.list()
  for i, rule in ipairs(rules) do
    list[i] = { id = rule.id, name = rule.identifier, discountValue = discount_value(rule) }
  end
  return list
end

local function shown_coupon(result)
  local coupon = result.coupon
  if not coupon then return json.null end
  return {
    code = coupon.code, valid = true, applied = result.coupon_applied or false,
    discountId = coupon.id, discountIdentifier = coupon.identifier, discountValue = discount_value(coupon),
  }
end

local function shown_bonus(app, user, result)
  if user.bonus == 0 then return json.null end
  return {
    availableBalance = totals.units(user.bonus), bonusApplied = totals.units(result.bonus),
    maxBonusDiscount = totals.units(result.most_bonus),
    minBonusAmount = app.choices.discounts.minBonusAmount,
    minOrderAmountForBonus = app.choices.discounts.minOrderAmountForBonus,
  }
end

--- The discountConfig object of orders and previews.
function totals.discount_config(app, user, result)
  local settings = json.object()
  for name, value in pairs(app.choices.discounts) do settings[name] = value end
  return {
    bonus = shown_bonus(app, user, result),
    coupon = shown_coupon(result),
    orderDiscounts = shown(result.order_rules),
    productDiscounts = shown(result.product_rules),
    settings = settings,
    additionalDiscountsMarkers = result.markers,
    excludedGiftProductIds = json.list(),
    bonusApplied = totals.units(result.bonus),
    totalDue = totals.units(result.due),
    totalRaw = totals.units(result.raw),
    totalSumWithDiscount = totals.units(result.discounted),
  }
end

return totals
