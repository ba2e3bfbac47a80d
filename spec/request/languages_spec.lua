-- langCode as a list: the first language is asked for, the others are taken where it is missing.
local cjson = require "cjson"
local child = require "support.child"
local oneentry = require "oneentry"
local server = require "support.server"
local tmp = require "support.tmp"

local REFUSED = { "answer", status = 400, body = '{"statusCode":400,"message":"langCode is not supported"}' }
local TITLES = '{"id":1,"localizeInfos":{"de_DE":{"title":"Hemd"},"en_US":{"title":"Shirt"},"fr_FR":{"title":"Chemise"}}}'

describe("a list of languages", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)

  local function client(langs)
    return oneentry.define(peer.url, { langCode = langs, maxRetries = 0 })
  end

  local function answers(...)
    local steps = { fallback = { "answer", status = 500, body = '{"message":"no more answers"}' } }
    for i, answer in ipairs { ... } do steps[i] = type(answer) == "string" and { "answer", body = answer } or answer end
    peer:script(steps)
  end

  local function asked(name)
    local list = {}
    for i, request in ipairs(peer:requests()) do list[i] = request.path:match("[?&]" .. (name or "langCode") .. "=([^&]*)") end
    return list
  end

  local function bodies()
    local list = {}
    for i, request in ipairs(peer:requests()) do list[i] = request.body end
    return list
  end

  describe("of a call", function()
    it("asks for the first, and takes the first that the reply has", function()
      answers(TITLES)
      local product = assert(client().Products.getProductById(1, { "de_AT", "de_DE", "en_US" }))
      assert.equal("Hemd", product.localizeInfos.title)
      assert.same({ "de_AT" }, asked())
    end)

    it("is in the order of the list, not of the reply", function()
      answers(TITLES, TITLES)
      local api = client()
      assert.equal("Chemise", assert(api.Products.getProductById(1, { "fr_FR", "de_DE" })).localizeInfos.title)
      assert.equal("Hemd", assert(api.Products.getProductById(1, { "de_DE", "fr_FR" })).localizeInfos.title)
    end)

    it("ends with the client's languages", function()
      answers(TITLES)
      local product = assert(client { "it_IT", "fr_FR" }.Products.getProductById(1, { "de_AT", "de_CH" }))
      assert.equal("Chemise", product.localizeInfos.title)
    end)

    it("leaves a reply that the server has unwrapped as it is", function()
      answers '{"id":1,"localizeInfos":{"title":"Leiberl"}}'
      local product = assert(client().Products.getProductById(1, { "de_AT", "en_US" }))
      assert.equal("Leiberl", product.localizeInfos.title)
    end)

    it("may be as long as 8, and is not changed", function()
      local langs = { "a", "b", "c", "d", "e", "f", "g", "fr_FR" }
      answers(TITLES)
      assert.equal("Chemise", assert(client { "1", "2", "3", "4", "5", "6", "7", "8" }
        .Products.getProductById(1, langs)).localizeInfos.title)
      assert.same({ "a", "b", "c", "d", "e", "f", "g", "fr_FR" }, langs)
    end)

    it("is read once, when the call is made", function()
      local langs = { "de_AT", "de_DE" }
      answers(REFUSED, TITLES)
      local future = client().async.Products.getProductById(1, langs)
      langs[2] = "fr_FR"
      assert.equal("Hemd", assert(future:await()).localizeInfos.title)
      assert.same({ "de_AT", "de_DE" }, asked())
    end)

    it("may answer through its metatable", function()
      answers(TITLES)
      local langs = setmetatable({}, { __index = { "de_AT", "de_DE" }, __len = function() return 2 end })
      assert.equal("Hemd", assert(client().Products.getProductById(1, langs)).localizeInfos.title)
    end)

    it("goes to child calls", function()
      answers('[{"id":1,"title":"hit"}]', REFUSED, TITLES)
      local hit = assert(client().Products.searchProduct("hit", { "de_AT", "de_DE" }))[1]
      assert.equal("Hemd", hit.localizeInfos.title)
      assert.same({ "de_AT", "de_AT", "de_DE" }, asked())
    end)
  end)

  it("of the client holds for calls that name none", function()
    answers(TITLES)
    assert.equal("Hemd", assert(client { "de_AT", "de_DE" }.Products.getProductById(1)).localizeInfos.title)
    assert.same({ "de_AT" }, asked())
  end)

  it("chooses the language of an error's text", function()
    answers { "answer", status = 404, body = '{"message":{"en_US":"not there","de_DE":"nicht da"}}' }
    assert.equal("nicht da", select(2, client().Products.getProductById(1, { "de_AT", "de_DE" })).message)
  end)

  describe("whose first is refused with a 400", function()
    it("asks for the next one, until one is accepted", function()
      answers(REFUSED, REFUSED, TITLES)
      local product = assert(client().Products.getProductById(1, { "de_AT", "de_CH", "de_DE" }))
      assert.equal("Hemd", product.localizeInfos.title)
      assert.same({ "de_AT", "de_CH", "de_DE" }, asked())
    end)

    for _, text in ipairs { "Language is unknown", "no such LOCALE", "de_AT: not active", '"langCode" must be one of [de_DE]' } do
      it("knows it by a text that is " .. text, function()
        answers({ "answer", status = 400, body = ('{"message":%q}'):format(text) }, TITLES)
        assert(client().Products.getProductById(1, { "de_AT", "de_DE" }))
        assert.same({ "de_AT", "de_DE" }, asked())
      end)
    end

    for title, answer in pairs {
      ["another text"] = { "answer", status = 400, body = '{"message":"id must be a number"}' },
      ["a page of a proxy"] = { "answer", status = 400, body = '<html lang="en">Bad Request</html>' },
      ["a text that repeats the request"] = {
        "answer", status = 400, body = '{"message":"no","path":"/api/content/products/1?langCode=de_AT&lang=de_AT"}',
      },
      ["another status"] = { "answer", status = 403, body = REFUSED.body },
    } do
      it("takes " .. title .. " for the answer", function()
        answers(answer)
        local _, err = client().Products.getProductById(1, { "de_AT", "de_DE" })
        assert.equal(answer.status, err.statusCode)
        assert.same({ "de_AT" }, asked())
      end)
    end

    it("does not find a short one in other words", function()
      answers { "answer", status = 400, body = '{"message":"order refused, de-facto"}' }
      local _, err = client().Orders.createOrder("my_order", { formData = {} }, { "de", "en" })
      assert.equal(400, err.statusCode)
      assert.equal(1, #peer:requests())
      answers({ "answer", status = 400, body = '{"message":"unknown: de"}' }, '{"id":1}')
      assert(client().Orders.createOrder("my_order", { formData = {} }, { "de", "en" }))
    end)

    it("gives the error of the last one", function()
      answers(REFUSED, { "answer", status = 400, body = '{"message":"de_DE: not active"}' })
      local _, err = client().Products.getProductById(1, { "de_AT", "de_DE" })
      assert.same({ 400, "de_DE: not active", 2 }, { err.statusCode, err.message, err.attempts })
    end)

    it("changes nothing else of the url", function()
      answers(REFUSED, "[]")
      assert(client().Pages.searchPage("langCode=de_AT&lang=de_AT", "de_AT", { "de_AT", "zh-Hant TW" }))
      local one, two = peer:requests()[1].path, peer:requests()[2].path
      assert.equal(one:gsub("([?&]lang=)de_AT", "%1zh-Hant%%20TW"):lower(), two:lower()) -- libcurl writes %3D or %3d
    end)

    it("changes nothing else of a url whose project has a path", function()
      answers(REFUSED, TITLES)
      local api = oneentry.define(peer.url .. "/&langCode=de_AT", { langCode = { "de_AT", "de_DE" } })
      assert(api.Products.getProductsByPageUrl("a/langCode=de_AT", {}, nil, { title = "de_AT" }))
      local one, two = peer:requests()[1].path, peer:requests()[2].path
      assert.equal(one:gsub("(?langCode=)de_AT", "%1de_DE"):lower(), two:lower())
    end)

    it("is asked for its next one in each place of a body", function()
      local langs = { "de_AT", 'deutsch "oesterreich"', "de" }
      answers(REFUSED, REFUSED, "{}")
      assert(client().AuthProvider.signUp("email", { formData = { { value = "de_AT" } }, langCode = "x" }, langs))
      local list = bodies()
      for i, lang in ipairs(langs) do
        local code = lang:gsub('"', '\\"')
        assert.same({ formData = { [lang] = { { value = "de_AT" } } }, langCode = lang }, cjson.decode(list[i]))
        assert.truthy(list[i]:find('"formData":{"' .. code .. '":[', 1, true), list[i])
      end
    end)

    it("is asked for its next one in a body without a query", function()
      answers(REFUSED, '{"id":1}')
      assert(client().Orders.createOrder("my_order", { formData = {} }, { "de_AT", "de_DE" }))
      assert.same({ '{"formData":{"de_AT":[]}}', '{"formData":{"de_DE":[]}}' }, bodies())
    end)

    it("is asked for its next one in a body of single members", function()
      answers(REFUSED, "true")
      assert(client().Events.subscribeByMarker("stock", 5, { "de_AT", "de_DE" }))
      assert.same({ '{"locale":"de_AT","productId":5}', '{"locale":"de_DE","productId":5}' }, bodies())
    end)

    it("takes the 400 for the answer where the request does not have the language", function()
      answers(REFUSED)
      local _, err = client { "de_AT", "de_DE" }.Orders.createOrder("my_order", { formData = { en_US = {} } })
      assert.equal(400, err.statusCode)
    end)

    it("leaves the language of the caller's own locales alone", function()
      answers(REFUSED, '{"id":1}')
      local _, err = client().Orders.createOrder("my_order", { formData = { de_AT = {} } }, { "de_AT", "de_DE" })
      assert.equal(400, err.statusCode)
    end)

    it("is asked for its next one after a refresh, too", function()
      answers({ "answer", status = 401, body = "{}" }, '{"accessToken":"b","refreshToken":"c"}', REFUSED, TITLES)
      local user = client { "de_AT", "de_DE" }.session { accessToken = "a", refreshToken = "r" }
      assert(user.Products.getProductById(1))
      assert.same({ "de_AT", "de_AT", "de_DE" }, { asked()[1], asked()[3], asked()[4] })
    end)
  end)

  describe("remembers of the client", function()
    it("what was refused, for its sessions and requests that are only prepared, too", function()
      answers(REFUSED, TITLES, TITLES, TITLES)
      local api = client { "de_AT", "de_DE" }
      for _ = 1, 2 do assert(api.Products.getProductById(1)) end
      assert(api.session({}).Products.getProductById(1, { "de_AT", "fr_FR" }))
      assert.same({ "de_AT", "de_DE", "de_DE", "fr_FR" }, asked())
      assert.truthy(api.prepare.Products.getProductById(1).url:find "langCode=de_DE")
    end)

    it("nothing of another client", function()
      answers(REFUSED, TITLES, TITLES)
      assert(client { "de_AT", "de_DE" }.Products.getProductById(1))
      assert(client { "de_AT", "de_DE" }.Products.getProductById(1))
      assert.same({ "de_AT", "de_DE", "de_AT" }, asked())
    end)

    it("nothing of a request that has failed in the next language, too", function()
      answers(REFUSED, { "answer", status = 404, body = "{}" }, TITLES)
      local api = client { "de_AT", "de_DE" }
      assert.equal(404, select(2, api.Products.getProductById(1)).statusCode)
      assert(api.Products.getProductById(1))
      assert.same({ "de_AT", "de_DE", "de_AT" }, asked())
    end)

    it("the 8 languages that were refused last", function()
      local answered = {}
      for i = 1, 18 do answered[i] = i % 2 == 1 and REFUSED or TITLES end
      answered[19], answered[20] = TITLES, TITLES
      answers((unpack or table.unpack)(answered))
      local api = client()
      for i = 1, 9 do assert(api.Products.getProductById(1, { "x" .. i, "en_US" })) end
      assert(api.Products.getProductById(1, { "x1", "en_US" }))
      assert(api.Products.getProductById(1, { "x2", "en_US" }))
      assert.same({ "x1", "en_US" }, { asked()[19], asked()[20] })
    end)

    it("a language that calls at the same time were refused as one", function()
      local steps, futures = { fallback = { "answer", body = TITLES } }, {}
      for i = 1, 10 do steps[i] = { "delay", seconds = 0.3, status = 400, body = REFUSED.body } end -- all are there before
      peer:script { REFUSED, { "answer", body = TITLES } }
      local api = client()
      assert(api.Products.getProductById(1, { "x1", "en_US" }))
      peer:script(steps)
      for i = 1, 10 do futures[i] = api.async.Products.getProductById(1, { "x2", "en_US" }) end
      assert(oneentry.all(futures))
      assert(api.Products.getProductById(1, { "x1", "en_US" }))
      assert.equal("en_US", asked()[#asked()])
      assert.equal(21, #asked())
    end)

    it("them for 10 minutes", function()
      local directory = tmp.directory()
      local file = directory .. "/ahead"
      answers(REFUSED, TITLES, TITLES, REFUSED, TITLES)
      assert.equal("", (child.run(([[
        local api = require "oneentry".define(%q, { langCode = { "de_AT", "de_DE" } })
        for _, seconds in ipairs { 0, 590, 610 } do
          local ahead = assert(io.open(%q, "w"))
          ahead:write(seconds)
          ahead:close()
          assert(api.Products.getProductById(1))
        end
      ]]):format(peer.url, file), ("CLOCK_AHEAD=%s %s"):format(file, child.preload "later_clock"))))
      assert.same({ "de_AT", "de_DE", "de_DE", "de_AT", "de_DE" }, asked())
      tmp.remove(directory)
    end)
  end)

  describe("is refused, and nothing is sent,", function()
    local function call(langs) return client().Products.getProductById(1, langs) end
    for title, case in pairs {
      ["when it is empty"] = { {}, "langCode: a language, or a list of 1 to 8 languages expected" },
      ["when it is longer than 8"] = { { "a", "b", "c", "d", "e", "f", "g", "h", "i" }, "a list of 1 to 8 languages expected" },
      ["when it has other members"] = { { "a", x = "b" }, "a list of 1 to 8 languages expected" },
      ["with an item that is no text"] = { { "de_AT", 5 }, 'langCode: item 2 of the list is no language such as "en_US"' },
      ["with an empty item"] = { { "" }, "item 1 of the list is no language" },
      ["with an item that is long"] = { { ("x"):rep(36) }, "item 1 of the list is no language" },
      ["with a NUL"] = { { "de\0AT" }, "item 1 of the list is no language" },
      ["with an item that is no UTF-8"] = { { "de_AT", "\255" }, "item 2 of the list is no language" },
    } do
      it(title, function()
        answers()
        local ok, message = pcall(call, case[1])
        assert.is_false(ok)
        assert.truthy(message:find("bad argument #2 to 'getProductById' (", 1, true), message)
        assert.truthy(message:find(case[2], 1, true), message)
        ok, message = pcall(client, case[1])
        assert.is_false(ok)
        assert.truthy(message:find("bad argument #2 to 'define' (config.langCode: ", 1, true), message)
        assert.same({}, peer:requests())
      end)
    end
  end)
end)
