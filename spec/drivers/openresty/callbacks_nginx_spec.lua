-- Callbacks inside nginx, and what they may do: wait, talk to a store, call the API, end the request.
local http = require "socket.http"
local nginx = require "support.nginx"
local server = require "support.server"

local HTTP = [[
  lua_shared_dict marks 1m;
  init_by_lua_block {
    local oneentry, api_url, store_port = require "oneentry", "%s", %d

    local function talk(text)
      local store = ngx.socket.tcp()
      assert(store:connect("127.0.0.1", store_port))
      assert(store:send("PUT /token HTTP/1.1\r\ncontent-length: " .. #text .. "\r\n\r\n" .. text))
      assert(store:receive "*l" == "HTTP/1.1 200 OK")
      store:close()
    end

    local function calls() return assert(oneentry.define(api_url).Payments.getSessionById(2)) end

    -- The work of callbacks.
    works = {
      none = function() end,
      sleep = function() ngx.sleep(0.001) end,
      store = talk,
      careful = function(text) assert(pcall(talk, text)) end,
      call = function(_, api) assert(assert(api.Payments.getSessionById(2)).id == 2) end,
      thread = function() assert(ngx.thread.wait(ngx.thread.spawn(calls))) end,
      redirect = function() return ngx.redirect "/login" end,
      denied = function()
        ngx.say "denied"
        return ngx.exit(403)
      end,
    }

    -- A client whose callback at that place is f, called with a text and the client; the path of a call that comes there.
    local places = {}

    function places.saveFunction(f)
      local api = oneentry.define(api_url, { timeout = 10, maxRetries = 0 })
      local user
      user = api.session { accessToken = "access-0", refreshToken = "refresh-0", saveFunction = function(token) f(token, user) end }
      return user
    end

    for _, name in ipairs { "request", "response" } do
      places["hooks." .. name] = function(f)
        local api, busy
        api = oneentry.define(api_url, { timeout = 10, maxRetries = 0, hooks = { [name] = function(event)
          if busy then return end -- its own calls come here, too
          busy = true
          f(event.method, api)
          busy = false
        end } })
        return api
      end
    end

    function places.customErrors(f)
      local api
      api = oneentry.define(api_url, { timeout = 10, maxRetries = 0, errors = { customErrors = {
        [404] = function(err) f(tostring(err.statusCode), api) end,
      } } })
      return api, 404
    end

    -- A call whose callback does that work. It keeps its arguments once the work is done.
    function run(place, work)
      local kept = {}
      local api, id = places[place](function(text, api)
        works[work](text, api)
        kept[#kept + 1] = text
      end)
      local value, err = api.Payments.getSessionById(id or 1)
      return ("%%d: %%s"):format(value and value.id or err.statusCode, table.concat(kept, " "))
    end

    function client() return oneentry.define(api_url, { timeout = 10, maxRetries = 0 }) end

    -- The two calls of a web page: a guest gets a 401, a user orders.
    function guest(f)
      return oneentry.define(api_url, { auth = { accessToken = "access-0" }, errors = { customErrors = { [401] = f } } })
    end

    function user() return oneentry.define(api_url, { auth = { accessToken = "access-1" } }) end
  }
]]

local SERVER = [[
  location /run { content_by_lua_block { ngx.print(run(ngx.var.arg_place, ngx.var.arg_work)) } }
  location /handler {
    content_by_lua_block {
      works[ngx.var.arg_work]("refresh-1", client())
      ngx.print "done"
    }
  }
  location /ended {
    content_by_lua_block {
      run(ngx.var.arg_place, ngx.var.arg_work)
      ngx.shared.marks:set("after", "the handler went on")
      ngx.print "page"
    }
  }
  location /page {
    content_by_lua_block {
      guest(works[ngx.var.arg_work]).Users.getUser()
      ngx.shared.marks:set("after", "the handler went on")
      user().Orders.createOrder("orders", { formIdentifier = "f" })
      ngx.print "page"
    }
  }
  location /login { content_by_lua_block { ngx.print "log in" } }
  location /after { content_by_lua_block { ngx.print(ngx.shared.marks:get "after" or "") ngx.shared.marks:flush_all() } }
]]

local TEXTS = { saveFunction = "refresh-1", ["hooks.request"] = "GET", ["hooks.response"] = "GET", customErrors = "404" }
local SENT = { saveFunction = { "1", "refresh" }, ["hooks.request"] = {}, ["hooks.response"] = { "1" }, customErrors = { "404" } }
local PLACES = { "saveFunction", "hooks.request", "hooks.response", "customErrors" }

describe("inside nginx a callback", function()
  local peer, store, web

  setup(function()
    peer, store = server.start(), server.start()
    web = nginx.start { http = HTTP:format(peer.url, store.port), server = SERVER }
  end)
  teardown(function()
    web:stop()
    store:stop()
    peer:stop()
  end)

  before_each(function()
    web:worker() -- one that has crashed is replaced
    web:get "/after"
    store:script { fallback = { "answer" } }
    peer:script { fallback = { "echo", refuse = "access-0", but = {
      refresh = { body = '{"accessToken":"access-1","refreshToken":"refresh-1"}' },
      ["404"] = { status = 404, body = '{"message":"none"}' },
    } } }
  end)

  -- Returns status and body of a request, and whether its worker has lived through it.
  local function get(path)
    local worker = web:workers()[1]
    local status, body = web:get(path)
    return { status = status, body = body, alive = web:workers()[1] == worker }
  end

  local function texts(of)
    local list = {}
    for i, request in ipairs(of:requests()) do list[i] = request.body end
    return list
  end

  local function last_segments()
    local list = {}
    for i, request in ipairs(peer:requests()) do list[i] = request.path:match "([^/?]+)%??[^/]*$" end
    return list
  end

  local function check(place, work)
    local text = TEXTS[place]
    local id = place == "customErrors" and 404 or 1
    assert.same({ status = 200, body = id .. ": " .. text, alive = true }, get(("/run?place=%s&work=%s"):format(place, work)))
    if work == "store" or work == "careful" then assert.same({ text }, texts(store)) end
  end

  it("might do in the handler itself what follows", function()
    for _, work in ipairs { "sleep", "store", "careful", "call", "thread" } do
      assert.same({ status = 200, body = "done", alive = true }, get("/handler?work=" .. work))
    end
    assert.same({ "refresh-1", "refresh-1" }, texts(store))
    assert.equal("log in", get "/handler?work=redirect".body)
    assert.equal("denied\n", get "/handler?work=denied".body)
  end)

  it("that does not wait is done when the call returns", function()
    assert.same({ status = 200, body = "1: refresh-1", alive = true }, get "/run?place=saveFunction&work=none")
  end)

  for _, place in ipairs(PLACES) do
    it("A1: may talk to a store over a cosocket: " .. place, function() check(place, "store") end)
    it("A1: may do so under a pcall of its own: " .. place, function() check(place, "careful") end)
    it("A2: may sleep: " .. place, function() check(place, "sleep") end)
    it("A2: may call with the same client: " .. place, function() check(place, "call") end)
    it("A2: may wait for a thread that calls: " .. place, function() check(place, "thread") end)

    it("A3: may end the request: " .. place, function()
      assert.equal("denied\n", get(("/ended?place=%s&work=denied"):format(place)).body)
      assert.equal("", get "/after".body)
      assert.same(SENT[place], last_segments())
    end)
  end

  it("A3: may redirect, and nothing is sent after it", function()
    local worker = web:workers()[1]
    local _, status, headers = http.request { url = web.url .. "/page?work=redirect", redirect = false }
    assert.same({ 302, "/login" }, { status, headers.location })
    assert.equal("", get "/after".body)
    assert.same({ "me" }, last_segments())
    assert.same({ status = 200, body = "log in", alive = true }, get "/page?work=redirect")
    assert.equal(worker, web:workers()[1])
  end)

  it("A3: may answer and exit, and the page adds nothing", function()
    assert.same({ status = 200, body = "denied\n", alive = true }, get "/page?work=denied")
    assert.equal("", get "/after".body)
    assert.same({ "me" }, last_segments())
  end)
end)
