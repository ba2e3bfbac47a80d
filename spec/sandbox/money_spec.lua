-- The sandbox's money: totals, discounts, coupons, bonuses, refunds. No cent may get lost.
local client = require "support.sandbox.app"
local text = require("oneentry.sandbox.rules.choices").text

local refused, null, ORDERS = client.refused, client.null, client.ORDERS
local PREVIEW = "/api/content/orders-storage/orders/preview?langCode=en_US"

-- { product id, quantity, ... } as the API wants it.
local function products(...)
  local list, numbers = {}, { ... }
  for i = 1, #numbers, 2 do list[#list + 1] = { productId = numbers[i], quantity = numbers[i + 1] } end
  return list
end

local function discounts(settings)
  return client.signed_in { choices = { discounts = settings } }
end

-- Previews and asserts the three sums; returns the preview.
local function expect(shop, body, total, discounted, due)
  local preview, status = shop:post(PREVIEW, body)
  assert.are.equal(201, status)
  assert.are.same({ total, discounted, due }, { preview.totalSum, preview.totalSumWithDiscount, preview.totalDue })
  return preview
end

describe("totals", function()
  local shop = client.signed_in()

  -- Products: 14 = 340.00, 15 = 400.00, 16 = 16.50, 17 = 3.33, 18 = 0.01
  local cases = {
    { "one product", products(15, 1), nil, 400, 400 },
    { "several lines", products(15, 2, 14, 1), nil, 1140, 1140 },
    { "odd cents times three", products(17, 3), nil, 9.99, 9.99 },
    { "a tenth of a thousandth", products(18, 100000), nil, 1000, 1000 },
    { "sums that doubles get wrong (3.33 + 16.50 + 0.01 * 7)", products(17, 1, 16, 1, 18, 7), nil, 19.9, 19.9 },
    { "percentage off the order", products(15, 1), "SAVE10", 400, 360 },
    { "percentage of odd cents, rounded half up (1.65 -> 14.85)", products(16, 1), "SAVE10", 16.5, 14.85 },
    { "percentage that rounds to nothing (0.001 -> 0)", products(18, 1), "SAVE10", 0.01, 0.01 },
    { "percentage that rounds up (0.333 -> 0.33)", products(17, 1), "SAVE10", 3.33, 3 },
    { "percentage with decimals (33.33 % of 3.33 = 1.109889)", products(17, 1), "ODD", 3.33, 2.22 },
    { "fixed amount off the order", products(16, 1), "MINUS5", 16.5, 11.5 },
    { "fixed amount above the order", products(17, 1), "MINUS5", 3.33, 0 },
    { "percentage off some products (20 % of 3.33 = 0.67 a piece)", products(17, 3, 15, 1), "CREAM20", 409.99, 407.98 },
    { "fixed amount off each piece", products(16, 2, 15, 1), "CREAM3", 433, 427 },
    { "fixed amount above a product's price", products(17, 1), "CREAM3", 3.33, 0.33 },
    { "coupon for products that are not there", products(15, 1), "CREAM20", 400, 400 },
    { "coupon for larger orders", products(15, 1), "BIG50", 400, 400 },
    { "coupon for larger orders, reached exactly", products(18, 100000), "BIG50", 1000, 950 },
    { "nothing at all", {}, "SAVE10", 0, 0 },
  }
  for _, case in ipairs(cases) do
    it("are right for " .. case[1], function()
      local preview = expect(shop, { products = case[2], couponCode = case[3] }, case[4], case[5], case[5])
      assert.are.equal("USD", preview.currency)
      local created = shop:create_order { products = case[2], couponCode = case[3] }
      assert.are.equal(case[4], created.totalSum)
      assert.are.equal(case[5], created.totalDue)
      assert.are.equal(case[5], created.discountConfig.totalSumWithDiscount)
      assert.are.equal(case[4], created.discountConfig.totalRaw)
      assert.are.equal(("%.2f"):format(case[4]), shop:get(ORDERS .. "/" .. created.id).totalSum)
    end)
  end

  it("show the lines of a preview", function()
    local preview = shop:post(PREVIEW, { products = products(17, 3, 15, 1), couponCode = "CREAM20" })
    assert.are.same({
      { id = 17, price = 3.33, quantity = 3, discountPrice = 2.66, isGift = false },
      { id = 15, price = 400, quantity = 1, discountPrice = null, isGift = false },
    }, preview.orderPreview)
    assert.are.same({}, shop:post(PREVIEW, {}).orderPreview)
  end)

  it("are refused for what cannot be computed", function()
    refused(400, "Product 99 not found", shop:post(PREVIEW, { products = products(99, 1) }))
    refused(400, text.quantity:format("100000"), shop:post(PREVIEW, { products = products(15, 0) }))
    refused(400, text.products_list, shop:post(PREVIEW, { products = "x" }))
  end)

  it("can be shown after the discount", function()
    local other = client.signed_in { choices = { order_total_sum = "discounted", preview_status = 200 } }
    assert.are.equal(360, other:create_order({ couponCode = "SAVE10" }).totalSum)
    local order = other:get(ORDERS .. "/116")
    assert.are.same({ "360.00", "400.00" }, { order.totalSum, order.totalSumRaw })
    local _, status = other:post(PREVIEW, {})
    assert.are.equal(200, status)
  end)
end)

