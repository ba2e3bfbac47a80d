-- config.validation: replies checked against the documented shapes.
local oneentry = require "oneentry"
local child = require "support.child"
local json = require "support.fixtures.json"
local process = require "support.process"
local server = require "support.server"

local session = [[{"id":65,"createdDate":"c","updatedDate":"u","type":"session","status":"waiting","paymentAccountId":1,
  "orderId":116,"paymentUrl":null%s}]]

describe("validation", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function client(validation, config)
    config = config or {}
    config.validation, config.maxRetries = validation, 0
    return oneentry.define(peer.url, config)
  end
  local strict = { enabled = true, strictMode = true, logErrors = false }
  local function get(body, validation)
    peer:script { { "answer", body = body } }
    return client(validation or strict).Payments.getSessionByOrderId(1)
  end
  local function create(body)
    peer:script { { "answer", status = 201, body = body } }
    return client(strict).Orders.createOrder("o", {})
  end

  it("lets documented replies through, with all their members (D29)", function()
    assert.equal("kept", get(session:format ',"extra":"kept"').extra)
    assert.equal("kept", get("[" .. session:format ',"extra":"kept"' .. "]")[1].extra)
    assert.same({}, (get "[]"))
    assert.equal(0.5, get(session:format ',"amount":0.5').amount)
    assert.is_nil(get(session:format ',"amount":null').amount)
    local big = get((session:format "":gsub("116", "9007199254740993")))
    assert.equal("9007199254740993", tostring(big.orderId))
  end)

  it("refuses others in strict mode, and says where they differ", function()
    local value, err = get((session:format "":gsub("116", '"116"')))
    assert.is_nil(value)
    assert.same({ "validation", 200, true }, { err.code, err.statusCode, err.sent })
    assert.equal("the answer is not as documented: : list expected, got object", err.message)
    value, err = create '{"id":"1","formIdentifier":"f","paymentAccountIdentifier":"p","formData":[],"products":{"a":1},"currency":5}'
    assert.is_nil(value)
    assert.same({
      { path = "id", expected = "number", received = "string" },
      { path = "products", expected = "list", received = "object" },
      { path = "currency", expected = "string", received = "number" },
      { path = "totalSum", expected = "number", received = "nothing" },
    }, err.validationErrors)
    assert.matches("id: number expected, got string; products: list expected, got object", err.message, 1, true)
  end)

  it("looks into members", function()
    local config = [["discountConfig":{"bonus":%s,"coupon":null,"orderDiscounts":[],"productDiscounts":[],
      "settings":{"allowGiftStacking":true,"allowStacking":true,"maxDiscountValue":null}}]]
    local order = '{"id":1,"formIdentifier":"f","paymentAccountIdentifier":"p","formData":{"en_US":[]},"products":[],'
      .. '"currency":"USD","totalSum":1,' .. config .. "}"
    assert.equal(1, create(order:format "null").id)
    local bonus = '{"availableBalance":1,"bonusApplied":%s,"maxBonusDiscount":1,"minBonusAmount":null,"minOrderAmountForBonus":2}'
    assert.equal(1, create(order:format(bonus:format "0")).id)
    local _, err = create(order:format(bonus:format '"0"'))
    assert.equal("validation", err.code)
  end)

  it("leaves what differs as it is when it is not strict", function()
    for _, validation in ipairs { { enabled = true, logErrors = false }, { enabled = false, strictMode = true }, {} } do
      assert.equal("x", get('{"id":"x"}', validation).id)
    end
  end)

  it("does not look at errors", function()
    peer:script { { "answer", status = 404, body = '{"message":"none"}' } }
    local _, err = client(strict).Payments.getSessionByOrderId(1)
    assert.same({ "http", "none" }, { err.code, err.message })
  end)

  it("stores no token of a reply that is refused", function()
    peer:script { { "answer", status = 201, body = '{"accessToken":"a","refreshToken":"r"}' } }
    local saved = 0
    local api = client(strict, { auth = { saveFunction = function() saved = saved + 1 end } })
    assert.equal("validation", select(2, api.AuthProvider.auth("email", {})).code)
    assert.is_nil(api.getSession().accessToken)
    assert.equal(0, saved)
  end)

  it("raises with isShell = false", function()
    peer:script { { "answer", body = "{}" } }
    local ok, err = pcall(client(strict, { errors = { isShell = false } }).Users.updateUser, {})
    assert.is_false(ok)
    assert.equal("validation", err.code)
  end)

  it("covers the methods that the SDK covers", function()
    local file = assert(io.open(process.spec .. "fixtures/api.json"))
    local methods = json.decode(file:read "*a").methods
    file:close()
    local rows = {}
    for _, row in ipairs(oneentry.rows()) do rows[row.module .. row.name] = row end
    for _, method in ipairs(methods) do
      local validated = rows[method.module .. method.method].reply[1] == "validate"
      assert.equal(type(method.validate) == "string", validated, method.method)
    end
  end)

  it("logs where replies differ, and none of their values (D37)", function()
    peer:script { { "answer", body = '{"accessToken":"s3cret","refreshToken":5}' } }
    local text, ok = child.run(([[
      local api = require "oneentry".define(%q, { validation = { enabled = true } })
      assert(api.AuthProvider.auth("email", {}).accessToken == "s3cret")
    ]]):format(peer.url))
    assert.is_true(ok, text)
    assert.matches("^oneentry: auth: the answer is not as documented: userIdentifier: string expected, got nothing;", text)
    assert.matches("refreshToken: string expected, got number\n$", text)
    assert.not_matches("s3cret", text)
  end)
end)
