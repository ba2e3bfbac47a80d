-- The C locale of the host: numbers are read and written with a point, whatever it says.
local child = require "support.child"
local oneentry = require "oneentry"
local process = require "support.process"
local server = require "support.server"
local tmp = require "support.tmp"

describe("a locale with a decimal comma", function()
  local directory, peer
  setup(function()
    directory = tmp.directory()
    local compiled = os.execute(("unset LD_PRELOAD; localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1"):format(directory))
    assert(compiled == true or compiled == 0, "localedef failed")
    peer = server.start()
  end)
  teardown(function()
    peer:stop()
    tmp.remove(directory)
  end)

  for name, when in pairs { ["before the module is loaded"] = "before", ["after the module is loaded"] = "after" } do
    it("set " .. name .. " changes neither what is read nor what is written", function()
      peer:script {
        { "answer", body = '{"price":1.5,"big":[0.25],"list":[1,5],"long":4503599627370.03125,"exponent":25e-1}' },
        { "answer", body = '{"type":"float","value":"2.5"}' },
        { "answer", body = '{"type":"float","value":"0.25e1"}' },
      }
      -- glibc never frees what it loads from LOCPATH.
      local output, ok = child.run(([[
        local function set()
          assert(os.setlocale "de_DE.UTF-8")
          assert(jit or ("%%.1f"):format(1.5) == "1,5")
        end
        if %q == "before" then set() end
        local cjson = require "cjson"
        local api = require "oneentry".define(%q)
        if %q == "after" then set() end
        local value = assert(api.Orders.previewOrder { bonusAmount = 2.25, products = { 1e-7, 4061.55 } })
        assert(value.price * 2 == 3 and value.big[1] * 4 == 1)
        assert(value.list[1] == 1 and value.list[2] == 5)
        assert(value.exponent * 2 == 5, "an exponent: " .. tostring(value.exponent))
        assert(value.long * 32 == 4503599627370 * 32 + 1, "many digits: " .. tostring(value.long))
        if %q == "before" then assert(cjson.decode("[1.5]")[1] * 2 == 3) end
        assert(os.setlocale(nil, "numeric") == "de_DE.UTF-8")
        assert(jit or ("%%.1f"):format(1.5) == "1,5", "the thread is left in another locale")
        for _ = 1, 2 do
          local weight = assert(api.Orders.getOrdersStorageByMarker "orders")
          assert(weight.value * 2 == 5, "a number in a text: " .. tostring(weight.value))
        end
      ]]):format(when, peer.url, when, when), "ASAN_OPTIONS=detect_leaks=0 LOCPATH=" .. process.quote(directory))
      assert.is_true(ok, output)
      local body = peer:requests()[1].body
      assert.matches('"bonusAmount":2.25', body, 1, true)
      assert.matches('"products":[1e-07,4061.55]', body, 1, true)
    end)
  end
end)

describe("A12: a host with other letters than ASCII's", function()
  local hosts = {
    ["http://b\195\188cher.invalid/x"] = "http://xn--bcher-kva.invalid/x",
    ["http://b%C3%BCcher.invalid:8080//"] = "http://xn--bcher-kva.invalid:8080",
    ["http://\230\151\165\230\156\172.invalid"] = "http://xn--wgv71a.invalid",
    ["http://\239\189\147hop.invalid"] = "http://shop.invalid", -- a wide s
  }
  for _, locale in ipairs { "C", "C.UTF-8" } do
    it("is converted under " .. locale, function()
      for given, expected in pairs(hosts) do
        local output, ok = child.run(([[
          assert(os.setlocale %q)
          local api = require "oneentry".define(%q, { token = "t", maxRetries = 0 })
          assert(os.setlocale() == %q)
          io.write(api.prepare.Payments.getAccounts().url, " ", select(2, api.Payments.getAccounts()).code)
        ]]):format(locale, given, locale))
        assert.is_true(ok, output)
        assert.equal(expected .. "/api/content/payments/accounts dns", output)
      end
    end)
  end

  it("is refused when it cannot be converted, or becomes more than a host", function()
    for _, host in ipairs { "a\226\132\128b.example", "a\239\188\143b.example", "a%FFb.example", "a\226\128\128b.example",
      "xn--\195\188.example", ("\195\188"):rep(100) .. ".example" } do
      local ok, message = pcall(oneentry.define, "https://" .. host)
      assert.is_false(ok, host)
      assert.matches("bad argument #1 to 'define' (a host in ASCII expected", message, 1, true)
    end
  end)

  it("is refused as a proxy", function()
    for _, host in ipairs { "b\195\188cher.invalid", "b%C3%BCcher.invalid" } do
      local ok, message = pcall(oneentry.define, "https://shop.example", { proxy = "http://" .. host .. ":3128" })
      assert.is_false(ok)
      assert.matches("config.proxy: a url with a scheme and a host in ASCII", message, 1, true)
    end
  end)
end)
