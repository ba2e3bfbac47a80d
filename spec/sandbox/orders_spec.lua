-- The sandbox's Orders: storages, statuses, create, read, update. Money has a spec of its own.
local client = require "support.sandbox.app"
local text = require("oneentry.sandbox.rules.choices").text

local refused, null, ORDERS = client.refused, client.null, client.ORDERS
local STORAGES = "/api/content/orders-storage"
local NO_MARKER = "formData's marker 'undefined' marker is required"
local NOT_CONNECTED = "Your payment account is not connected"

local function field(marker, value, kind)
  return { marker = marker, type = kind or "string", value = value }
end

-- formData with a valid name and one more field.
local function form(...)
  return { en_US = { field("name", "Christina Thomas"), ... } }
end

describe("orders storages", function()
  local shop = client.signed_in()
  local orders = {
    id = 1, identifier = "orders", formIdentifier = "order", generalTypeId = 21, position = 1,
    localizeInfos = { en_US = { title = "Orders" } },
    paymentAccountIdentifiers = { { identifier = "cash" }, { identifier = "stripe" } },
  }

  it("are listed as a plain list", function()
    local list, status = shop:get(STORAGES .. "?langCode=en_US&limit=30&offset=0")
    assert.are.equal(200, status)
    assert.are.same({ orders }, list)
  end)

  it("are read by marker", function()
    local storage, status = shop:get(STORAGES .. "/marker/orders?langCode=en_US")
    assert.are.equal(200, status)
    assert.are.same(orders, storage)
  end)

  it("are 404 when unknown, on every route", function()
    local unknown = STORAGES .. "/marker/unknown"
    refused(404, text.storage_not_found, shop:get(unknown))
    refused(404, text.storage_not_found, shop:get(unknown .. "/orders"))
    refused(404, text.storage_not_found, shop:get(unknown .. "/orders/116"))
    refused(404, text.storage_not_found, shop:get(unknown .. "/order-statuses"))
    refused(404, text.storage_not_found, shop:post(unknown .. "/orders", client.order()))
    refused(404, text.storage_not_found, shop:put(unknown .. "/orders/116", client.order()))
  end)

  it("need a user, the statuses do not", function()
    local guest = client.new()
    refused(401, "Unauthorized", guest:get(STORAGES))
    refused(401, "Unauthorized", guest:get(STORAGES .. "/marker/orders"))
    refused(401, "Unauthorized", guest:get(ORDERS))
    refused(401, "Unauthorized", guest:get(ORDERS .. "/116"))
    refused(401, "Unauthorized", guest:post(ORDERS, client.order()))
    refused(401, "Unauthorized", guest:put(ORDERS .. "/116", client.order()))
    refused(401, "Unauthorized", guest:post(STORAGES .. "/orders/preview", {}))
    local list, status = guest:get(STORAGES .. "/marker/orders/order-statuses?langCode=en_US")
    assert.are.equal(200, status)
    assert.are.same({
      id = 1, identifier = "upcoming", localizeInfos = { en_US = { title = "Upcoming" } },
      isDefault = true, isUsed = true, position = 1,
    }, list[1])
    assert.are.equal("completed", guest:get(STORAGES .. "/marker/orders/order-statuses?offset=2&limit=1")[1].identifier)
  end)
end)

