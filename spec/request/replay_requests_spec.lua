-- Every first request that the reference SDK was recorded sending, built by api.prepare without any I/O.
local oneentry = require "oneentry"
local args = require "support.fixtures.args"
local compare = require "support.fixtures.compare"
local expect = require "support.fixtures.expect"
local json = require "support.fixtures.json"
local spreads = require "support.fixtures.replay".spreads
local traces = require "support.fixtures.traces"

local unpack = table.unpack or unpack
local origin = "https://shop.example"

local function marker(reason, segment)
  return { reason = reason, path = "/api/content/orders-storage/marker/" .. segment .. "?langCode=en_US" }
end

-- Exceptions: places where we do something else than the recording, and why. `raises`: the call is refused with this message;
-- `unusable`: the configuration is; `request`: the number of the recorded one; `path`, `body`: those of the
-- right request; `token` = false: it has no app token.
local exceptions = {
  ["AuthProvider.generateCode.missingArgs"] = { reason = "a required argument is missing",
    raises = "bad argument #2 to 'generateCode'" },
  ["AuthProvider.refresh.noToken"] = { reason = "a required argument is missing",
    raises = "bad argument #2 to 'refresh'" },
  ["Orders.previewOrder.noBody"] = { reason = "a required argument is missing",
    raises = "bad argument #1 to 'previewOrder'" },
  ["Payments.getSessionById.missingId"] = { reason = "a required argument is missing; the text undefined was sent",
    raises = "bad argument #1 to 'getSessionById'" },
  ["Payments.getAccountById.unicode"] = { reason = "an id is an integer or a string of digits",
    raises = "bad argument #1 to 'getAccountById'" },
  ["Orders.cancelRefundRequest.error"] = { reason = "an id is an integer or a string of digits",
    raises = "bad argument #1 to 'cancelRefundRequest'" },
  ["FormData.deleteFormsDataByid.emptyReply"] = { reason = "an id is an integer or a string of digits",
    raises = "bad argument #1 to 'deleteFormsDataByid'" },
  ["Orders.createOrder.noFormData"] = { reason = "D31: absent formData is not sent",
    body = '{"formIdentifier":"f","paymentAccountIdentifier":"cash","products":[{"productId":3,"quantity":1}]}' },

  ["Blocks.searchBlock.unusual"] = { reason = "D03: & began another parameter",
    path = "/api/content/blocks/quick/search?langCode=fr_FR&name=k%C3%A4se%20%26%20brot" },
  ["FileUploading.delete.defaults"] = { reason = "no & at the end", path = "/api/content/files?filename=file.png" },
  ["FileUploading.getFile.defaults"] = { reason = "D36: the token is sent", authorization = "Bearer access-0" },
  ["Blocks.getBlocks.defaults"] = { reason = "an empty parameter is not sent",
    path = "/api/content/blocks?langCode=en_US&offset=0&limit=30" },
  ["Discounts.getDiscountByMarker.defaults"] = { reason = "an empty parameter is not sent",
    path = "/api/content/discounts/marker/spring?langCode=en_US" },
  ["Discounts.getDiscountByMarker.langCode"] = { reason = "an empty parameter is not sent",
    path = "/api/content/discounts/marker/spring?langCode=fr_FR" },
  ["Locales.getLocales.config.noToken"] = { reason = "D14: an absent token is not sent", token = false },
  ["Locales.getLocales.config.emptyToken"] = { reason = "an empty token is a mistake",
    unusable = "config.token: a string that is not empty expected" },
  ["Locales.getLocales.config.twoSlashes"] = { reason = "slashes at the end of the project's url are not part of it",
    path = "/api/content/locales/active/all" },
  ["FormData.postFormsData.file"] = { reason = "the upload is not prepared", raises = "bad argument #1 to 'postFormsData' (no files" },
  ["FormData.postFormsData.files"] = { reason = "the uploads are not prepared", raises = "bad argument #1 to 'postFormsData' (no files" },
  ["FormData.postFormsData.singleFile"] = { reason = "the upload is not prepared",
    raises = "bad argument #1 to 'postFormsData' (no files" },
  ["FormData.postFormsData.uploadFails"] = { reason = "the upload is not prepared",
    raises = "bad argument #1 to 'postFormsData' (no files" },
  ["FormData.postFormsData.uploadedAgain"] = { reason = "D30: what is uploaded is not uploaded again", request = 2,
    body = '{"formIdentifier":"form1","formModuleConfigId":2,"moduleEntityIdentifier":"blog","replayTo":null,"status":"sent","formData":'
      .. '{"en_US":[{"marker":"img","type":"image","value":[{"filename":"x.png","downloadLink":"l","size":1}]}]}}' },
  ["Pages.searchPage.defaults"] = { reason = "D25: an absent url is not sent",
    path = "/api/content/pages/quick/search?lang=en_US&name=cat" },
  ["Pages.searchPage.emptyUrl"] = { reason = "an empty parameter is not sent",
    path = "/api/content/pages/quick/search?lang=en_US&name=cat" },
  ["Products.getProductsByPageId.defaults"] = { reason = "D42: no & stands alone",
    path = "/api/content/products/page/12?langCode=en_US" },
  ["Products.getProductsByPageId.all"] = { reason = "D42: langCode is sent once",
    path = "/api/content/products/page/12?langCode=fr_FR&limit=4&offset=2" },
  ["Products.getProductsByPageUrl.defaults"] = { reason = "D42: no & stands alone",
    path = "/api/content/products/page/url/catalog?langCode=en_US" },
  ["Products.getRelatedProductsById.defaults"] = { reason = "D42: no & stands alone",
    path = "/api/content/products/1761/related?langCode=en_US" },
  ["Products.getProductsByIds.all"] = { reason = "D42: langCode of the argument is sent",
    path = "/api/content/products/ids?ids=1%2C2&langCode=fr_FR&limit=1" },
  ["encoding.query#1"] = { reason = "D03: & began another parameter",
    path = "/api/content/blocks/quick/search?langCode=en_US&name=a%26langCode%3Dxx" },
  ["encoding.query#3"] = { reason = "D03: an escape in the argument was taken as one, # cut the url",
    path = "/api/content/blocks/quick/search?langCode=en_US&name=%C3%A4%20%22q%22%20%3Ct%3E%20%27x%27%20%2541%20%23z" },
  ["encoding.query#9"] = { reason = "D03: a table became the text [object Object]",
    raises = "bad argument #3 to 'getProductsByIds' (userQuery.i: " },

  ["encoding.path#2"] = marker("D03: a slash made two segments", "a%2Fb"),
  ["encoding.path#3"] = marker("D03: ? began the query", "a%3Fb%3Dc"),
  ["encoding.path#4"] = marker("D03: # cut the url", "a%23b"),
  ["encoding.path#5"] = marker("D03: an escape in the argument was taken as one", "100%2525"),
  ["encoding.path#7"] = marker("D03: .. reached another resource", "..%2F..%2Fadmins"),
  ["encoding.path#8"] = { reason = "D03: .. reached another resource",
    raises = "bad argument #1 to 'getOrdersStorageByMarker'" },
  ["encoding.path#9"] = marker("D03: a backslash became a slash", "a%5Cb"),
  ["encoding.path#11"] = { reason = "D03: an empty marker reached the list",
    raises = "bad argument #1 to 'getOrdersStorageByMarker'" },
  ["encoding.path#12"] = marker("D03: newline and tab vanished", "a%0A%09b"),
  ["encoding.path#16"] = { reason = "a marker is a string or an integer",
    raises = "bad argument #1 to 'getOrdersStorageByMarker'" },
  ["encoding.path#17"] = { reason = "a marker is a string or an integer",
    raises = "bad argument #1 to 'getOrdersStorageByMarker'" },
  ["encoding.path#18"] = { reason = "null is no marker", raises = "bad argument #1 to 'getOrdersStorageByMarker'" },
  ["encoding.path#19"] = { reason = "a required argument is missing",
    raises = "bad argument #1 to 'getOrdersStorageByMarker'" },
}

