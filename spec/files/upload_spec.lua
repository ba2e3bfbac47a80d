-- Files on their way to the server.
local eventually = require "support.eventually"
local oneentry = require "oneentry"
local server = require "support.server"
local tmp = require "support.tmp"

local REPLY = '[{"filename":"files/a.txt","downloadLink":"https://cdn.example/a.txt","size":5}]'

-- The parts of a recorded multipart body: { { head, bytes }, ... }.
local function parts_of(request)
  local boundary = request.headers["content-type"]:match "^multipart/form%-data; boundary=(%S+)$"
  assert(boundary, request.headers["content-type"])
  local parts, body = {}, "\r\n" .. request.body
  local mark = "\r\n--" .. boundary
  local at = #mark + 1
  assert.equal(mark, body:sub(1, #mark))
  while body:sub(at, at + 1) == "\r\n" do
    local ending = assert(body:find(mark, at, true))
    local head, bytes = body:sub(at, ending - 1):match "^(.-\r\n)\r\n(.*)$"
    parts[#parts + 1] = { head = head, bytes = bytes }
    at = ending + #mark
  end
  assert.equal("--\r\n", body:sub(at))
  return parts
end

local function head(name, kind)
  return ('\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\nContent-Type: %s\r\n'):format(name, kind)
end

describe("FileUploading.upload", function()
  local peer, api, directory

  setup(function()
    peer, directory = server.start(), tmp.directory()
  end)
  teardown(function()
    peer:stop()
    tmp.remove(directory)
  end)
  before_each(function()
    peer:script { fallback = { "answer", status = 201, body = REPLY } }
    api = oneentry.define(peer.url, { token = "app" })
  end)

  local function part(...)
    local before = #peer:requests()
    assert(api.FileUploading.upload(...))
    local request = peer:requests()[before + 1]
    local parts = parts_of(request)
    assert.equal(1, #parts)
    return parts[1], request
  end

  it("sends a string with its name and type", function()
    local sent, request = part { data = "hello\0\r\n", name = "\195\188n\195\175.txt", type = "text/x" }
    assert.same({ head = head("\195\188n\195\175.txt", "text/x"), bytes = "hello\0\r\n" }, sent)
    assert.same({ "POST", "/api/content/files", "application/json", "app" },
      { request.method, request.path, request.headers.accept, request.headers["x-app-token"] })
    assert.is_string(request.headers["x-device-metadata"])
    assert.is_string(request.headers["content-length"])
    assert.is_nil(request.headers.expect)
  end)

  it("calls a string without a name blob, of any type", function()
    assert.same({ head = head("blob", "application/octet-stream"), bytes = "" }, part { data = "" })
  end)

  it("sends the file of a path by its last name, with the type of its ending", function()
    local path = directory .. "/a.PNG"
    tmp.write(path, "picture")
    assert.same({ head = head("a.PNG", "image/png"), bytes = "picture" }, part(path))
    assert.same({ head = head("b.json", "application/json"), bytes = "picture" }, part { path = path, name = "b.json" })
  end)

  it("sends an open file from where it stands, and does not move it", function()
    local path = directory .. "/file"
    tmp.write(path, "skipped rest")
    local file = assert(io.open(path, "rb"))
    assert.equal("skipped ", file:read(8))
    assert.same({ head = head("blob", "application/octet-stream"), bytes = "rest" }, part(file))
    assert.equal("rest", file:read "*a")
    assert.same({ head = head("n.txt", "text/plain"), bytes = "" }, part { handle = file, name = "n.txt" })
    file:close()
  end)

  it("knows what a program has written into the file just now", function()
    local path = directory .. "/file"
    local file = assert(io.open(path, "w+b"))
    file:write "fresh"
    assert(api.FileUploading.upload { file, path })
    file:close()
    local parts = parts_of(peer:requests()[1])
    assert.same({ "", "fresh" }, { parts[1].bytes, parts[2].bytes })
  end)

  it("sends a list of files as one form", function()
    assert(api.FileUploading.upload { { data = "1", name = "1.txt" }, { data = "2", name = "2.txt" } })
    local parts = parts_of(peer:requests()[1])
    assert.same({ "1", "2" }, { parts[1].bytes, parts[2].bytes })
    assert.equal(2, #parts)
  end)

  it("puts what the file is of into the query", function()
    local _, request = part({ data = "x" }, { type = "page", entity = "editor", id = 3787, compress = true })
    assert.truthy(request.path:find "^/api/content/files%?")
    for _, parameter in ipairs { "type=page", "entity=editor", "id=3787", "compress=true" } do
      assert.truthy(request.path:find(parameter, 1, true), request.path)
    end
  end)

  it("reads a pipe, up to maxResponseSize", function()
    api = oneentry.define(peer.url, { driver = "blocking" })
    local pipe = assert(io.popen "echo piped")
    assert.equal("piped\n", part { handle = pipe, name = "p.txt" }.bytes)
    pipe:close()
    local small = oneentry.define(peer.url, { maxResponseSize = 4, driver = "blocking" })
    pipe = assert(io.popen "echo piped")
    assert.has_error(function() small.FileUploading.upload(pipe) end,
      "bad argument #1 to 'upload' (a pipe of at most config.maxResponseSize bytes expected)")
    pipe:close()
  end)

  it("refuses a pipe where others would have to wait", function()
    local driven = oneentry.define(peer.url, { driver = { wait = function() end } })
    local pipe = assert(io.popen "echo piped")
    local ok, problem = pcall(driven.FileUploading.upload, pipe)
    assert.equal("piped\n", pipe:read "*a")
    pipe:close()
    assert.is_false(ok)
    assert.truthy(tostring(problem):find("reading a pipe would stop all others", 1, true), tostring(problem))
  end)

  local closed = assert(io.tmpfile())
  closed:close()
  local refused = {
    ["another value"] = { 5, "file expected, got number" },
    ["a closed file"] = { closed, "an open file expected, got a closed one" },
    ["a missing file"] = { "/nowhere/a.txt", "cannot open '/nowhere/a.txt': No such file or directory" },
    ["a directory"] = { "/", "a regular file expected" },
    ["two sources"] = { { path = "a", data = "b" }, "one of path, handle and data expected" },
    ["no source"] = { { name = "a" }, "one of path, handle and data expected" },
    ["data that is no string"] = { { data = 5 }, "file.data: string expected" },
    ["a name of two lines"] = { { data = "", name = "a\r\nb" }, "file.name: a name in UTF-8 without control characters expected" },
    ["a type of two lines"] = { { data = "", type = "a\r\nb: c" }, "file.type: a media type" },
    ["an unknown member"] = { { data = "", nmae = "a" }, "did you mean 'name'" },
    ["another userdata"] = { oneentry.null, "file expected, got null" },
  }
  for what, case in pairs(refused) do
    it("refuses " .. what, function()
      local ok, problem = pcall(api.FileUploading.upload, case[1])
      assert.is_false(ok)
      assert.truthy(tostring(problem):find("bad argument #1 to 'upload'", 1, true), tostring(problem))
      assert.truthy(tostring(problem):find(case[2], 1, true), tostring(problem))
      assert.same({}, peer:requests())
    end)
  end

  it("refuses a file that is open for writing only", function()
    local path = directory .. "/file"
    local file = assert(io.open(path, "wb"))
    local ok, problem = pcall(api.FileUploading.upload, file)
    file:close()
    assert.is_false(ok)
    assert.truthy(tostring(problem):find("a file that is open for reading expected", 1, true), tostring(problem))
  end)

  it("sends the whole file again after a refresh", function()
    local path = directory .. "/file"
    tmp.write(path, ("0123456789"):rep(50000))
    peer:script {
      { "answer", status = 401, body = "{}" },
      { "answer", body = '{"accessToken":"new","refreshToken":"r2"}' },
      { "answer", status = 201, body = REPLY },
    }
    local file = assert(io.open(path, "rb"))
    api.AuthProvider.setAccessToken "old"
    api.AuthProvider.setRefreshToken "r1"
    assert(api.FileUploading.upload { { handle = file }, { data = "second" } })
    file:close()
    local requests = peer:requests()
    assert.equal(3, #requests)
    for _, index in ipairs { 1, 3 } do
      local parts = parts_of(requests[index])
      assert.same({ ("0123456789"):rep(50000), "second" }, { parts[1].bytes, parts[2].bytes })
    end
    assert.equal("Bearer new", requests[3].headers.authorization)
  end)

  it("is sent once, whatever becomes of it", function()
    for _, step in ipairs {
      { "answer", status = 503, body = "{}" }, { "hangup" }, { "hangup", read = "head" }, { "reset", read = "some" },
      { "partial", status = 200, body = REPLY, bytes = 60 },
    } do
      peer:script { step, fallback = { "answer", status = 201, body = REPLY } }
      local value, err = api.FileUploading.upload { data = ("x"):rep(3e6) }
      assert.is_nil(value)
      assert.is_true(err.sent)
      assert.is_true(#peer:requests() <= 1)
    end
  end)

  for name, change in pairs {
    shrinks = function(path) tmp.write(path, "short") end,
    grows = function(path)
      local file = assert(io.open(path, "ab"))
      file:write "more"
      file:close()
    end,
  } do
    it("ends when its file " .. name .. " meanwhile", function()
      local path = directory .. "/file"
      tmp.write(path, ("x"):rep(8e6))
      local future = api.async.FileUploading.upload(path)
      change(path)
      local value, err = future:await()
      assert.is_nil(value)
      assert.same({ "file", "a file has changed while it was sent", true }, { err.code, err.message, err.sent })
      assert.same({}, peer:requests())
    end)
  end

  it("sends its own file's bytes when the handle is closed and its number has another file", function()
    local path, other = directory .. "/own", directory .. "/other"
    tmp.write(path, ("own"):rep(1e6))
    tmp.write(other, ("bad"):rep(1e6))
    local file = assert(io.open(path, "rb"))
    local future = api.async.FileUploading.upload(file)
    file:close()
    os.remove(path)
    local others = {}
    for i = 1, 20 do others[i] = assert(io.open(other, "rb")) end
    assert(future:await())
    assert.is_true(parts_of(peer:requests()[1])[1].bytes == ("own"):rep(1e6))
    for _, one in ipairs(others) do one:close() end
  end)

  it("keeps a string whose table is changed meanwhile", function()
    local file = { data = ("s"):rep(3e6) }
    local future = api.async.FileUploading.upload(file)
    file.data = nil
    collectgarbage()
    collectgarbage()
    assert(future:await())
    assert.is_true(parts_of(peer:requests()[1])[1].bytes == ("s"):rep(3e6))
  end)

  it("closes its descriptors, whatever becomes of it", function()
    local descriptors = require "support.descriptors"
    local path = directory .. "/file"
    tmp.write(path, "x")
    assert(api.FileUploading.upload(path))
    collectgarbage()
    local before = descriptors()
    for _ = 1, 20 do
      assert(api.FileUploading.upload(path))
      api.async.FileUploading.upload(path):cancel()
      pcall(api.FileUploading.upload, { path, 5 })
    end
    eventually(function()
      collectgarbage()
      return descriptors() <= before + 2
    end, "descriptors stay open")
  end)
end)
