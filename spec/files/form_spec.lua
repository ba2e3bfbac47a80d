-- Forms whose files are uploaded before they are sent. Under every driver: spec/drivers.sh.
local descriptors = require "support.descriptors"
local eventually = require "support.eventually"
local expect = require "support.fixtures.expect"
local json = require "support.fixtures.json"
local oneentry = require "oneentry"
local own_loop = require "support.driver.own_loop"
local server = require "support.server"
local tmp = require "support.tmp"

local clock = require "socket".gettime

local POSTED = '{"actionMessage":"sent","formData":{"id":7,"formIdentifier":"f","formData":{"en_US":[]}}}'

-- What an upload returns, of a file of that name.
local function returned(name)
  return ('[{"filename":"%s","downloadLink":"https://cdn.example/%s","size":1,"contentType":"text/plain"}]'):format(name, name)
end

-- A field with files, which are uploaded with that id.
local function field(id, value, kind)
  return { marker = "m" .. id, type = kind or "file", value = value, fileQuery = { type = "page", entity = "editor", id = id } }
end

local function form(fields)
  return { formIdentifier = "f", formModuleConfigId = 2, moduleEntityIdentifier = "blog", formData = fields }
end

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

  -- The answers to uploads by their ids.
  local function script(but, refuse)
    but = but or {}
    but["form-data"] = but["form-data"] or { status = 201, body = POSTED }
    but.files = but.files or { status = 201, body = returned "any" }
    peer:script { fallback = { "echo", but = but, refuse = refuse } }
  end

  local function post(fields, config) return define(config).FormData.postFormsData(form(fields)) end

  -- The uploads' requests, and the formData that were posted, by requests.
  local function seen()
    local uploads, posts = {}, {}
    for _, request in ipairs(peer:requests()) do
      if request.path:find "/files" then
        uploads[#uploads + 1] = request
      else
        assert.equal("/api/content/form-data", request.path)
        posts[#posts + 1] = json.decode(request.body).formData
      end
    end
    return uploads, posts
  end

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

  it("is not sent when an upload fails, and starts no other", function()
    local but, files = { ["1"] = { status = 413, body = '{"message":"Too large"}', seconds = 0.05 } }, {}
    script(but)
    for i = 1, 20 do files[i] = { data = tostring(i) } end
    local announced = 0
    local value, err = post({ field(1, files) }, { hooks = { request = function() announced = announced + 1 end } })
    assert.is_nil(value)
    assert.same({ "http", 413, "Too large", "/api/content/files", true },
      { err.code, err.statusCode, err.message, err.path, err.sent })
    assert.is_nil(err.partial)
    local uploads, posts = seen()
    assert.same({}, posts)
    assert.same({ 6, 6 }, { #uploads, announced })
  end)

  it("tells customErrors of the upload that fails", function()
    script { ["1"] = { status = 413, body = "{}" } }
    local told = {}
    local _, err = post({ field(1, { data = "x" }) }, { errors = { customErrors = { [413] = function(e) told[#told + 1] = e end } } })
    assert.same({ err }, told)
  end)

  it("cancels what is under way when an upload fails", function()
    script { ["1"] = { behaviour = "silence" }, ["2"] = { status = 500, body = "{}", seconds = 0.1 } }
    local began = clock()
    local _, err = post({ field(1, { data = "x" }), field(2, { data = "y" }) }, { timeout = 20 })
    assert.equal(500, err.statusCode)
    assert.is_true(clock() - began < 5)
    eventually(function()
      for _, request in ipairs(peer:requests()) do
        if request.path:find "id=1" and not peer:connections()[request.connection].peerClosed then return false end
      end
      return true
    end, "an upload is under way still")
  end)

  it("says whether any byte was sent", function()
    local refused = oneentry.define("http://127.0.0.1:1", { token = "app" })
    local _, err = refused.FormData.postFormsData(form { field(1, { { data = "x" }, { data = "y" } }) })
    assert.same({ "connect", false }, { err.code, err.sent })
    for closing = 1, 2 do -- before the first upload, or between the two
      script()
      local calls, api = 0, nil
      api = define { maxConnections = 1, hooks = { request = function()
        calls = calls + 1
        if calls == closing then api.close() end
      end } }
      _, err = api.FormData.postFormsData(form { field(1, { { data = "x" }, { data = "y" } }) })
      assert.same({ "closed", closing == 2 }, { err.code, err.sent })
      assert.equal(closing - 1, #peer:requests())
    end
  end)

  it("is not sent when an upload's answer names no file", function()
    for _, body in ipairs { "[]", "{}", "null", "5", "[null]", '["a"]', "" } do
      script { files = { body = body } }
      local value, err = post { field(1, { data = "x" }) }
      assert.is_nil(value)
      assert.same({ "invalid_response", "the answer to an upload names no file", true, "/api/content/form-data" },
        { err.code, err.message, err.sent, err.path })
      assert.equal(1, #peer:requests())
    end
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

  it("sends the bytes that the files had when it began", function()
    script { files = { body = returned "any", seconds = 0.02 } }
    local path, files = directory .. "/gone", {}
    for i = 1, 8 do
      tmp.write(path .. i, "bytes " .. i)
      files[i] = { path = path .. i }
    end
    local body = form { field(1, files) }
    local future = define().async.FormData.postFormsData(body)
    for i = 1, 8 do os.remove(path .. i) end
    body.formData[1].value = nil
    collectgarbage()
    assert(future:await())
    local uploads, found = seen(), {}
    for i, upload in ipairs(uploads) do found[i] = expect.parts(upload)[1].text end
    table.sort(found)
    assert.equal(8, #found)
    for i = 1, 8 do assert.equal("bytes " .. i, found[i]) end
  end)

  it("refreshes once for all, and sends the whole files again", function()
    local big = ("0123456789"):rep(20000)
    script({ refresh = { body = '{"accessToken":"new","refreshToken":"r2"}', seconds = 0.05 } }, "old")
    local saved, files = {}, {}
    for i = 1, 8 do files[i] = { data = big .. i } end
    assert(post({ field(1, files) }, { auth = { accessToken = "old", refreshToken = "r1",
      saveFunction = function(token) saved[#saved + 1] = token end } }))
    assert.same({ "r2" }, saved)
    local good = {}
    for _, request in ipairs(peer:requests()) do
      if request.path:find "/files" and request.headers.authorization == "Bearer new" then
        good[#good + 1] = expect.parts(request)[1].text
      end
    end
    table.sort(good)
    assert.equal(8, #good)
    for i = 1, 8 do assert.is_true(good[i] == big .. i) end
  end)

  it("does not upload again when the form itself meets a 401", function()
    peer:script { { "answer", status = 201, body = returned "one" }, { "answer", status = 401, body = "{}" },
      { "answer", body = '{"accessToken":"new","refreshToken":"r2"}' }, { "answer", status = 201, body = POSTED } }
    assert(post({ field(1, { data = "x" }) }, { auth = { accessToken = "old", refreshToken = "r1" } }))
    local requests = peer:requests()
    assert.equal(4, #requests)
    assert.equal(requests[2].body, requests[4].body)
    assert.truthy(requests[4].body:find('"filename":"one"', 1, true))
  end)

  it("is never repeated, and neither are its uploads", function()
    for _, step in ipairs { { "answer", status = 503, body = "{}" }, { "hangup" }, { "reset" } } do
      peer:script { step }
      local _, err = post({ field(1, { data = "x" }) }, { maxRetries = 3 })
      assert.is_true(err.sent)
      assert.equal(1, #peer:requests())
      peer:script { { "answer", status = 201, body = returned "one" }, step }
      _, err = post({ field(1, { data = "x" }) }, { maxRetries = 3 })
      assert.is_true(err.sent)
      assert.equal(2, #peer:requests())
    end
  end)

  it("has one deadline for all of it", function()
    script { ["1"] = { body = returned "x", seconds = 0.3 }, ["form-data"] = { body = POSTED, seconds = 5 } }
    local began = clock()
    local _, err = post({ field(1, { data = "x" }) }, { timeout = 0.5 })
    assert.is_true(clock() - began < 1, clock() - began .. " s")
    assert.same({ "timeout", "/api/content/form-data" }, { err.code, err.path })
    script { ["1"] = { behaviour = "silence" } }
    _, err = post({ field(1, { data = "x" }) }, { timeout = 0.2 })
    assert.same({ "timeout", "/api/content/files", true }, { err.code, err.path, err.sent })
    assert.equal(1, #peer:requests())
  end)

  it("ends with its uploads when it is cancelled, or the client is closed", function()
    for _, ending in ipairs { "cancelled", "closed" } do
      script { files = { behaviour = "silence" } }
      local api, files = define { timeout = 20 }, {}
      for i = 1, 10 do files[i] = { data = tostring(i) } end
      local future = api.async.FormData.postFormsData(form { field(1, files) })
      eventually(function()
        future:done()
        return #peer:requests() == 6
      end)
      collectgarbage "stop" -- would end children that are lost
      finally(function() collectgarbage "restart" end)
      if ending == "cancelled" then future:cancel() else api.close() end
      local value, err = future:await()
      assert.same({ [2] = ending, [3] = true }, { value, err.code, err.sent })
      eventually(function()
        for _, request in ipairs(peer:requests()) do
          if not peer:connections()[request.connection].peerClosed then return false end
        end
        return true
      end, "uploads are under way still")
      assert.equal(6, #peer:requests())
      collectgarbage "restart"
      api.close()
    end
  end)

  it("has sent nothing when it is cancelled at once, and lets go of its files", function()
    script()
    local path, files = directory .. "/file", {}
    tmp.write(path, "x")
    for i = 1, 40 do files[i] = { path = path } end
    collectgarbage()
    collectgarbage "stop" -- would close them later
    finally(function() collectgarbage "restart" end)
    local before = descriptors()
    local future = define().async.FormData.postFormsData(form { field(1, files) })
    local held = descriptors()
    assert.is_true(held >= before + 40)
    future:cancel()
    assert.is_true(descriptors() <= held - 40)
    local _, err = future:await()
    assert.same({ "cancelled", false }, { err.code, err.sent })
    assert.same({}, peer:requests())
  end)

  it("tells hooks of each upload, and then of itself", function()
    script()
    local paths = {}
    local hooks = { request = function(event) paths[#paths + 1] = event.path end }
    assert(post({ field(1, { { data = "x" }, { data = "y" } }) }, { hooks = hooks }))
    assert.same({ "/api/content/files", "/api/content/files", "/api/content/form-data" }, paths)
  end)

  it("uploads with traficLimit, too", function()
    script()
    assert(post({ field(1, { data = "x" }) }, { traficLimit = true }))
    assert.equal(2, #peer:requests())
  end)

  it("goes on beside others, and is told of by who waits for it", function()
    script { files = { body = returned "any", seconds = 0.02 }, ["99"] = { body = "{}", seconds = 0.5 } }
    local api, order = define { driver = own_loop.driver, timeout = 5 }, {}
    own_loop.run { function()
      assert(api.Payments.getSessionById(99))
      order[#order + 1] = "long"
    end, function()
      local files = {}
      for i = 1, 12 do files[i] = { data = tostring(i) } end
      assert(api.FormData.postFormsData(form { field(1, files) }))
      order[#order + 1] = "form"
    end }
    assert.same({ "form", "long" }, order)
    api.close()
  end)

  it("is not sent twice by who looks at the future meanwhile", function()
    script { files = { body = returned "any", seconds = 0.01 } }
    local future = define().async.FormData.postFormsData(form { field(1, { { data = "x" }, { data = "y" } }) })
    eventually(function() return future:done() end)
    assert.equal(7, assert(future:await()).formData.id)
    assert.equal(3, #peer:requests())
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

  it("closes its descriptors, whatever becomes of it", function()
    script()
    local path, api = directory .. "/file", define()
    tmp.write(path, "x")
    local file = { path = path }
    assert(api.FormData.postFormsData(form { field(1, file) }))
    collectgarbage()
    local before = descriptors()
    for _ = 1, 20 do
      assert(api.FormData.postFormsData(form { field(1, { file, file }) }))
      api.async.FormData.postFormsData(form { field(1, { file, file }) }):cancel()
      pcall(api.FormData.postFormsData, form { field(1, { file, { path = 5 } }) })
    end
    eventually(function()
      collectgarbage()
      return descriptors() <= before + 2
    end, "descriptors stay open")
  end)
end)
