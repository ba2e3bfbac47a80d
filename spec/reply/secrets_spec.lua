-- Texts of others are shown as text, without the secrets that they repeat.
local cjson = require "cjson"
local child = require "support.child"
local oneentry = require "oneentry"
local server = require "support.server"

describe("a text of others", function()
  local peer

  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  -- Returns err of a call that is answered with the message.
  local function said(message, call, config, status)
    local body = type(message) == "table" and message.body or cjson.encode { message = message }
    peer:script { fallback = { "answer", status = status or 400, body = body } }
    config = config or {}
    config.token, config.maxRetries = config.token or "app-token-1", 0
    call = call or function(api) return api.Payments.getSessionById(1) end
    return select(2, call(oneentry.define(peer.url, config)))
  end

  describe("S7: is shown on one line", function()
    local shown = {
      ["a\nb\r\nc\td"] = [[a\nb\r\nc\td]],
      ["\27[2J\7\8"] = [[\x1b[2J\x07\x08]],
      ["\127"] = [[\x7f]],
      ["a\0b"] = [[a\x00b]],
      ["\194\128 \194\159 \194\160"] = "\\u{80} \\u{9f} \194\160", -- C1; a no-break space is none
      ["\226\128\142\226\128\143\226\128\170\226\128\174"] = [[\u{200e}\u{200f}\u{202a}\u{202e}]],
      ["\226\129\166\226\129\169\216\156"] = [[\u{2066}\u{2069}\u{61c}]],
      ["\226\128\168\226\128\169"] = [[\u{2028}\u{2029}]],
      ["\226\128\167 \226\128\175 \226\129\165 \226\129\170"] = "\226\128\167 \226\128\175 \226\129\165 \226\129\170", -- beside those
      ["gr\195\188n \226\130\172 \240\159\152\128 \\n"] = "gr\195\188n \226\130\172 \240\159\152\128 \\n",
    }

    it("by tostring and concatenation", function()
      for text, line in pairs(shown) do
        local err = said(text)
        assert.equal("400 http: " .. line .. " (GET /api/content/payments/sessions/{id})", tostring(err))
        assert.equal(tostring(err) .. "!", err .. "!")
        assert.equal(text, err.message)
        assert.equal(text, err.body.message)
      end
    end)

    it("by tostring, where an application has written it", function()
      local err = said "x"
      err.message, err.path, err.method, err.code, err.statusCode = "\255\n\237\160\128\192\175", "/\n", "\27", "\0", "\226\128\174"
      assert.equal([[\u{202e} \x00: \xff\n\xed\xa0\x80\xc0\xaf (\x1b /\n)]], tostring(err))
    end)

    it("by pretty", function()
      for text, line in pairs(shown) do
        assert.equal('"' .. line:gsub("\\n$", "\\\\n") .. '"', oneentry.pretty(text))
        assert.equal('{\n  ["' .. line:gsub("\\n$", "\\\\n") .. ' "] = 1\n}', oneentry.pretty { [text .. " "] = 1 })
        local err = said(text)
        assert.equal(tostring(err), oneentry.pretty(err))
      end
      assert.equal([["\"\\\xff"]], oneentry.pretty '"\\\255')
      assert.equal([[a\x00\n]], oneentry.pretty(setmetatable({}, { __tostring = function() return "a\0\n" end })))
    end)

    it("by what config.debug and config.validation write", function()
      local text, ok = child.run(([[
        local oneentry = require "oneentry"
        local api = oneentry.define(%q, { token = "secret-token", debug = true, maxRetries = 0,
          hooks = { request = function() error("forged\nline \27[2J secret-token \226\128\174", 0) end,
                    response = function() error("a\0" .. "after", 0) end } })
        api.Payments.getSessionById(1)
      ]]):format(peer.url))
      assert.is_true(ok, text)
      assert.matches([[oneentry: hooks.request: forged\nline \x1b[2J *** \u{202e}]] .. "\n", text, 1, true)
      assert.matches([[oneentry: hooks.response: a\x00after]] .. "\n", text, 1, true)
      assert.not_matches("[%z\1-\9\11-\31\127-\255]", text)
    end)
  end)

  describe("S7: is read whatever its form:", function()
    local function create(lang) return function(api) return api.Orders.createOrder("orders", {}, lang) end end

    it("a map of languages", function()
      local both = { en_US = "Not found", de_DE = "Nicht da" }
      assert.equal("Not found", said(both).message)
      assert.equal("Nicht da", said(both, create "de_DE").message)
      assert.equal("Nicht da", said(both, nil, { langCode = "de_DE" }).message)
      assert.equal("Nicht da", said(both, create "fr_FR", { langCode = "de_DE" }).message)
      assert.equal("Nicht da", said({ de_DE = "Nicht da", es = "No" }, create "fr_FR").message)
      assert.equal("Not found; Nicht da", said({ both, { de_DE = "Nicht da" } }).message)
      assert.equal("HTTP 400", said({ some = { thing = 1 }, other = true }).message)
    end)

    it("a list of what is wrong with each property", function()
      assert.equal("no e-mail; too short; in the child", said({
        { property = "email", constraints = { minLength = "too short", isEmail = "no e-mail" },
          children = { { property = "x", constraints = { is = "in the child" } } } },
      }).message)
      assert.equal("name is required; phone is wrong", said({
        statusCode = 400, error = "Bad Request", message = { "name is required", "phone is wrong" },
      }).message)
      assert.equal("here", said({ { message = { en_US = "here" } }, 5, true, {} }).message)
    end)
  end)

  describe("S7: repeats no secret:", function()
    local function create(body) return function(api) return api.Orders.createOrder("orders", body) end end

    it("of the url", function()
      for _, method in ipairs { "addFCMToken", "deleteFCMToken" } do
        local function call(api) return api.Users[method] "fcm/token SECRET" end
        local unknown = "Cannot POST /api/content/users/fcm-token/"
        assert.equal(unknown .. "***", said(unknown .. "fcm%2Ftoken%20SECRET", call).message)
        assert.equal("no *** and *** and ***", said("no fcm/token SECRET and fcm%2ftoken+SECRET and fcm\\/token SECRET", call).message)
      end
    end)

    it("however it is escaped", function()
      local password = [[hun"ter\2/<x>&'é]]
      local call = create { formData = { { marker = "password_reg", value = password } } }
      for _, repeated in ipairs {
        password,
        [[hun\"ter\\2/<x>&'é]], [[hun\"ter\\2\/<x>&'é]], [[hun\u0022ter\u005c2\u002f\u003cx\u003E&'\u00e9]], -- JSON
        [[hun\\\"ter\\\\2/<x>&'é]], -- JSON in JSON
        [[hun&quot;ter\2/&lt;x&gt;&amp;&#39;é]], [[hun&#34;ter\2&#x2F;&lt;x&gt;&amp;&apos;&#233;]], -- HTML
        [[hun%22ter%5C2%2F%3Cx%3E%26%27%C3%A9]], [[hun%22ter%5c2%2f%3cx%3e%26%27%c3%a9]], -- urls
        [[hun\&quot;ter\\2/&lt;x&gt;&amp;'é]], -- JSON in HTML
        [[hun%2522ter%255C2%252F%253Cx%253E%2526%2527%25C3%25A9]],
        [[hun\x22ter\x5c2/<x>&\'é]],
      } do
        assert.equal("no *** here", said("no " .. repeated .. " here", call).message, repeated)
        assert.not_matches("ter", tostring(said(repeated, call)))
      end
      call = create { password = "Grüße 😀" }
      assert.equal("***, ***", said([[Gr\u00fc\u00dfe \ud83d\ude00, Gr%C3%BC%C3%9Fe+%F0%9F%98%80]], call).message)
      call = create { password = "a%41b\\nc" }
      assert.equal("***, ***, ***", said([[a%41b\nc, a%41b\\nc, a%2541b%5Cnc]], call).message)
    end)

    it("of the body, wherever it is", function()
      local body = {
        card = { cardNumber = "4111111111111111", cvv = "123", holder = "Ada" }, PIN = 4711, list = { { { iban = "DE0212" } } },
        tokens = { "token-in-list", { deep = "token-in-member" } }, pwd = "pwd-secret", user_pass = "pass-secret", passwd = "wd-secret",
        oneTimeCode = "otc-secret", otp = 123456, formData = { { value = { "in-a-value", 998877 }, marker = "password" } },
        card_number = 5500, shipping = "shipping-open", country = "open-too",
      }
      local said_back = "4111111111111111 123 Ada 4711 DE0212 token-in-list token-in-member pwd-secret pass-secret wd-secret "
        .. "otc-secret 123456 in-a-value 998877 5500 shipping-open open-too"
      assert.equal(("*** *** Ada" .. (" ***"):rep(12) .. " shipping-open open-too"), said(said_back, create(body)).message)
    end)

    it("that is a one-time code", function()
      local function activate(api) return api.AuthProvider.activateUser("email", "ada", "918273") end
      assert.equal("code *** of ada is wrong", said("code 918273 of ada is wrong", activate).message)
      local function check(api) return api.AuthProvider.checkCode("email", "ada", "e", "9182") end
      assert.equal("*** is wrong", said("9182 is wrong", check).message)
      assert.equal("*** is wrong", said("918273 is wrong", create { code = "918273" }).message)
      assert.equal("countries: DE10", said("countries: DE10", create { address = { code = "DE10" } }).message)
    end)

    it("that is short, as a word of its own", function()
      assert.equal("the cvv *** is wrong, not 1234 or a123", said("the cvv 123 is wrong, not 1234 or a123", create { cvv = "123" }).message)
      assert.equal("cvv=***, \"***\"; ***", said("cvv=123, \"123\"; 123", create { cvv = 123 }).message)
      assert.equal("12 is wrong", said("12 is wrong", create { pin = "12" }).message)
    end)

    it("that is the whole body", function()
      local body = { name = "Ada Example", address = "Example Street 5" }
      peer:script { fallback = { "answer", status = 400, body = "{}" } }
      local api = oneentry.define(peer.url, "app-token-1")
      api.Orders.createOrder("orders", body)
      local sent = peer:requests()[1].body
      local err = said("cannot read " .. sent .. " at all", create(body))
      assert.equal("cannot read *** at all", err.message)
      assert.equal("cannot read *** at all", said("cannot read " .. cjson.encode(sent):sub(2, -2) .. " at all", create(body)).message)
    end)

    it("that is longer than what is shown", function()
      local long = ("0123456789abcdef"):rep(2000)
      assert.equal("no ***", said("no " .. long .. " and more", create { password = long }).message)
      local text = ("x"):rep(16310) .. ("secret-word "):rep(100)
      local message = said(text, create { password = "secret-word" }).message
      assert.not_matches("secr", message)
      assert.is_true(#message <= 16384)
    end)

    it("of a proxy's url", function()
      local function proxied(text)
        peer:script { fallback = { "answer", status = 407, body = cjson.encode { message = text } } }
        local proxy = peer.url:gsub("://", "://proxy-user:pr%%40xy-word@")
        local api = oneentry.define("http://project.invalid", { token = "t", proxy = proxy, maxRetries = 0 })
        return select(2, api.Payments.getSessionById(1))
      end
      local err = proxied "pr@xy-word, pr%40xy-word of proxy-user; Basic cHJveHktdXNlcjpwckB4eS13b3Jk"
      assert.equal(407, err.statusCode)
      assert.equal("***, *** of proxy-user; Basic ***", err.message)
    end)

    it("in a list or a map of languages either", function()
      local call = create { password = "hunter2x" }
      assert.equal("no ***; *** is bad", said({ "no hunter2x", { en_US = "hunter2x is bad" } }, call).message)
    end)
  end)

  describe("S7: pretty", function()
    it("masks more names, and no word that only looks like one", function()
      for _, name in ipairs {
        "pin", "PIN", "cardPin", "pin_code", "PINCode", "cvv", "cvv2", "CVC", "card-cvc", "iban", "customerIBAN", "cardNumber",
        "card_number", "CardNumber", "cardnumber", "card number", "pwd", "pass", "userPass", "passwd", "otp", "oneTimeCode",
        "one_time_code", "verificationCode", "pass_word",
      } do
        assert.equal(true, oneentry.pretty({ [name] = "s3cret" }):find("s3cret", 1, true) == nil, name)
        assert.equal(true, oneentry.pretty({ marker = name, value = "s3cret" }):find("s3cret", 1, true) == nil, name)
      end
      for _, name in ipairs {
        "shipping", "opinion", "pinned", "passenger", "compass", "bypass", "hotplate", "number", "card", "urban", "code",
      } do
        assert.matches("open", oneentry.pretty { [name] = "open" }, 1, true)
      end
    end)

    it("masks a code that a person was sent, and none of an error or a status", function()
      assert.equal('{\n  code = "***",\n  user = "ada"\n}', oneentry.pretty { code = "918273", user = "ada" })
      for _, open in ipairs {
        { code = "http" }, { code = "E1" }, { code = 918273 }, { code = "10001", message = "no" }, { code = "4040", statusCode = 404 },
        { code = "123" }, { code = "5000", error = "Bad" }, { code = "5000", status = "failed" },
      } do
        assert.matches(tostring(open.code), oneentry.pretty(open), 1, true)
      end
    end)
  end)
end)