describe("createOrder", function()
  local shop
  before_each(function() shop = client.signed_in() end)

  it("is not idempotent", function()
    assert.are.equal(116, shop:create_order().id)
    assert.are.equal(117, shop:create_order().id)
  end)

  it("takes a known status and falls back to the default one", function()
    assert.are.equal("completed", shop:create_order({ statusIdentifier = "completed" }).statusIdentifier)
    assert.are.equal("upcoming", shop:create_order({ statusIdentifier = "unknown" }).statusIdentifier)
  end)

  it("takes orders without products, and makes one line of a repeated product", function()
    local booking, status = shop:create_order { products = {} }
    assert.are.equal(201, status)
    assert.are.equal(0, booking.totalSum)
    local twice = shop:create_order { products = { { productId = 15, quantity = 1 }, { productId = 15, quantity = 2 } } }
    assert.are.same({ { productId = 15, quantity = 3 } }, twice.products)
    assert.are.equal(1200, twice.totalSum)
  end)

  it("checks form and payment account", function()
    refused(400, text.form_mismatch:format("reg"), shop:create_order { formIdentifier = "reg" })
    refused(400, text.form_mismatch:format("nil"), shop:post(ORDERS, {}))
    refused(400, text.account_missing, shop:create_order { paymentAccountIdentifier = null })
    refused(400, NOT_CONNECTED, shop:create_order { paymentAccountIdentifier = "unknown" })
  end)

  it("refuses accounts that are not linked to the storage, or not connected", function()
    local function more_accounts(seed)
      seed.storages[1].account_identifiers = { "cash" }
      seed.accounts[1].status = "not_connected"
      seed.accounts[1].testMode = true
    end
    shop = client.signed_in { seed = more_accounts }
    refused(400, NOT_CONNECTED, shop:create_order { paymentAccountIdentifier = "stripe" })
    refused(400, NOT_CONNECTED, shop:create_order())
  end)

  it("can leave the check of the connection to createSession", function()
    shop = client.signed_in {
      seed = function(seed) seed.accounts[1].status = "not_connected" end,
      choices = { check_account_on_order = false },
    }
    local order, status = shop:create_order()
    assert.are.equal(201, status)
    refused(400, NOT_CONNECTED, shop:create_session(order.id))
  end)

  it("checks products", function()
    local function with(products) return shop:create_order { products = products } end
    refused(400, "Product 99 not found", with { { productId = 99, quantity = 1 } })
    for _, quantity in ipairs { 0, -1, 1.5, "1", 100001 } do
      refused(400, text.quantity:format("100000"), with { { productId = 15, quantity = quantity } })
    end
    refused(400, text.quantity:format("100000"), with { { productId = 15 } })
    refused(400, text.products_list, with { { id = 15, quantity = 1 } })
    refused(400, text.products_list, with { 15 })
    refused(400, text.products_list, with "15")
    refused(400, text.products_list, with { productId = 15 })
  end)

  it("takes a signed price while it is fresh", function()
    local function with(token)
      return shop:create_order { products = { { productId = 15, quantity = 2, signedPrice = token } } }
    end
    local token = shop.app:sign_price(15, 350.5)
    assert.are.equal(701, with(token).totalSum)
    refused(400, text.signed_price, with "unknown")
    refused(400, text.signed_price, with(shop.app:sign_price(16, 1)))
    shop:advance(600)
    refused(400, text.signed_price, with(token))
  end)

  it("keeps the price of the moment", function()
    shop:create_order()
    shop.app.store:product(15).price = 99900
    assert.are.equal("400.00", shop:get(ORDERS .. "/116").totalSum)
  end)

  it("leaves nothing behind when it refuses", function()
    shop:create_order { products = { { productId = 99, quantity = 1 } } }
    shop:create_order { couponCode = "PAST" }
    assert.are.equal(0, shop:get(ORDERS).total)
    assert.are.equal(116, shop:create_order().id)
  end)
end)

