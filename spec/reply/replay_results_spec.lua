-- Every recorded call over a loopback server that answers what was recorded: the requests that arrive, the
-- result or error, the session afterwards, what saveFunction and the error handlers get.
local oneentry = require "oneentry"
local json = require "support.fixtures.json"
local replay = require "support.fixtures.replay"
local server = require "support.server"
local traces = require "support.fixtures.traces"

local none = {}
local signed_in = { accessToken = "access-0", refreshToken = "refresh-0" }

-- Attributes as they are returned: numbers are numbers, an empty one is none (D21), additional fields are known by their markers.
local function shaped(attributes)
  for _, attribute in pairs(attributes) do
    if attribute.type == "integer" or attribute.type == "float" then attribute.value = tonumber(attribute.value) or json.null end
    if json.kind(attribute.additionalFields) == "list" then
      local by_marker = json.decode "{}"
      for _, field in ipairs(attribute.additionalFields) do by_marker[field.marker] = field end
      attribute.additionalFields = by_marker
    end
  end
  return attributes
end

-- What `paths` name is taken in the language. `edit`: of requests, as well.
local function taken(code, reason, paths, edit)
  return { reason = reason, edit = edit, value = function(recorded, body)
    local result = json.copy(recorded)
    for _, path in ipairs(paths) do
      local target, source, last = result, body, nil
      for name in path:gmatch("[^.]+") do
        if last then target, source = target[last], source[last] end
        last = tonumber(name) or name
      end
      target[last] = json.copy(source[last][code])
      if last == "attributeValues" then shaped(target[last]) end
    end
    return result
  end }
end

local function in_french(...)
  return taken("fr_FR", "D20: the language is the one the call asked for", { ... })
end

local function in_clients(...)
  return taken("en_US", "D20: where the call's language is missing, the client's is taken", { ... })
end

-- D32: an integer that this Lua's numbers cannot hold stays a string of digits.
local function exact(recorded)
  local result = json.copy(recorded)
  result.id = math.type and tonumber("9007199254740993") or "9007199254740993"
  return result
end

-- D29: members of attributes that the recorded validation has dropped.
local function all_of_attributes(recorded, body)
  local result = json.copy(recorded)
  for place, thing in ipairs(result) do
    for marker, attribute in pairs(thing.attributeValues) do
      for name, member in pairs(body[place].attributeValues.en_US[marker]) do
        if attribute[name] == nil then attribute[name] = member end
      end
    end
  end
  return result
end

-- D22: the slots of the first schedule are those that `change` makes of the recorded ones.
local function with_slots(reason, change)
  return { reason = reason, value = function(recorded)
    local result = json.copy(recorded)
    local schedule = result.attributes[1].localizeInfos.intervals[1]
    schedule.timeIntervals = change(schedule.timeIntervals)
    return result
  end }
end

