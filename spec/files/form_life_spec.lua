-- Forms whose files are uploaded before they are sent: failures, deadlines, refreshes, the end. Under every driver: spec/drivers.sh.
local descriptors = require "support.descriptors"
local eventually = require "support.eventually"
local expect = require "support.fixtures.expect"
local forms = require "support.forms"
local oneentry = require "oneentry"
local own_loop = require "support.driver.own_loop"
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
    assert.same({}, (select(2, seen())))
    assert.is_true(announced <= 6, announced .. " uploads")
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
    for _, body in ipairs { "[]", "{}", "null", "5", "[null]", "[{}]", "[[]]", '[[{"a":1}]]', '["a"]', "" } do
      script { files = { body = body } }
      local value, err = post { field(1, { data = "x" }) }
      assert.is_nil(value)
      assert.same({ "invalid_response", "the answer to an upload names no file", true, "/api/content/form-data" },
        { err.code, err.message, err.sent, err.path })
      assert.equal(1, #peer:requests())
    end
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
      { "answer", body = '{"accessToken":"new","refreshToken":"r2"}' }, { "answer", status = 201, body = forms.POSTED } }
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
    script { ["1"] = { body = returned "x", seconds = 0.3 }, ["form-data"] = { body = forms.POSTED, seconds = 5 } }
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