describe("formData", function()
  local shop
  before_each(function() shop = client.signed_in() end)

  it("must be keyed by locale once", function()
    local name = field("name", "C")
    refused(400, NO_MARKER, shop:create_order { formData = { name } })
    refused(400, NO_MARKER, shop:create_order { formData = name })
    refused(400, NO_MARKER, shop:create_order { formData = { en_US = { { en_US = { name } } } } })
    refused(400, NO_MARKER, shop:create_order { formData = { en_US = name } })
    refused(400, NO_MARKER, shop:create_order { formData = { english = { name } } })
    refused(400, NO_MARKER, shop:create_order { formData = { en_US = { null } } })
    refused(400, NO_MARKER, shop:create_order { formData = "text" })
  end)

  it("must have the required fields, with a value", function()
    local MISSING = "required values are missing or incorrect: name"
    refused(400, MISSING, shop:create_order { formData = null })
    refused(400, MISSING, shop:create_order { formData = { en_US = {} } })
    refused(400, MISSING, shop:create_order { formData = { en_US = { field("name", "") } } })
    refused(400, MISSING, shop:create_order { formData = { en_US = { field("address", "x") } } })
  end)

  it("must have no foreign markers; that is said before what is missing", function()
    refused(400, text.foreign_marker:format("x"), shop:create_order { formData = { en_US = { field("x", "1") } } })
  end)

  it("says what is missing before what has the wrong type", function()
    refused(400, "required values are missing or incorrect: name",
      shop:create_order { formData = { en_US = { field("persons", "many", "integer") } } })
  end)

  it("takes every type in its shape", function()
    local moment = { fullDate = "2026-01-01T10:00:00.000Z", formattedValue = "01-01-2026", formatString = "DD-MM-YYYY" }
    local file = { filename = "a.png", downloadLink = "https://files.example.com/a.png", size = 1 }
    local order, status = shop:create_order { formData = form(
      field("persons", 2, "integer"), field("persons", "2", "integer"), field("weight", 1.5, "float"),
      field("date", moment, "date"), field("time", moment, "time"), field("date_time", moment, "dateTime"),
      field("comment", { { plainValue = "x" }, { htmlValue = "<p>x</p>" }, { mdValue = "x" } }, "text"),
      field("delivery", { "courier" }, "list"), field("packing", { { value = "box" } }, "radioButton"),
      field("interval", { { "2026-01-01T10:00:00.000Z", "2026-01-01T11:00:00.000Z" } }, "timeInterval"),
      field("items", { 15, "p-16" }, "entity"), field("photo", { file }, "image"), field("document", { file }, "file"),
      field("email", "a@b.com"), field("phone", "+49 (30) 123-45"), field("address", "")) }
    assert.are.equal(201, status)
    assert.are.equal(17, #order.formData.en_US)
  end)

  it("takes no other shapes", function()
    local wrong = {
      address = { 1, { "x" } }, persons = { 1.5, "many" }, weight = { "heavy", { 1 } },
      date = { "2026-01-01", { formattedValue = "x" } }, comment = { "x", { { other = "x" } } },
      delivery = { "courier", { 1 } }, interval = { { "a", "b" }, { { "a" } } }, items = { 15, { { id = 15 } } },
      photo = { { filename = "a" }, { { filename = "a" } } },
    }
    local types = {
      address = "string", persons = "integer", weight = "float", date = "date", comment = "text", delivery = "list",
      interval = "timeInterval", items = "entity", photo = "image",
    }
    for marker, values in pairs(wrong) do
      for _, value in ipairs(values) do
        refused(400, text.form_type:format(marker, types[marker]),
          shop:create_order { formData = form(field(marker, value, types[marker])) })
      end
    end
  end)

  it("takes list values from the list only", function()
    refused(400, text.list_value:format("delivery"),
      shop:create_order { formData = form(field("delivery", { "courier", "pigeon" }, "list")) })
    refused(400, text.list_value:format("packing"),
      shop:create_order { formData = form(field("packing", { { value = "none" } }, "radioButton")) })
  end)

  it("collects the complaints of validators", function()
    refused(400, { "email must be an email", "phone must be a phone number" },
      shop:create_order { formData = form(field("email", "x"), field("phone", "x")) })
  end)
end)

describe("order reads", function()
  local shop
  before_each(function() shop = client.signed_in() end)

  local item = {
    id = 116, storageId = 1, createdDate = "2025-04-24T11:33:49.101Z", statusIdentifier = "upcoming",
    statusLocalizeInfos = { en_US = { title = "Upcoming" } }, formIdentifier = "order",
    formData = { field("name", "Christina Thomas") }, attributeSetIdentifier = "order", totalSum = "400.00",
    currency = "USD", paymentAccountIdentifier = "cash", paymentAccountLocalizeInfos = { en_US = { title = "Cash" } },
    paymentUrl = null, isCompleted = null,
    products = {
      { id = 15, title = "Hair colouring", sku = "hc-15", previewImage = null, price = 400, quantity = 1, isGift = false },
    },
  }

  it("list own orders, newest first", function()
    shop:create_order()
    local other = shop:visitor()
    other:sign_in("other@example.com", "other-password")
    other:create_order()
    shop:create_order()
    local page, status = shop:get(ORDERS .. "?langCode=en_US&limit=30&offset=0")
    assert.are.equal(200, status)
    assert.are.equal(2, page.total)
    assert.are.equal(118, page.items[1].id)
    assert.are.same(item, page.items[2])
  end)

  it("have more in a single order", function()
    local created = shop:create_order()
    local order, status = shop:get(ORDERS .. "/116?langCode=en_US")
    assert.are.equal(200, status)
    assert.are.same(client.copy(item, {
      discountConfig = created.discountConfig, totalSumRaw = "400.00", isPartial = null, paymentStrategy = "once",
      split = null,
    }), order)
  end)

  it("are 404 for another user's order and for unknown ones", function()
    local other = shop:visitor()
    other:sign_in("other@example.com", "other-password")
    other:create_order()
    refused(404, text.order_not_found, shop:get(ORDERS .. "/116"))
    refused(404, text.order_not_found, shop:put(ORDERS .. "/116", client.order()))
    refused(404, text.order_not_found, shop:get("/api/content/orders/116/refund"))
    refused(404, text.order_not_found, shop:get("/api/content/payments/sessions/order/116"))
    refused(404, text.order_not_found, shop:create_session(116))
    refused(404, text.order_not_found, shop:get(ORDERS .. "/117"))
  end)

  it("keep storages apart", function()
    shop = client.signed_in { seed = function(seed)
      seed.storages[2] = client.copy(seed.storages[1], { id = 2, identifier = "bookings" })
    end }
    shop:create_order()
    local bookings = STORAGES .. "/marker/bookings/orders"
    assert.are.equal(0, shop:get(bookings).total)
    refused(404, text.order_not_found, shop:get(bookings .. "/116"))
  end)

  it("show formData of the language, or of one that is there", function()
    shop:create_order { formData = { de_DE = { field("name", "Chris") }, en_US = { field("name", "Christina") } } }
    assert.are.equal("Christina", shop:get(ORDERS .. "/116?langCode=en_US").formData[1].value)
    assert.are.equal("Chris", shop:get(ORDERS .. "/116?langCode=fr_FR").formData[1].value)
    assert.are.equal("Chris", shop:get(ORDERS .. "/116").formData[1].value)
  end)

  it("can have an empty currency", function()
    shop = client.signed_in { choices = { read_currency = "" } }
    assert.are.equal("USD", shop:create_order().currency)
    assert.are.equal("", shop:get(ORDERS .. "/116").currency)
  end)
end)

describe("updateOrder", function()
  local shop
  local ONE = ORDERS .. "/116?langCode=en_US"
  before_each(function()
    shop = client.signed_in()
    shop:create_order()
  end)

  it("replaces formData, account and lines, and computes anew", function()
    local order, status = shop:put(ONE, client.order {
      formData = { en_US = { field("name", "Chris") } }, paymentAccountIdentifier = "stripe",
      products = { { productId = 16, quantity = 2 } },
    })
    assert.are.equal(200, status)
    assert.are.equal(116, order.id)
    assert.are.equal(33, order.totalSum)
    assert.are.equal("stripe", order.paymentAccountIdentifier)
    assert.are.equal("Chris", order.formData.en_US[1].value)
    local read = shop:get(ONE)
    assert.are.equal("33.00", read.totalSum)
    assert.is_false(read.isCompleted)
  end)

  it("keeps lines and formData that are not sent", function()
    local order = shop:put(ONE, { paymentAccountIdentifier = "cash", statusIdentifier = "completed" })
    assert.are.equal("completed", order.statusIdentifier)
    assert.are.equal(400, order.totalSum)
    assert.are.equal("Christina Thomas", order.formData.en_US[1].value)
  end)

  it("checks what is sent, and a refused update changes nothing", function()
    refused(400, "Order must have a payment", shop:put(ONE, { statusIdentifier = "canceled" }))
    refused(400, NOT_CONNECTED, shop:put(ONE, { paymentAccountIdentifier = "unknown" }))
    refused(400, text.form_mismatch:format("reg"), shop:put(ONE, client.order { formIdentifier = "reg" }))
    refused(400, text.unknown_status:format("nowhere"), shop:put(ONE, client.order { statusIdentifier = "nowhere" }))
    refused(400, NO_MARKER, shop:put(ONE, client.order { formData = { field("name", "x") } }))
    refused(400, "Product 99 not found", shop:put(ONE, client.order {
      statusIdentifier = "completed", products = { { productId = 99, quantity = 1 } } }))
    refused(404, text.order_not_found, shop:put(ORDERS .. "/117", client.order()))
    assert.are.equal("upcoming", shop:get(ONE).statusIdentifier)
  end)
end)