describe("coupons", function()
  local shop
  before_each(function() shop = client.signed_in() end)

  it("are shown in discountConfig", function()
    local config = expect(shop, { products = products(15, 1), couponCode = "SAVE10" }, 400, 360, 360).discountConfig
    local value = { applicability = "TO_ORDER", discountType = "PERCENTAGE", value = 10 }
    assert.are.same({
      code = "SAVE10", valid = true, applied = true, discountId = 1, discountIdentifier = "save10", discountValue = value,
    }, config.coupon)
    assert.are.same({ { id = 1, name = "save10", discountValue = value } }, config.orderDiscounts)
    assert.are.same({}, config.productDiscounts)
    config = shop:post(PREVIEW, { products = products(16, 1), couponCode = "CREAM3" }).discountConfig
    assert.are.equal("cream3", config.productDiscounts[1].name)
    assert.are.same({}, config.orderDiscounts)
  end)

  it("that do not apply are valid, but take nothing off", function()
    local config = expect(shop, { products = products(15, 1), couponCode = "BIG50" }, 400, 400, 400).discountConfig
    assert.is_true(config.coupon.valid)
    assert.is_false(config.coupon.applied)
    assert.are.same({}, config.orderDiscounts)
  end)

  it("are refused when unknown or past, in previews and orders", function()
    for _, code in ipairs { "NOSUCH", "PAST", "save10", { 1 } } do
      refused(400, text.bad_coupon, shop:post(PREVIEW, { products = products(15, 1), couponCode = code }))
      refused(400, text.bad_coupon, shop:create_order { couponCode = code })
    end
  end)

  it("may be empty", function()
    expect(shop, { products = products(15, 1), couponCode = "" }, 400, 400, 400)
    expect(shop, { products = products(15, 1), couponCode = null }, 400, 400, 400)
  end)

  it("may be used again, also after a payment", function()
    local _, session = shop:open_payment { couponCode = "SAVE10" }
    shop:pay(session.id, "completed")
    assert.are.equal(360, shop:create_order({ couponCode = "SAVE10" }).totalDue)
  end)

  it("for single use are spent with the payment", function()
    local _, session = shop:open_payment { couponCode = "ONCE-7F3A" }
    assert.are.equal(399, session.amount)
    expect(shop, { products = products(15, 1), couponCode = "ONCE-7F3A" }, 400, 399, 399)
    shop:pay(session.id, "completed")
    refused(400, text.bad_coupon, shop:create_order { couponCode = "ONCE-7F3A" })
  end)
end)

