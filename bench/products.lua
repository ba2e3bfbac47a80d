-- A page of products as JSON text, every kind of attribute in it: localized texts, numbers written as texts, images, lists,
-- additional fields, schedules.
local dkjson = require "dkjson"

local products = {}

local TEXT = "A text that a shop has for each of its products, some lines long, with a few words of its own; "

local function attribute(kind, value, position, fields)
  return { type = kind, value = value, position = position, isProductPreview = position < 3, isIcon = false,
    additionalFields = fields or {} }
end

local function image(id, i)
  local path = ("files/project/product/%d/image-%d.png"):format(id, i)
  return { filename = path, downloadLink = "https://files.example.com/" .. path, size = 18000 + id,
    previewLink = "https://files.example.com/previews/" .. path, contentType = "image/png", defaultPreview = "preview", params = {
      isImageCompressed = true } }
end

local function attributes(id)
  local all = {
    title = attribute("string", "Product number " .. id, 1),
    description = attribute("text", { { htmlValue = "<p class=\"long\">" .. TEXT:rep(3) .. "</p>", plainValue = "",
      params = { isEditorDisabled = false, isImageCompressed = true } } }, 2),
    price = attribute("float", ("%d.50"):format(id * 3), 3, {
      { type = "string", value = "USD", marker = "currency" }, { type = "integer", value = "20", marker = "tax" } }),
    quantity = attribute("integer", id % 40, 4),
    weight = attribute("real", id / 8, 5),
    sku = attribute("string", ("SKU-%06d"):format(id), 6),
    color = attribute("list", { { title = "Dark \"blue\"", value = "dark_blue", position = 1, extended = { type = "string",
      value = "#00008b" } } }, 7),
    size = attribute("radioButton", { { title = "Large", value = "l", position = 3 } }, 8),
    picture = attribute("image", { image(id, 1) }, 9),
    gallery = attribute("groupOfImages", { image(id, 2), image(id, 3), image(id, 4) }, 10),
    manual = attribute("file", { { filename = "files/manual.pdf", downloadLink = "https://files.example.com/files/manual.pdf",
      size = 991234 } }, 11),
    since = attribute("date", { fullDate = "2024-05-01T00:00:00.000Z", formattedValue = "01-05-2024", formatString =
      "DD-MM-YYYY" }, 12),
    data = attribute("json", { nested = { { 1, 2.5, true }, { key = "value" } } }, 13),
    related = attribute("entity", { id + 1, id + 2, id + 3 }, 14),
    visits = attribute("timeInterval", { { values = { { dates = { "2024-05-01T00:00:00.000Z", "2024-05-01T00:00:00.000Z" },
      times = { { { hours = 10, minutes = 0 }, { hours = 11, minutes = 30 } } }, inEveryWeek = false, inEveryMonth = false } } } }, 15),
  }
  for i = 16, 25 do all["feature_" .. i] = attribute("string", ("Feature %d of product %d"):format(i, id), i) end
  return all
end

local function product(id)
  local english = attributes(id)
  return {
    id = id, attributeSetIdentifier = "product", statusIdentifier = "in_stock", templateIdentifier = dkjson.null,
    sku = ("%06d"):format(id), price = id * 3.5, position = 192 + id, isVisible = true, isSync = false,
    shortDescTemplateIdentifier = dkjson.null, rating = { value = 4.5, method = "average", votes = 12 },
    localizeInfos = { en_US = { title = "Product number " .. id, menuTitle = "Product" } },
    additional = { prices = { min = 1.5, max = id * 3.5 } }, categories = { "catalog", "new" }, relatedIds = { id + 1, id + 2 },
    attributeValues = { en_US = english }, productPages = { { id = id, pageId = 10, pageUrl = "catalog/new", productId = id } },
  }
end

-- Returns a page of n products.
function products.page(n)
  local items = {}
  for i = 1, n do items[i] = product(1000 + i) end
  return dkjson.encode({ items = items, total = n })
end

return products
