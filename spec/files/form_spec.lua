-- Forms whose files are uploaded before they are sent: what is sent. Under every driver: spec/drivers.sh.
local expect = require "support.fixtures.expect"
local forms = require "support.forms"
local oneentry = require "oneentry"
local server = require "support.server"
local tmp = require "support.tmp"

local clock = require "socket".gettime
local returned, field, form = forms.returned, forms.field, forms.form

describe("FormData.postFormsData", function()
  local peer, directory
  setup(function() peer, directory = server.start(), tmp.directory() end)
  teardown(function()
    peer:stop()
    tmp.remove(directory)
  end)

  local function define(config)
    config = config or {}
    config.token = "app"
    return oneentry.define(peer.url, config)
  end

  local function script(but, refuse) forms.script(peer, but, refuse) end

  local function post(fields, config) return define(config).FormData.postFormsData(form(fields)) end

  local function seen() return forms.seen(peer) end

  -- The names of what was posted in each field.
  local function names(entries)
    local list = {}
    for i, entry in ipairs(entries) do
      list[i] = {}
      for k, file in ipairs(entry.value) do list[i][k] = file.filename end
    end
    return list
  end

  it("uploads the files, and then sends what came of them in their places", function()
    script { ["1"] = { body = returned "one", seconds = 0.1 }, ["2"] = { body = returned "two" }, ["3"] = { body = returned "three" } }
    local path = directory .. "/a.txt"
    tmp.write(path, "from a path")
    local handle = assert(io.open(path, "rb"))
    handle:read(5)
    local old = { filename = "old", downloadLink = "l", size = 1, contentType = "x" }
    local posted = assert(post { field(1, { { data = "A", name = "a.png", type = "image/png" }, { path = path } }),
      { marker = "t", type = "string", value = "x" }, field(2, handle, "image"), field(3, { { handle = handle }, old }, "groupOfImages") })
    handle:close()
    assert.same({ "sent", 7 }, { posted.actionMessage, posted.formData.id })
    local uploads, posts = seen()
    assert.same({ 4, 1 }, { #uploads, #posts })
    local texts = {}
    for _, upload in ipairs(uploads) do
      local parts = expect.parts(upload)
      assert.equal(1, #parts)
      texts[upload.path:match "id=(%d)" .. parts[1].filename] = parts[1].text
      assert.truthy(upload.path:find "entity=editor" and upload.path:find "type=page", upload.path)
    end
    assert.same({ ["1a.png"] = "A", ["1a.txt"] = "from a path", ["2blob"] = "a path", ["3blob"] = "a path" }, texts)
    local entries = posts[1].en_US
    assert.same({ { "one", "one" }, {}, { "two" }, { "three", "old" } },
      names { entries[1], { value = {} }, entries[3], entries[4] })
    for _, entry in ipairs(entries) do
      assert.is_nil(entry.fileQuery)
      for _, file in ipairs(type(entry.value) == "table" and entry.value or {}) do
        assert.is_nil(file.contentType)
        assert.truthy(file.downloadLink)
      end
    end
    assert.same({ marker = "t", type = "string", value = "x" }, entries[2])
    assert.equal("POST", peer:requests()[5].method)
  end)

  it("sends all that an upload returns, a list or one file", function()
    script { ["1"] = { body = '[{"filename":"a"},{"filename":"b"}]' }, ["2"] = { body = '{"filename":"c"}' } }
    assert(post { field(1, { { data = "" }, { data = "" } }), field(2, { data = "" }) })
    local _, posts = seen()
    assert.same({ { "a", "b", "a", "b" }, { "c" } }, names(posts[1].en_US))
  end)

  it("puts the results in the order of the files, however late they come", function()
    local but, fields = {}, {}
    for i = 1, 12 do
      but[tostring(i)] = { body = returned("f" .. i), seconds = (12 - i) % 4 * 0.03 }
      fields[i] = field(i, { data = tostring(i) })
    end
    script(but)
    assert(post(fields))
    local _, posts = seen()
    for i, list in ipairs(names(posts[1].en_US)) do assert.same({ "f" .. i }, list) end
  end)

  it("uploads at most six at a time, fewer where the client has fewer connections", function()
    for most, want in pairs { [0] = 6, [2] = 2 } do
      script { files = { body = returned "any", seconds = 0.05 } }
      local files = {}
      for i = 1, 14 do files[i] = { data = tostring(i) } end
      local before, began = #peer:connections(), clock()
      assert(post({ field(1, files) }, { maxConnections = most > 0 and most or nil }))
      assert.is_true(clock() - began >= math.ceil(14 / want) * 0.05)
      assert.is_true(#peer:connections() - before <= want, #peer:connections() - before .. " connections")
      assert.equal(15, #peer:requests())
    end
  end)

  it("says what the files are of where the field does not", function()
    local ids = {}
    for i = 1, 5 do
      script()
      local one = field(1, { { data = "x" }, { data = "y" } }, "image")
      one.fileQuery = i > 3 and oneentry.null or nil
      assert(post { one })
      local uploads = seen()
      local first = assert(uploads[1].path:match "[?&]id=(%d+)")
      assert.truthy(tonumber(first) < 10000)
      assert.truthy(uploads[1].path:find "entity=editor" and uploads[1].path:find "type=page", uploads[1].path)
      assert.equal(uploads[1].path, uploads[2].path)
      ids[first] = true
    end
    assert.truthy(next(ids, (next(ids))), "five random ids are equal")
  end)

  it("does not send buttons", function()
    script()
    assert(post { { marker = "b", type = "button", value = "" }, { marker = "s", type = "spam", value = "1" }, { type = "button" } })
    assert(post { marker = "alone", type = "string", value = "1" })
    assert(post { { type = "button" } })
    assert(post { type = "button" })
    local _, posts = seen()
    assert.same({ { marker = "s", type = "spam", value = "1" } }, posts[1].en_US)
    assert.same({ { marker = "alone", type = "string", value = "1" } }, posts[2].en_US)
    for i = 3, 4 do assert.equal('"formData":{"en_US":[]}', peer:requests()[i].body:match '"formData":{.-}') end
  end)

  it("sends values that are no files as they are", function()
    for _, case in ipairs { { oneentry.null, "null" }, { {}, "[]" }, { oneentry.array {}, "[]" }, { 5, "5" }, { false, "false" },
      { { filename = "x", contentType = "y" }, '{"filename":"x"}' }, { { oneentry.null, 5 }, "[null,5]" } } do
      script()
      assert(post { { marker = "m", type = "file", value = case[1] } })
      local body = peer:requests()[1].body
      assert.truthy(body:find('"value":' .. case[2] .. "}", 1, true), body)
      assert.equal(1, #peer:requests())
    end
    script()
    assert(post { { marker = "m", type = "file" } })
    assert.same({ { marker = "m", type = "file" } }, select(2, seen())[1].en_US)
  end)

  it("takes a table keyed by locales as it is, files and all", function()
    script()
    assert(post { en_US = { field(1, { data = "a" }), { type = "button" } }, de_DE = field(2, { data = "b" }) })
    local uploads, posts = seen()
    assert.equal(2, #uploads)
    assert.same({ { "any" } }, names(posts[1].en_US))
    assert.same({ { "any" } }, names(posts[1].de_DE))
  end)

  it("sends no formData where there is none", function()
    script()
    assert(define().FormData.postFormsData { formIdentifier = "f" })
    assert.equal('{"formIdentifier":"f"}', peer:requests()[1].body)
    assert(define().FormData.postFormsData({ formData = oneentry.null }))
    assert.equal('{"formData":null}', peer:requests()[2].body)
  end)

  it("reads tables through their metatables once, and changes none", function()
    script()
    local reads = 0
    local fields = { field(1, { { data = "x" } }) }
    local proxy = setmetatable({}, { __len = function() return 1 end, __index = function(_, i)
      reads = reads + 1
      return fields[i]
    end })
    assert(post(proxy))
    assert.equal(1, reads)
    assert.same({ field(1, { { data = "x" } }) }, fields)
    assert.equal(2, #peer:requests())
  end)

  it("refuses what cannot be sent before anything is", function()
    script()
    local closed = assert(io.tmpfile())
    closed:close()
    local good = field(1, { data = "x" })
    for problem, fields in pairs {
      ["body.formData[2]: cannot open '/nowhere/a.txt': No such file or directory"] = { good,
        field(1, { { data = "x" }, { path = "/nowhere/a.txt" } }) },
      ["body.formData[2]: an open file expected, got a closed one"] = { good, field(1, closed) },
      ["body.formData[1]: a regular file expected"] = { field(1, { path = "/" }), good },
      ["body.formData[2]: file: one of path, handle and data expected"] = { good, field(1, { path = "a", data = "b" }) },
      ["body.formData.en_US[1]: file.data: string expected"] = { en_US = { field(1, { data = 5 }) } },
      ["body.formData.en_US: file.path: a string that is not empty expected"] = { en_US = field(1, { path = "" }) },
      ["body.formData[2].value: a file expected, { path = ... }"] = { good, field(1, directory .. "/a.txt") },
      ["body.formData[2].value[1]: a file expected, { path = ... }"] = { good, field(1, { "/etc/passwd" }) },
      ["body.formData[2]: fileQuery.id: a string, number or boolean"] = { good, { type = "file", value = { data = "" }, fileQuery = { id = {
        a = 1 } } } },
      ["body.formData[2].fileQuery: table expected"] = { good, { type = "file", value = { data = "" }, fileQuery = 5 } },
      ["body.formData[2].value: a function is not JSON"] = { good, { type = "file", value = print } },
      ["body.formData[2].value[2]: a function is not JSON"] = { good, field(1, { { data = "" }, print }) },
      ["body.formData[2].value: a list with holes, or with other keys, is not JSON"] = { good, field(1, { { data = "" }, x = 1 }) },
      ["body.formData: a list with holes, or with other keys, is not JSON"] = { good, good, x = 1 },
      ["body.formData: a key that is not UTF-8 is not JSON"] = { ["de_\255"] = { good } },
      ["body.formData[2].x: a function is not JSON"] = { good, { type = "file", value = { data = "" }, x = print } },
      ["body.formData[2]: nil is not JSON"] = { [1] = good, [3] = good, [4] = good, n = nil },
    } do
      local fine, message = pcall(post, fields)
      assert.is_false(fine, problem)
      message = tostring(message)
      local holes = problem:find "nil is not JSON" and message:find "holes"
      assert.truthy(holes or message:find("bad argument #1 to 'postFormsData' (" .. problem, 1, true), message)
    end
    local files = {}
    for i = 1, 1001 do files[i] = { data = "" } end
    local _, message = pcall(post, { field(1, files) })
    assert.truthy(tostring(message):find("body.formData[1].value[1001]: at most 1000 files expected", 1, true), tostring(message))
    assert.same({}, peer:requests())
  end)

  it("uploads with traficLimit, too", function()
    script()
    assert(post({ field(1, { data = "x" }) }, { traficLimit = true }))
    assert.equal(2, #peer:requests())
  end)

  it("is prepared without files only", function()
    local uploaded = { filename = "a", contentType = "b" }
    local prepared = define().prepare.FormData.postFormsData(form { field(1, { uploaded }) })
    assert.same({ "POST", peer.url .. "/api/content/form-data" }, { prepared.method, prepared.url })
    assert.truthy(prepared.body:find('"value":[{"filename":"a"}]', 1, true), prepared.body)
    local fine, message = pcall(define().prepare.FormData.postFormsData, form { field(1, { data = "x" }) })
    assert.is_false(fine)
    assert.truthy(tostring(message):find("bad argument #1 to 'postFormsData' (no files expected: ", 1, true), tostring(message))
  end)
end)