-- The recorded request with an exception's changes.
local function expected_request(recorded, exception)
  local copy = {}
  for key, value in pairs(recorded) do copy[key] = value end
  if exception and exception.path then copy.path = exception.path end
  if exception and exception.body then copy.body = json.decode(exception.body) end
  if type(recorded.body) == "table" and recorded.body["$multipart"] then -- the body is made while it is sent
    copy.body, copy.headers = json.null, {}
    for name, value in pairs(recorded.headers) do copy.headers[name] = name ~= "content-type" and value or nil end
  end
  if exception and exception.authorization then
    copy.headers = { authorization = exception.authorization }
    for name, value in pairs(recorded.headers) do copy.headers[name] = value end
  end
  if exception and exception.token == false then
    copy.headers = {}
    for name, value in pairs(recorded.headers) do copy.headers[name] = name ~= "x-app-token" and value or nil end
  end
  return copy
end

local function client(trace, tokens)
  local api = oneentry.define(origin .. (trace.urlSuffix or ""), args.config(trace.config, oneentry, {}, {}))
  if tokens.accessToken then api.AuthProvider.setAccessToken(tokens.accessToken) end
  if tokens.refreshToken then api.AuthProvider.setRefreshToken(tokens.refreshToken) end
  return api
end

local function replay(trace, entry, exception)
  local call = entry.call
  local made, api = pcall(client, trace, entry.before)
  if exception and exception.unusable then
    assert.is_false(made)
    assert.truthy(tostring(api):find(exception.unusable, 1, true), tostring(api))
    return
  end
  assert.is_true(made, tostring(api))
  local count, values = args.convert(call.args, oneentry, origin)
  local ok, prepared = pcall(api.prepare[call.module][call.method], unpack(values, 1, count))
  if exception and exception.raises then
    assert.is_false(ok, "the call was not refused")
    assert.truthy(tostring(prepared):find(exception.raises, 1, true), tostring(prepared))
    return
  end
  assert.is_true(ok, tostring(prepared))
  assert.equal(origin, prepared.url:sub(1, #origin))
  local got = { method = prepared.method, path = prepared.url:sub(#origin + 1), headers = prepared.headers, body = prepared.body }
  local any_order = spreads[call.module .. "." .. call.method]
  assert.is_nil(expect.request(expected_request(call.requests[exception and exception.request or 1], exception), got, any_order))
  if exception then
    assert.is_string(expect.request(call.requests[1], got, any_order), "no longer an exception")
  end
  assert.same({ args.convert(call.args, oneentry, origin) }, { count, values }) -- the caller's tables are as they were
end

describe("the recorded requests", function()
  local total, setters, replayed, used = 0, 0, 0, {}

  for _, trace in ipairs(traces.load()) do
    for _, entry in ipairs(traces.calls(trace)) do
      total = total + 1
      if #entry.call.requests == 0 then
        setters = setters + 1
      else
        local exception = exceptions[entry.id]
        used[entry.id] = true
        it(entry.id .. (exception and " (" .. exception.reason .. ")" or ""), function()
          replay(trace, entry, exception)
          replayed = replayed + 1
        end)
      end
    end
  end

  it("were all replayed", function()
    assert.equal(538, total)
    assert.equal(3, setters) -- setAccessToken and setRefreshToken send nothing
    assert.equal(total - setters, replayed)
    for id in pairs(exceptions) do assert.is_true(used[id], "no such call: " .. id) end
  end)
end)

describe("what the comparison sees", function()
  local call = { method = "GET", path = "/a/b%20c?x=1&y=%7E", headers = {}, body = json.null }

  local function with(changes)
    local got = { method = "GET", path = "/a/b%20c?x=1&y=~", headers = {}, body = nil }
    for key, value in pairs(changes) do got[key] = value end
    return expect.request(call, got)
  end

  it("is equal after decoding", function() assert.is_nil(with({})) end)

  it("is every difference", function()
    assert.is_string(with({ method = "POST" }))
    assert.is_string(with({ path = "/a/b%20c?y=~&x=1" }))
    assert.is_string(with({ path = "/a%2Fb%20c?x=1&y=~" }))
    assert.is_string(with({ path = "/a/b c?x=1&y=~" }))
    assert.is_string(with({ path = "/a/b%20c/?x=1&y=~" }))
    assert.is_string(with({ headers = { authorization = "Bearer x" } }))
    assert.is_string(with({ headers = { ["x-device-metadata"] = "{}" } }))
    assert.is_string(with({ headers = { cookie = "x" } }))
    assert.is_string(with({ body = "{}" }))
  end)

  it("tells lists from objects and null from absent", function()
    local function bodies(one, other) return compare.json(json.decode(one), json.decode(other)) end
    assert.is_nil(bodies('{"a":[],"b":null}', '{"b":null,"a":[]}'))
    assert.is_string(bodies('{"a":[]}', '{"a":{}}'))
    assert.is_string(bodies('{"a":null}', '{}'))
    assert.is_string(bodies('{}', '{"a":null}'))
    assert.is_string(bodies('{"a":{}}', '{"a":null}'))
    assert.is_string(bodies('[1,2]', '[1]'))
    assert.is_string(bodies('[1]', '[1,2]'))
    assert.is_string(bodies('{"a":"1"}', '{"a":1}'))
  end)

  it("is a float where an integer is due", function()
    local recorded = json.decode("[116]")
    assert.is_nil(compare.value(recorded, { 116 }, oneentry))
    if math.type then assert.is_string(compare.value(recorded, { 116.0 }, oneentry)) end
  end)

  it("is null kept or left out at the wrong place", function()
    local recorded = json.decode('{"a":null,"b":[null]}')
    assert.is_nil(compare.value(recorded, { b = { oneentry.null } }, oneentry))
    assert.is_string(compare.value(recorded, { a = oneentry.null, b = { oneentry.null } }, oneentry))
    assert.is_nil(compare.value(recorded, { a = oneentry.null, b = { oneentry.null } }, oneentry, true))
    assert.is_string(compare.value(recorded, { b = {} }, oneentry))
  end)
end)