describe("personal discounts", function()
  local body = { products = products(15, 1), additionalDiscountsMarkers = { "regular", "staff", "unknown", "regular" } }

  it("count for those who are entitled, other markers are ignored", function()
    local shop = client.signed_in()
    local preview = expect(shop, body, 400, 380, 380)
    assert.are.same(body.additionalDiscountsMarkers, preview.discountConfig.additionalDiscountsMarkers)
    assert.are.equal(1, #preview.discountConfig.orderDiscounts)
    shop:sign_in("other@example.com", "other-password")
    expect(shop, body, 400, 400, 400)
  end)

  it("do not add up with a coupon: the larger one counts", function()
    local shop = client.signed_in()
    local larger = client.copy(body, { couponCode = "SAVE10" })
    expect(shop, larger, 400, 360, 360)
    local smaller = client.copy(body, { couponCode = "MINUS5" })
    local preview = expect(shop, smaller, 400, 380, 380)
    assert.is_false(preview.discountConfig.coupon.applied)
  end)

  it("add up where stacking is allowed, products first", function()
    local shop = discounts { allowStacking = true }
    -- 4 * (16.50 - 3.30) = 52.80, less 5 % = 2.64
    expect(shop, client.copy(body, { products = products(16, 4), couponCode = "CREAM20" }), 66, 50.16, 50.16)
    -- 400 - 10 % = 360, less 5 % of that
    expect(shop, client.copy(body, { couponCode = "SAVE10" }), 400, 342, 342)
  end)

  it("stay below the instance's limit", function()
    local shop = discounts { maxDiscountValue = 15.5 }
    expect(shop, body, 400, 384.5, 384.5)
    assert.are.equal(15.5, shop:post(PREVIEW, body).discountConfig.settings.maxDiscountValue)
  end)

  it("are asked for with a list of texts", function()
    local shop = client.signed_in()
    for _, markers in ipairs { "regular", { 1 }, { regular = true } } do
      refused(400, text.bad_markers, shop:post(PREVIEW, client.copy(body, { additionalDiscountsMarkers = markers })))
    end
  end)
end)

describe("bonuses", function()
  local function preview(shop, product, amount, due)
    local result = shop:post(PREVIEW, { products = products(product, 1), bonusAmount = amount })
    assert.are.equal(due, result.totalDue)
    assert.are.equal(result.discountConfig.bonusApplied, result.bonusApplied)
    return result
  end

  it("are clamped to what is due", function()
    local result = preview(client.signed_in(), 16, 50, 0)
    assert.are.equal(16.5, result.bonusApplied)
    assert.are.same({
      availableBalance = 100, bonusApplied = 16.5, maxBonusDiscount = 16.5, minBonusAmount = null,
      minOrderAmountForBonus = null,
    }, result.discountConfig.bonus)
  end)

  it("are clamped to the balance", function()
    local shop = client.signed_in()
    assert.are.equal(100, preview(shop, 15, 250, 300).bonusApplied)
    assert.are.equal(100, preview(shop, 15, 1e300, 300).bonusApplied)
    shop:sign_in("other@example.com", "other-password")
    assert.are.equal(null, preview(shop, 15, 250, 400).discountConfig.bonus)
  end)

  it("keep odd cents", function()
    assert.are.equal(3.32, preview(client.signed_in(), 17, 3.32, 0.01).bonusApplied)
    assert.are.equal(0.07, preview(client.signed_in(), 17, 0.07, 3.26).bonusApplied)
  end)

  it("stay within the instance's settings", function()
    preview(discounts { maxBonusPaymentPercent = 50 }, 17, 3.33, 1.67)
    preview(discounts { minOrderAmountForBonus = 20 }, 16, 10, 16.5)
    preview(discounts { minOrderAmountForBonus = 16.5 }, 16, 10, 6.5)
    preview(discounts { minBonusAmount = 5 }, 16, 4.99, 16.5)
    preview(discounts { minBonusAmount = 5 }, 16, 5, 11.5)
  end)

  it("come after the discount", function()
    local shop = client.signed_in()
    local result = shop:post(PREVIEW, { products = products(16, 1), couponCode = "SAVE10", bonusAmount = 50 })
    assert.are.same({ 16.5, 14.85, 14.85, 0 },
      { result.totalSum, result.totalSumWithDiscount, result.bonusApplied, result.totalDue })
  end)

  it("must be a number not below 0", function()
    local shop = client.signed_in()
    for _, amount in ipairs { -1, "5" } do
      refused(400, text.bad_bonus, shop:post(PREVIEW, { products = products(15, 1), bonusAmount = amount }))
    end
  end)

  it("are spent with the payment", function()
    local shop = client.signed_in()
    local order, session = shop:open_payment { bonusAmount = 30.25 }
    assert.are.same({ 30.25, 369.75 }, { order.bonusApplied, session.amount })
    assert.are.equal(100, shop:create_order({ bonusAmount = 500 }).bonusApplied)
    shop:pay(session.id, "completed")
    assert.are.equal(69.75, shop:create_order({ bonusAmount = 500 }).bonusApplied)
  end)
end)

describe("refunds", function()
  local shop, order
  local PATH = "/api/content/orders/116/refund"
  before_each(function()
    shop = client.signed_in()
    local session
    order, session = shop:open_payment { products = products(17, 3, 15, 1), couponCode = "MINUS5" }
    shop:pay(session.id, "completed")
  end)

  local function ask(quantities, note)
    local asked = {}
    for id, quantity in pairs(quantities) do asked[id] = { quantity = quantity } end
    return shop:post(PATH, { products = asked, note = note })
  end

  it("are listed, asked for and withdrawn", function()
    assert.are.same({}, (shop:get(PATH)))
    local value, status = ask({ ["17"] = 2 }, "Too many")
    assert.are.equal(201, status)
    assert.is_true(value)
    local list, listed = shop:get(PATH)
    assert.are.equal(200, listed)
    assert.are.same({ {
      id = 1, createdDate = "2025-04-24T11:33:49.101Z", status = "requested", amount = 6.58, note = "Too many",
      products = { ["17"] = { quantity = 2 } }, orderId = order.id, orderStorageId = 1, userId = 16,
      orderStorage = { id = 1, identifier = "orders" }, user = { id = 16, identifier = "user@example.com" },
    } }, list)
    local withdrawn, deleted = shop:delete(PATH)
    assert.are.equal(200, deleted)
    assert.is_true(withdrawn)
    assert.are.same({}, (shop:get(PATH)))
    refused(404, "Request not found", shop:delete(PATH))
  end)

  it("of everything give back what was paid", function()
    assert.are.equal(404.99, order.totalDue)
    ask { ["17"] = 3, ["15"] = 1 }
    assert.are.equal(404.99, shop:get(PATH)[1].amount)
  end)

  it("must match the order, earlier requests included", function()
    for _, wrong in ipairs { { ["17"] = 4 }, { ["16"] = 1 }, { ["17"] = 0 }, { ["17"] = 0.5 }, { x = 1 }, {} } do
      refused(400, text.refund_products, ask(wrong))
    end
    refused(400, text.refund_products, shop:post(PATH, {}))
    refused(400, text.refund_products, shop:post(PATH, { products = { 1 } }))
    ask { ["17"] = 2 }
    refused(400, text.refund_products, ask { ["17"] = 2 })
    assert.is_true((ask { ["17"] = 1 }))
    assert.are.equal(2, #shop:get(PATH))
  end)

  it("need a paid order", function()
    shop:open_payment()
    local path = "/api/content/orders/117/refund"
    refused(404, "You cannot refund uncompleted order", shop:post(path, { products = { ["15"] = { quantity = 1 } } }))
    refused(404, "Request not found", shop:delete(path))
  end)

  it("need an own order and a user", function()
    refused(404, text.order_not_found, shop:get("/api/content/orders/999/refund"))
    shop:sign_in("other@example.com", "other-password")
    refused(404, text.order_not_found, ask { ["17"] = 1 })
    refused(404, text.order_not_found, shop:delete(PATH))
    shop.headers.authorization = nil
    refused(401, "Unauthorized", shop:get(PATH))
    refused(401, "Unauthorized", ask { ["17"] = 1 })
    refused(401, "Unauthorized", shop:delete(PATH))
  end)
end)

describe("S11: what was paid", function()
  local function products_of(id, quantity) return { { productId = id, quantity = quantity } } end
  local function refund(shop, order, id, quantity)
    return shop:post(("/api/content/orders/%d/refund"):format(order.id), { products = { [tostring(id)] = { quantity = quantity } } })
  end
  local function refunded(shop, order)
    local sum = 0
    for _, entry in ipairs(shop:get(("/api/content/orders/%d/refund"):format(order.id))) do
      sum = sum + math.floor(entry.amount * 100 + 0.5)
    end
    return sum
  end

  it("is all that is given back, in whatever parts", function()
    local shop = client.signed_in()
    local order, session = shop:open_payment { products = products_of(18, 5), couponCode = "SAVE10" }
    shop:pay(session.id, "completed")
    for _ = 1, 5 do assert.is_true((refund(shop, order, 18, 1))) end
    assert.are.equal(math.floor(session.amount * 100 + 0.5), refunded(shop, order))
  end)

  it("cannot become another order", function()
    local shop = client.signed_in()
    local order, session = shop:open_payment { products = products_of(18, 1) }
    shop:pay(session.id, "completed")
    local change = client.order { paymentAccountIdentifier = "stripe", products = products_of(15, 10) }
    refused(400, text.order_paid, shop:put(client.ORDERS .. "/" .. order.id, change))
    local same = client.order { paymentAccountIdentifier = "stripe", products = products_of(18, 1) }
    assert.are.equal(0.01, (shop:put(client.ORDERS .. "/" .. order.id, same)).totalSum)
    assert.are.equal(200, select(2, shop:get(client.ORDERS .. "/" .. order.id)))
  end)

  it("is what the page asked for, when the order was changed meanwhile", function()
    local shop = client.signed_in()
    local order, session = shop:open_payment { products = products_of(18, 1) }
    shop:put(client.ORDERS .. "/" .. order.id, client.order { paymentAccountIdentifier = "stripe", products = products_of(15, 1) })
    assert.are.equal(400, (shop:get("/api/content/payments/sessions/" .. session.id)).amount)
    assert.matches("400.00", shop:raw("GET", "/__sandbox/pay/" .. session.id).body, 1, true)
  end)

  it("has a coupon for single use in one order only", function()
    local shop = client.signed_in()
    local _, first = shop:open_payment { couponCode = "ONCE-7F3A" }
    local second = shop:create_order { couponCode = "ONCE-7F3A", paymentAccountIdentifier = "stripe" }
    refused(400, text.bad_coupon, shop:create_session(second.id))
    shop:pay(first.id, "canceled")
    assert.are.equal(201, select(2, shop:create_session(second.id)))
  end)

  it("has a bonus once", function()
    local shop = client.signed_in()
    local _, first = shop:open_payment { bonusAmount = 100 }
    local second = shop:create_order { bonusAmount = 100, paymentAccountIdentifier = "stripe" }
    refused(400, text.bonus_spent, shop:create_session(second.id))
    shop:pay(first.id, "completed")
    refused(400, text.bonus_spent, shop:create_session(second.id))
    shop:put(client.ORDERS .. "/" .. second.id, client.order { paymentAccountIdentifier = "stripe" })
    assert.are.equal(201, select(2, shop:create_session(second.id)))
  end)
end)
