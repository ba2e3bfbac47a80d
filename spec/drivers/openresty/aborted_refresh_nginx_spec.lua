-- A web request that ends in the middle of a refresh for which others wait.
local nginx = require "support.nginx"
local server = require "support.server"
local socket = require "socket"

local REQUESTS, THREADS = 10, 10

-- All requests of the worker are of one user. `waiting` counts the calls that have begun; a call runs until it waits.
-- saveFunction waits itself, before it has stored.
local HTTP = [[
  lua_shared_dict marks 1m;
  lua_check_client_abort on;
  init_by_lua_block {
    local api = require("oneentry").define("%s", { timeout = 30, maxRetries = 0 })
    local semaphore = require "ngx.semaphore"
    local user
    local marks = ngx.shared.marks

    function start()
      marks:flush_all()
      marks:delete "saved"
      leave = semaphore.new(0)
      user = api.session { accessToken = "access-0", refreshToken = "refresh-0", saveFunction = function(token)
        local phase = ngx.get_phase()
        ngx.sleep(0.001)
        marks:rpush("saved", token .. " in " .. phase)
      end }
    end

    function call(id)
      marks:incr("waiting", 1, 0)
      local value, err = user.Payments.getSessionById(id)
      return value and ("%%d with %%s"):format(value.id, value.token) or tostring(err)
    end

    function call_all(first, last)
      local threads, texts = {}, {}
      for id = first, last do threads[#threads + 1] = ngx.thread.spawn(call, id) end
      for i, thread in ipairs(threads) do texts[i] = select(2, ngx.thread.wait(thread)) end
      return table.concat(texts, "\n")
    end

    function saved()
      local texts = {}
      for i = 1, marks:llen "saved" do
        texts[i] = marks:lpop "saved"
        marks:rpush("saved", texts[i])
      end
      return table.concat(texts, ", ")
    end

    function tokens()
      local session = user.getSession()
      return session.accessToken .. " " .. session.refreshToken
    end

    function drop()
      user = nil
      collectgarbage()
      collectgarbage()
    end
  }
]]

local SERVER = [[
  log_by_lua_block {
    if ngx.status == 499 then ngx.shared.marks:incr("gone", 1, 0) end
    if ngx.var.uri == "/exit" or ngx.var.uri == "/kill" then ngx.shared.marks:incr("gone", 1, 0) end
  }
  location /start { content_by_lua_block { start() } }
  location /call { content_by_lua_block { ngx.print(call(tonumber(ngx.var.arg_id))) } }
  location /threads { content_by_lua_block { ngx.print(call_all(tonumber(ngx.var.arg_first), tonumber(ngx.var.arg_last))) } }
  location /exit {
    content_by_lua_block {
      ngx.thread.spawn(call, tonumber(ngx.var.arg_id))
      ngx.thread.spawn(function()
        leave:wait(30)
        ngx.exit(204)
      end)
    }
  }
  location /kill {
    content_by_lua_block {
      local thread = ngx.thread.spawn(call, tonumber(ngx.var.arg_id))
      leave:wait(30)
      ngx.thread.kill(thread)
      ngx.print "killed"
    }
  }
  location /leave { content_by_lua_block { leave:post() } }
  location /count { content_by_lua_block { ngx.print(ngx.shared.marks:get(ngx.var.arg_of) or 0) } }
  location /saved { content_by_lua_block { ngx.print(saved()) } }
  location /tokens { content_by_lua_block { ngx.print(tokens()) } }
  location /drop { content_by_lua_block { drop() } }
]]

describe("inside nginx, when a request ends in the middle of a refresh", function()
  local peer, web, worker

  setup(function()
    peer = server.start()
    web = nginx.start { http = HTTP:format(peer.url), server = SERVER }
  end)
  teardown(function()
    web:stop()
    peer:stop()
  end)

  before_each(function()
    peer:script { fallback = { "echo", refuse = "access-0", but = { refresh = { behaviour = "reply" } } } } -- held
    worker = web:worker()
    web:get "/start"
  end)

  local function get(path) return (select(2, web:get(path))) end

  local function reaches(of, count)
    nginx.wait(function() return tonumber(get("/count?of=" .. of)) >= count end, of .. " stays below " .. count)
  end

  -- Sends a request, and leaves its answer for later.
  local function send(path)
    local connection = assert(socket.connect("127.0.0.1", web.port))
    connection:settimeout(20)
    assert(connection:send(("GET %s HTTP/1.0\r\n\r\n"):format(path)))
    return connection
  end

  -- Status and body of its answer, or what went wrong.
  local function answer(connection)
    local text, problem = connection:receive "*a"
    connection:close()
    local status, body = (text or ""):match "^HTTP/1.1 (%d+) .-\r\n\r\n(.*)$"
    return status and status .. ": " .. body or tostring(problem)
  end

  local function refreshes()
    local numbers = {}
    for i, request in ipairs(peer:requests()) do
      if request.path:find "/refresh" then numbers[#numbers + 1] = i end
    end
    return numbers
  end

  -- The first call, which asks for the refresh; returns once that is held.
  local function ask(path)
    local connection = send(path)
    nginx.wait(function() return #refreshes() == 1 end, "no refresh")
    return connection
  end

  -- More calls, which wait for the refresh: requests, and threads of one more.
  local function wait_along()
    local connections = {}
    for i = 1, REQUESTS do connections[i] = send("/call?id=" .. 100 + i) end
    connections[REQUESTS + 1] = send(("/threads?first=%d&last=%d"):format(201, 200 + THREADS))
    reaches("waiting", 1 + REQUESTS + THREADS)
    return connections
  end

  local function answer_refresh()
    return (pcall(peer.answer, peer, refreshes()[1], 200, '{"accessToken":"access-1","refreshToken":"refresh-1"}'))
  end

  local function check_answers(connections)
    local expected, got, texts = {}, {}, {}
    for i = 1, REQUESTS do expected[i] = ("200: %d with access-1"):format(100 + i) end
    for i = 1, THREADS do texts[i] = ("%d with access-1"):format(200 + i) end
    expected[REQUESTS + 1] = "200: " .. table.concat(texts, "\n")
    for i, connection in ipairs(connections) do got[i] = answer(connection) end
    assert.same(expected, got)
  end

  -- The worker has lived; the token was stored once, there. Further calls use the new one.
  local function check_saved(where)
    local deadline = nginx.now() + 2
    while get "/saved" == "" and nginx.now() < deadline do socket.sleep(0.01) end
    assert.equal("200: 300 with access-1", answer(send "/call?id=300"))
    assert.equal("refresh-1 in " .. where, get "/saved")
    assert.equal("access-1 refresh-1", get "/tokens")
    assert.equal(1, #refreshes())
    assert.equal(worker, web:workers()[1])
    assert.not_matches("exited on signal", web:log())
  end

  -- A request ends in one of these ways while its call waits for the refresh; the 20 others have their answers then.
  local function others_go_on(path, ends)
    local asking = ask(path)
    local others = wait_along()
    ends(asking)
    reaches("gone", 1)
    assert.is_true(answer_refresh())
    check_answers(others)
  end

  local function visitor_goes(connection) connection:close() end

  local function told_to_leave(connection)
    web:get "/leave"
    answer(connection)
  end

  local ENDS = {
    ["its visitor goes"] = { "/call?id=1", visitor_goes },
    ["another thread of it exits"] = { "/exit?id=1", told_to_leave },
    ["its thread is killed"] = { "/kill?id=1", told_to_leave },
  }

  it("nobody is bothered if none does", function()
    local asking = ask "/call?id=1"
    local others = wait_along()
    assert.is_true(answer_refresh())
    assert.equal("200: 1 with access-1", answer(asking))
    check_answers(others)
    assert.equal(1, #refreshes())
  end)

  it("A1: the token is stored in the request that asked, if that goes on", function()
    local asking = ask "/call?id=1"
    local others = wait_along()
    assert.is_true(answer_refresh())
    assert.equal("200: 1 with access-1", answer(asking))
    check_answers(others)
    check_saved "content"
  end)

  for how, case in pairs(ENDS) do
    it("20 others go on: " .. how, function()
      others_go_on(case[1], case[2])
      assert.equal(worker, web:workers()[1])
    end)

    it("A1: the token is stored, once, and 20 others go on: " .. how, function()
      others_go_on(case[1], case[2])
      check_saved "timer"
    end)
  end

  it("A1: the token is stored, once, and 20 others go on: it did not ask for the refresh", function()
    local asking = ask "/call?id=1"
    local others = wait_along()
    local gone = send "/call?id=2"
    reaches("waiting", 2 + REQUESTS + THREADS)
    gone:close()
    reaches("gone", 1)
    assert.is_true(answer_refresh())
    assert.equal("200: 1 with access-1", answer(asking))
    check_answers(others)
    check_saved "content"
  end)

  it("S10a: the token is stored although nobody waits any more", function()
    ask("/call?id=1"):close()
    reaches("gone", 1)
    assert.is_true(answer_refresh())
    check_saved "timer"
  end)

  it("S10a: the token is stored although nobody waits any more and the session is gone", function()
    ask("/call?id=1"):close()
    reaches("gone", 1)
    web:get "/drop"
    assert.is_true(answer_refresh())
    local deadline = nginx.now() + 2
    while get "/saved" == "" and nginx.now() < deadline do socket.sleep(0.01) end
    assert.equal("refresh-1 in timer", get "/saved")
    assert.equal(worker, web:workers()[1])
  end)
end)