local function once(pairs_)
  local seen, list = {}, setmetatable({}, getmetatable(pairs_))
  for _, pair in ipairs(pairs_) do
    local key = table.concat(pair, " ")
    if not seen[key] then list[#list + 1] = pair end
    seen[key] = true
  end
  return list
end

-- What `paths` name is another value; json.null: it is absent.
local function but(reason, paths, edit)
  return { reason = reason, edit = edit, value = function(recorded)
    local result = json.copy(recorded)
    for path, value in pairs(paths) do
      local target, last = result, nil
      for name in path:gmatch("[^.]+") do
        if last then target = target[last] end
        last = tonumber(name) or name
      end
      target[last] = value
    end
    return result
  end }
end

local EMPTY = "D21: an empty or unreadable number is none"
local function without_numbers(...)
  local paths = {}
  for _, path in ipairs { ... } do paths[path .. ".value"] = json.null end
  return but(EMPTY, paths)
end

-- D23: what is null is absent; the language is taken.
local function null_is_absent()
  return { reason = "D23: a null is no failure", raised = false, value = function(_, body)
    local result = json.copy(body)
    local values = json.kind(result.attributeValues) == "object" and result.attributeValues.en_US
    if values then result.attributeValues = values end
    return result
  end }
end

-- D22: the days of an entity's schedule, of which each has one slot.
local function with_days(reason, place, days)
  return { reason = reason, raised = false, value = function(recorded, body)
    local result = json.copy(recorded.attributeValues and recorded or body)
    if result.attributeValues.en_US then result.attributeValues = result.attributeValues.en_US end
    local schedule = result.attributeValues.work.value[1].values[place]
    local list = json.decode "[]"
    for day in days:gmatch "%S+" do
      list[#list + 1] = json.decode(('["2025-%sT09:00:00.000Z","2025-%sT10:30:00.000Z"]'):format(day, day))
    end
    schedule.timeIntervals = list
    return result
  end }
end

-- D20: templates are in the language of the call; D21.
local function templates_in_french(markers, ...)
  local edit, paths = {}, {}
  for i, marker in ipairs(markers) do edit[i + 1] = { path = "/api/content/templates/marker/" .. marker .. "?langCode=fr_FR" } end
  for _, path in ipairs { ... } do paths[path .. "attributeValues.rank.value"] = json.null end
  local other = but("D20: templates are in the language of the call; " .. EMPTY, paths, edit)
  local value = other.value
  function other.value(recorded, _, responses)
    local result = value(recorded)
    local pages = result.template and { result } or result
    for _, page in ipairs(pages) do
      for i, marker in ipairs(markers) do
        if page.templateIdentifier == marker:gsub("%%20", " ") then
          page.template.attributeValues = shaped(json.copy(responses[i + 1].body.attributeValues.fr_FR))
        end
      end
    end
    return result
  end
  return other
end

local function unauthorized(message)
  return { statusCode = 401, code = "http", sent = true, body = json.decode(
    ('{"statusCode":401,"message":"%s","pageData":null,"timestamp":"2025-05-05T05:05:05.000Z"}'):format(message)) }
end

local function failed(code, statusCode) return { code = code, statusCode = statusCode, sent = true } end

-- Where we do something else than the recording, and why; the fields are support/fixtures/replay.lua's.
local function text_of(recorded) return recorded["$response"].text end

local exceptions = {
  ["FormData.postFormsData.langCode"] = in_french "formData.formData",
  ["FormData.postFormsData.uploadedAgain"] = { reason = "D30: what is uploaded is not uploaded again", requests = { 2 }, edit = { {
    body = '{"formIdentifier":"form1","formModuleConfigId":2,"moduleEntityIdentifier":"blog","replayTo":null,"status":"sent","formData":'
      .. '{"en_US":[{"marker":"img","type":"image","value":[{"filename":"x.png","downloadLink":"l","size":1}]}]}}' } } },
  ["FormData.postFormsData.uploadFails"] = { reason = "D30: the form is not sent when an upload fails", requests = { 1 }, as_sent = true },
  ["FileUploading.getFile.defaults"] = { reason = "D36: the token is sent; the file's bytes are the result",
    edit = { { authorization = "Bearer access-0" } }, value = text_of },
  ["FileUploading.getFile.template"] = { reason = "a failure of getFile is err",
    failure = { statusCode = 404, code = "http", sent = true, body = json.decode(
      '{"statusCode":404,"message":"File not found","pageData":null,"timestamp":"2025-05-05T05:05:05.000Z"}') } },
  ["FileUploading.delete.defaults"] = { reason = "no & at the end", edit = { { path = "/api/content/files?filename=file.png" } } },
  ["FileUploading.createFileFromUrl.defaults"] = { reason = "a file is a table",
    value = function(recorded) return { data = recorded["$file"].content, name = "a.txt", type = "text/plain" } end },
  ["FileUploading.createFileFromUrl.mime"] = { reason = "a page of an error is no file",
    failure = { statusCode = 404, code = "http", sent = true } },
  ["AuthProvider.logout.errorReply"] = { reason = "D11: a failed logout keeps the session", after = signed_in, saved = none },
  ["AuthProvider.oauth.defaults"] = { reason = "D28: oauth logs in",
    after = { accessToken = "access-pub-10", refreshToken = "refresh-pub-10" } },
  ["AuthProvider.oauth.langCode"] = { reason = "D28: oauth logs in",
    after = { accessToken = "access-pub-11", refreshToken = "refresh-pub-11" } },
  ["AuthProvider.oauth.unusual"] = { reason = "D28: oauth logs in", saved = { "refresh-pub-12" },
    after = { accessToken = "access-pub-12", refreshToken = "refresh-pub-12" } },

  ["AttributesSets.getAttributesByMarker.langCode"] = in_clients("1.value"),
  ["AuthProvider.getAuthProviders.all"] = in_french("1.localizeInfos"),
  ["AuthProvider.getAuthProviderByMarker.langCode"] = in_french("localizeInfos"),
  ["Orders.getAllOrdersStorage.all"] = in_french("1.localizeInfos"),
  ["Orders.getAllOrdersByMarker.all"] = in_french("items.1.paymentAccountLocalizeInfos", "items.1.statusLocalizeInfos"),
  ["Orders.getOrdersStorageByMarker.langCode"] = in_french("localizeInfos"),
  ["Orders.getOrderByMarkerAndId.langCode"] = in_french("paymentAccountLocalizeInfos", "statusLocalizeInfos"),
  ["Orders.getOrderByMarkerAndId.onlyRequestedLang"] = in_french("paymentAccountLocalizeInfos", "statusLocalizeInfos"),
  ["Orders.createOrder.all"] = in_french("formData"),
  ["Orders.getAllStatusesByStorageMarker.all"] = in_french("1.localizeInfos"),
  ["Users.getUser.langCode"] = in_french("formData"),
  ["Orders.getOrderByMarkerAndId.bigId"] = { reason = "D32: digits are not lost", value = exact },

  ["Orders.createOrder.noFormData"] = { reason = "D31: absent formData is not sent", edit = { {
    body = '{"formIdentifier":"f","paymentAccountIdentifier":"cash","products":[{"productId":3,"quantity":1}]}' } } },

  ["Blocks.getSimilarProducts.all"] = in_french("items.1.localizeInfos", "items.1.statusLocalizeInfos", "items.1.attributeValues"),
  ["Blocks.searchBlock.unusual"] = { reason = "D03: & began another parameter",
    edit = { { path = "/api/content/blocks/quick/search?langCode=fr_FR&name=k%C3%A4se%20%26%20brot" } } },
  ["Blocks.getBlocks.defaults"] = { reason = "an empty parameter is not sent",
    edit = { { path = "/api/content/blocks?langCode=en_US&offset=0&limit=30" } } },
  ["Blocks.getBlocks.traficLimit"] = { reason = "D20, and a block is the same whether its products are asked for or not",
    value = function(recorded, body)
      local result = in_french("items.1.localizeInfos", "items.1.attributeValues").value(recorded, body)
      local block = result.items[1]
      block.customSettings, block.productPageUrls, block.countElementsPerRow, block.quantity = nil, nil, 6, 8
      return result
    end },
  ["Blocks.getBlocks.withProducts"] = but("a product is shaped once",
    { ["items.1.products.2.attributeValues.price.additionalFields.vat.value"] = "0.2" }),
  ["Blocks.getBlockByMarker.product"] = { reason = "D20: the language is the one the call asked for",
    value = function(recorded, products, responses)
      local result = in_french("localizeInfos", "attributeValues").value(recorded, responses[1].body)
      result.products = in_french("items.1.localizeInfos", "items.1.attributeValues").value({ items = result.products }, products).items
      return result
    end },
  ["Blocks.getBlocks.secondaryError"] = { reason = "a failure is no value", failure = failed("http", 500) },
  ["Blocks.getBlocks.error"] = { reason = "D19: a failure raises nothing", failure = failed("http", 500), raised = false },
  ["Blocks.getBlockByMarker.similar"] = but("a product is shaped once",
    { ["similarProducts.items.1.attributeValues.price.additionalFields.vat.value"] = "0.2" }),
  ["Blocks.getBlockByMarker.traficLimit"] = but("a number that is none is absent", { quantity = json.null }),
  ["Blocks.getBlockByMarker.norm.twice"] = without_numbers "attributeValues.bad",
  ["Blocks.getProductsByBlockMarker.all"] = { reason = "D20: the language is the one the call asked for",
    value = function(recorded, body)
      return in_french("1.localizeInfos", "1.attributeValues").value(recorded, body.items)
    end },
  ["Blocks.getProductsByBlockMarker.error"] = { reason = "D18: a failure is no value", failure = failed("http", 404) },
  ["Discounts.getAllDiscounts.all"] = in_french("items.1.localizeInfos", "items.1.attributeValues"),
  ["Discounts.getDiscountByMarker.defaults"] = { reason = "an empty parameter is not sent",
    edit = { { path = "/api/content/discounts/marker/spring?langCode=en_US" } } },
  ["Discounts.getDiscountByMarker.langCode"] = taken("fr_FR", "D20, and an empty parameter is not sent",
    { "localizeInfos", "attributeValues" }, { { path = "/api/content/discounts/marker/spring?langCode=fr_FR" } }),

  ["Forms.getFormByMarker.norm.time.noFlags"] = with_slots("D22 e: a schedule without flags means its own days", function()
    return json.decode [=[[["2025-04-08T09:00:00.000Z","2025-04-08T10:00:00.000Z"],
      ["2025-04-09T09:00:00.000Z","2025-04-09T10:00:00.000Z"]]]=]
  end),
  ["Forms.getFormByMarker.norm.time.rangeSlots"] = with_slots("D22 c: equal slots are there once", once),

  ["Locales.getLocales.config.noToken"] = { reason = "D14: an absent token is not sent", edit = { { token = false } } },
  ["Locales.getLocales.config.twoSlashes"] = { reason = "slashes at the end of the project's url are not part of it",
    edit = { { path = "/api/content/locales/active/all" } } },

  ["Events.subscribeByMarker.error"] = { reason = "D17: a failure is no success", failure = failed("http", 400) },
  ["Events.subscribeByMarker.errorNoShell"] = { reason = "D17: a failure is no success", failure = failed("http", 400), raised = true },
  ["Events.unsubscribeByMarker.error"] = { reason = "D17: a failure is no success", failure = failed("http", 403) },
  ["Menus.getMenusByMarker.langCode"] = without_numbers("pages.1.children.1.attributeValues.rank",
    "pages.1.children.2.attributeValues.rank"),
  ["Pages.getRootPages.templates"] = templates_in_french({ "tpl1", "tpl2" }, "1.", "2.", "3.", "4."),
  ["Pages.getRootPages.error"] = { reason = "D19: a failure raises nothing", failure = failed("http", 500), raised = false },
  ["Pages.getPages.templateError"] = { reason = "a template that is missing is not lost in silence", failure = failed("http", 404) },
  ["Pages.getPages.templateErrorNoShell"] = { reason = "a template that is missing is not lost in silence",
    failure = failed("http", 404), raised = true },
  ["Pages.getPages.traficLimit"] = { reason = "D43: traficLimit stops template requests", requests = { 1 },
    value = function(recorded)
      local result = json.copy(recorded)
      for _, page in ipairs(result) do page.template = json.null end
      return result
    end },
  ["Pages.getPageById.template"] = templates_in_french({ "tpl1" }, ""),
  ["Pages.getPageByUrl.unusual"] = templates_in_french({ "tpl%201" }, ""),
  ["Pages.getChildPagesByParentUrl.nested"] = templates_in_french({ "tpl1" }, "1."),
  ["Pages.getBlocksByPageUrl.langCode"] = in_french("1.localizeInfos", "1.attributeValues"),
  ["Pages.searchPage.defaults"] = { reason = "D25: an absent url is not sent",
    edit = { { path = "/api/content/pages/quick/search?lang=en_US&name=cat" } } },
  ["Pages.searchPage.emptyUrl"] = { reason = "an empty parameter is not sent",
    edit = { { path = "/api/content/pages/quick/search?lang=en_US&name=cat" } } },
  ["Pages.searchPage.fullTemplates"] = { reason = "a template is requested once", requests = { 1, 2, 3 } },
  ["Products.getProducts.all"] = without_numbers "items.1.attributeValues.rank",
  ["Products.getProductsByPageId.defaults"] = { reason = "D42: no & stands alone",
    edit = { { path = "/api/content/products/page/12?langCode=en_US" } } },
  ["Products.getProductsByPageId.all"] = { reason = "D42: langCode is sent once",
    edit = { { path = "/api/content/products/page/12?langCode=fr_FR&limit=4&offset=2" } } },
  ["Products.getProductsByPageUrl.defaults"] = { reason = "D42: no & stands alone",
    edit = { { path = "/api/content/products/page/url/catalog?langCode=en_US" } } },
  ["Products.getRelatedProductsById.defaults"] = { reason = "D42: no & stands alone",
    edit = { { path = "/api/content/products/1761/related?langCode=en_US" } } },
  ["Products.getProductsByIds.all"] = but("D42: langCode of the argument is sent; " .. EMPTY,
    { ["1.attributeValues.rank.value"] = json.null }, { { path = "/api/content/products/ids?ids=1%2C2&langCode=fr_FR&limit=1" } }),
  ["Products.searchProduct.full"] = but("a hit is shaped as getProductById shapes it, once",
    { ["2.attributeValues.price.additionalFields.vat.value"] = "0.2" }),
  ["Products.searchProduct.secondaryError"] = { reason = "a hit that is gone is left out", value = function(recorded)
    local result = json.copy(recorded)
    result[1], result[2] = result[2], nil
    result[1].attributeValues.price.additionalFields.vat.value = "0.2"
    return result
  end },
  ["Products.getProductById.norm.localizedNumbers"] = but(EMPTY, {
    ["attributeValues.f.value"] = json.null, ["attributeValues.g.value"] = json.null, ["attributeValues.i.value"] = json.null,
    ["attributeValues.m.value"] = math.huge }),
  ["Products.getProductById.norm.plainNumbers"] = without_numbers("attributeValues.e", "attributeValues.f", "attributeValues.g",
    "attributeValues.k", "attributeValues.p"),
  ["Products.getProductById.norm.bigNumbers"] = but("a number that no double holds stays the text that it is, D32", {
    ["attributeValues.e.value"] = "1e400",
    ["attributeValues.n.value"] = math.type and tonumber("9007199254740993") or "9007199254740993",
    id = 12345678901234567890 }),
  ["Products.getProductById.norm.additionalFieldsRawData"] = { reason = "D24: raw data is what was sent",
    value = function(_, body) return body end },
  ["Products.getProductById.norm.imageNull"] = null_is_absent(),
  ["Products.getProductById.norm.attributeValuesNull"] = null_is_absent(),
  ["Products.getProductById.norm.attributeNull"] = null_is_absent(),
  ["Products.getProductById.norm.attributesNull"] = null_is_absent(),
  ["Products.getProductById.norm.time.neither"] = with_days("D22 e: a schedule without flags means its own days", 1, "04-08"),
  ["Products.getProductById.norm.time.plainMap"] = with_days("D22 b: the last day of a month is one of it", 1, "04-23 04-30"),
  ["Products.getProductById.norm.time.badDate"] = with_days("D22: a date that cannot be read has no days", 1, ""),
  ["Products.getProductById.norm.time.missingDates"] = with_days("D22: a schedule without dates has no days", 1, ""),
  ["Products.getProductById.norm.time.weeklyLastDay"] = with_days("D22 b: the last day of a month is one of it", 2,
    "04-02 04-09 04-16 04-23 04-30"),
  ["Products.getProductById.norm.time.weeklyRange"] = with_days("D22 c: equal slots are there once", 1,
    "04-20 04-21 04-22 04-23 04-24 04-25 04-26 04-27 04-28 04-29 04-30"),
  ["Products.getProductById.norm.time.bothDay31"] = with_days("D22 d: months without a 31st have that weekday, too", 1, [[
    01-03 01-10 01-17 01-24 01-31 02-07 02-14 02-21 02-28 03-07 03-14 03-21 03-28 04-04 04-11 04-18 04-25 05-02 05-09 05-16 05-23
    05-30 06-06 06-13 06-20 06-27 07-04 07-11 07-18 07-25 08-01 08-08 08-15 08-22 08-29 09-05 09-12 09-19 09-26 10-03 10-10 10-17
    10-24 10-31 11-07 11-14 11-21 11-28 12-05 12-12 12-19 12-26]]),
  ["Templates.getAllTemplates.langCode"] = taken("fr_FR", "D21: an empty number is none", { "order.1.attributeValues" }),
  ["Templates.getAllTemplates.error"] = { reason = "D18: a failure is no empty value", failure = failed("http", 500) },
  ["Templates.getTemplateByType.langCode"] = in_french("1.attributeValues"),
  ["Templates.getTemplateByMarker.langCode"] = in_french("attributeValues"),

  ["errors.401.providerMarker#2"] = { reason = "D15: the refresh goes to the provider that issued the session",
    edit = { [2] = { path = "/api/content/users-auth-providers/marker/google/users/refresh" } } },
  ["errors.401.anonymous#1"] = { reason = "D14: nothing to refresh with", requests = { 1 } },
  ["errors.401.retryNotChecked#1"] = { reason = "D04: the repeated call is a call", raised = true, handled = 404 },
  ["errors.401.retryNotChecked#2"] = { reason = "D04: the repeated call is a call", raised = true, handled = 401 },
  ["errors.401.retryNotChecked#3"] = { reason = "D04: the repeated call is a call", raised = true, handled = 500 },
  ["errors.401.retryEmptyBody#1"] = { reason = "D05: an empty reply is {}, also after a refresh",
    value = function() return json.decode("{}") end },
  ["errors.401.refreshReplyWithoutTokens#1"] = { reason = "D13: a malformed refresh reply changes nothing",
    requests = { 1, 2 }, failure = unauthorized("U"), after = signed_in, saved = none },
  ["errors.401.refreshReplyWithoutTokens#2"] = { reason = "D13: a malformed refresh reply changes nothing",
    edit = { { authorization = "Bearer access-0" } }, after = signed_in },
  ["errors.401.refreshReplyNotJson#1"] = { reason = "a failed refresh leaves the 401 as the answer",
    failure = unauthorized("U") },
  ["errors.401.refreshNetworkFailure#1"] = { reason = "a failed refresh leaves the 401 as the answer",
    failure = unauthorized("U"), handled = 401 },
  ["errors.401.refreshNetworkFailure#2"] = { reason = "a failed refresh leaves the 401 as the answer",
    failure = unauthorized("U"), handled = 401 },
  ["errors.401.onAuth#1"] = { reason = "D16: a 401 on auth is the answer", requests = { 1 } },
  ["errors.401.onAuthWithSession#1"] = { reason = "D16: a 401 on auth is the answer", requests = { 1 }, after = signed_in },
  ["errors.401.onRefresh#1"] = { reason = "a 401 on refresh is the answer", requests = { 1 } },
  ["errors.401.onLogout#1"] = { reason = "the refresh token of the argument has been rotated: the new one is meant",
    edit = { [3] = { body = '{"refreshToken":"refresh-pub-35"}' } } },

  ["errors.network.auth#1"] = { reason = "D12: a network failure logs nobody out", after = signed_in },
  ["errors.network.refresh#1"] = { reason = "D12: a network failure logs nobody out", after = signed_in, saved = none },
  ["errors.network.logout#1"] = { reason = "D11: a network failure logs nobody out", after = signed_in, saved = none },
  ["errors.statuses.normalised#1"] = { reason = "err.body is what the server has sent", as_sent = true },
  ["errors.statuses.normalised#2"] = { reason = "err.body is what the server has sent", as_sent = true },
  ["errors.network.throw#3"] = { reason = "D17: a failure is no success", raised = true },
  ["errors.body.empty2xx#7"] = { reason = "D12: an answer without tokens logs nobody out", failure = failed("invalid_response", 200),
    after = signed_in },
  ["errors.body.scalars#11"] = { reason = "D39: null is no failure of ours, nor tokens", failure = failed("invalid_response", 200),
    raised = false },
  ["errors.body.scalars#12"] = { reason = "D39: true is no failure of ours, nor tokens", failure = failed("invalid_response", 200),
    raised = false },
  ["errors.body.scalars#13"] = { reason = "D39: null is a value", raised = false, value = function() return json.null end },
  ["errors.body.invalidJson200#1"] = { reason = "what is no JSON is a failure", failure = failed("invalid_response", 200) },
  ["errors.body.invalidJson200#2"] = { reason = "what is no JSON is a failure", failure = failed("invalid_response", 200) },
  ["errors.body.invalidJson200#3"] = { reason = "what is no JSON is a failure", failure = failed("invalid_response", 200) },
  ["errors.body.invalidJson200Throw#1"] = { reason = "D10: isShell=false raises every failure", raised = true,
    failure = failed("invalid_response", 200) },
  ["errors.body.nonJsonError#1"] = { reason = "D09: the status is the error", failure = failed("http", 502), handled = 502 },
  ["errors.body.nonJsonError#2"] = { reason = "D09: the status is the error", failure = failed("http", 503), handled = 503 },
  ["errors.body.nonJsonError#3"] = { reason = "D09: the status is the error", failure = failed("http", 429), handled = 429 },
  ["errors.body.nonJsonError#4"] = { reason = "D09: the status is the error", failure = failed("http", 500), handled = 500 },
  ["errors.body.nonJsonErrorThrow#1"] = { reason = "D09: the status is the error", failure = failed("http", 502) },
  ["errors.redirects#1"] = { reason = "D27: redirects are not followed", requests = { 1 }, failure = failed("http", 302) },
  ["errors.redirects#2"] = { reason = "D27: redirects are not followed", requests = { 1 }, failure = failed("http", 302) },
  ["errors.redirects#3"] = { reason = "D27: redirects are not followed", requests = { 1 }, failure = failed("http", 307) },

  ["validation.lenient#1"] = { reason = "D29: a valid reply keeps all its fields", value = function(_, body) return body end },
  ["validation.lenient#3"] = { reason = "D29: a valid reply keeps all its fields", value = function(recorded, body)
    local result = json.copy(recorded)
    result.items[1].couponCode, result.page = body.items[1].couponCode, body.page
    return result
  end },
  ["validation.lenient#4"] = { reason = "D29: a valid reply keeps all its fields", value = all_of_attributes },
  ["validation.lenient#5"] = { reason = "D29: a valid reply keeps all its fields", value = function(_, body) return body end },
  ["validation.lenient#6"] = { reason = "D29: a valid reply keeps all its fields", value = function(_, body) return body end },
  ["validation.strict#1"] = { reason = "D29: a valid reply keeps all its fields", value = function(_, body) return body end },
  ["validation.strict#2"] = { reason = "a failure is never a value", failure = failed("validation", 200) },
  ["validation.strict#4"] = { reason = "a failure is never a value", failure = failed("validation", 201) },
  ["validation.strict#5"] = { reason = "a failure is never a value", failure = failed("validation", 201) },
  ["validation.strict#7"] = { reason = "a failure is never a value", failure = failed("validation", 200) },
  ["validation.strictThrow#1"] = { reason = "a failure is never a value", failure = failed("validation", 201), raised = true },
}

-- Wrong use here (an argument that is missing or of the wrong kind): nothing may be sent. What is raised is
-- in request/replay_requests_spec.lua.
local refused = {}
for id in ([[
  AuthProvider.generateCode.missingArgs AuthProvider.refresh.noToken Orders.previewOrder.noBody
  Payments.getSessionById.missingId Payments.getAccountById.unicode Orders.cancelRefundRequest.error
  FormData.deleteFormsDataByid.emptyReply encoding.query#9
  encoding.path#8 encoding.path#11 encoding.path#16 encoding.path#17 encoding.path#18 encoding.path#19
]]):gmatch("%S+") do refused[id] = true end

-- The configuration is unusable here.
local unusable = { ["Locales.getLocales.config.emptyToken"] = true }

local segments = { [2] = "a%2Fb", [3] = "a%3Fb%3Dc", [4] = "a%23b", [5] = "100%2525", [7] = "..%2F..%2Fadmins",
  [9] = "a%5Cb", [12] = "a%0A%09b" }
for number, segment in pairs(segments) do
  exceptions["encoding.path#" .. number] = { reason = "D03: an argument is one segment",
    edit = { { path = "/api/content/orders-storage/marker/" .. segment .. "?langCode=en_US" } } }
end

exceptions["encoding.query#1"] = { reason = "D03: an argument is one value",
  edit = { { path = "/api/content/blocks/quick/search?langCode=en_US&name=a%26langCode%3Dxx" } } }
exceptions["encoding.query#3"] = { reason = "D03: an argument is one value",
  edit = { { path = "/api/content/blocks/quick/search?langCode=en_US&name=%C3%A4%20%22q%22%20%3Ct%3E%20%27x%27%20%2541%20%23z" } } }

describe("the recorded calls", function()
  local peer
  local total, replayed, used = 0, 0, {}

  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function refuses(client, call)
    local seen = replay.call(client, call, call.responses)
    assert.is_true(seen.raised)
    assert.is_false(oneentry.is_error(seen.err))
    assert.equal(0, #seen.requests)
  end

  local function agrees(client, entry, exception)
    local want = replay.expected(entry, exception)
    local seen = replay.call(client, entry.call, want.responses)
    local difference = replay.difference(want, seen, oneentry)
    assert.is_nil(difference, entry.id .. ": " .. tostring(difference))
    if exception then
      assert.is_string(replay.difference(replay.expected(entry), seen, oneentry), entry.id .. " is no longer an exception")
    end
  end

  for _, trace in ipairs(traces.load()) do
    local entries = traces.calls(trace)
    total = total + #entries
    it(trace.id, function()
      if unusable[trace.id] then
        assert.has_error(function() replay.client(trace, peer, oneentry) end)
        used[trace.id] = true
        replayed = replayed + 1
        return
      end
      local client = replay.client(trace, peer, oneentry)
      for _, entry in ipairs(entries) do
        used[entry.id] = true
        if refused[entry.id] then
          refuses(client, entry.call)
        else
          agrees(client, entry, exceptions[entry.id])
        end
        replayed = replayed + 1
      end
      client.api.close()
    end)
  end

  it("were all replayed", function()
    assert.equal(538, total)
    assert.equal(total, replayed)
    for id in pairs(exceptions) do assert.is_true(used[id], "no such call: " .. id) end
    for id in pairs(refused) do assert.is_true(used[id], "no such call: " .. id) end
    for id in pairs(unusable) do assert.is_true(used[id], "no such call: " .. id) end
  end)
end)
