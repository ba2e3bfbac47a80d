-- oneentry.pretty: values as readable text, with secrets hidden.
local oneentry = require "oneentry"
local pretty = oneentry.pretty

describe("oneentry.pretty", function()
  it("writes scalars", function()
    assert.equal("5", pretty(5))
    assert.equal("0.5", pretty(0.5))
    assert.equal("true", pretty(true))
    assert.equal("nil", pretty(nil))
    assert.equal("null", pretty(oneentry.null))
    assert.equal('"a \\"b\\""', pretty 'a "b"')
    assert.equal("{}", pretty {})
  end)

  it("writes tables with their keys in order", function()
    assert.equal('{\n  a = 1,\n  b = {\n    1,\n    {\n      x = "y"\n    }\n  },\n  c = false\n}',
      pretty { c = false, b = { 1, { x = "y" } }, a = 1 })
  end)

  it("masks what is secret", function()
    local text = pretty {
      accessToken = "s3cret", refreshToken = "s3cret", password1 = "s3cret", clientSecret = "s3cret", Authorization = "s3cret",
      list = { { marker = "password_reg", value = "s3cret" }, { marker = "name", value = "open" } },
      ["x-app-token"] = "s3cret",
    }
    assert.not_matches("s3cret", text)
    assert.matches('value = "open"', text, 1, true)
    assert.matches('accessToken = "***"', text, 1, true)
  end)

  it("masks a secret that is a table, too", function()
    assert.not_matches("s3cret", pretty { tokens = { "s3cret" }, secret = { a = "s3cret" } })
  end)

  it("ends for a cycle, and takes any key", function()
    local t = { [1.5] = "x", [true] = "y", [print] = 1 }
    t.t = t
    assert.matches("...", pretty(t), 1, true)
  end)

  it("ends for tables that hold themselves often, and masks names with a NUL", function()
    local t = {}
    t.a, t.b = t, t
    assert.is_true(#pretty(t) < 8 * 1024 * 1024)
    assert.not_matches("s3cret", pretty { ["a\0password"] = "s3cret" })
    assert.matches('["a\\nb"] = 1', pretty { ["a\nb"] = 1 }, 1, true)
  end)

  it("wants a value", function()
    assert.has_error(function() pretty() end)
  end)
end)
