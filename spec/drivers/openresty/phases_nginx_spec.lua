-- Where a call may wait inside nginx, and what it says where it may not.
local pair = require "drivers.openresty.pair"
local nginx = require "support.nginx"
local tls = require "support.server.tls"
local tmp = require "support.tmp"

describe("inside nginx a call waits", function()
  local web
  setup(function()
    web = pair.start {
      server = [[
        location /server { content_by_lua_block { ngx.print(ngx.ctx.early) } }
        server_rewrite_by_lua_block { if ngx.var.uri == "/server" then ngx.ctx.early = fetch(10020) end }
        location /rewrite { rewrite_by_lua_block { get(20020) } content_by_lua_block { ngx.exit(200) } }
        location /access { access_by_lua_block { get(30020) } content_by_lua_block { ngx.exit(200) } }
        location /proxied {
          access_by_lua_block { ngx.var.found = fetch(40020) }
          set $found "";
          proxy_pass http://127.0.0.1:$server_port/said?$found;
        }
        location /said { content_by_lua_block { ngx.print(ngx.var.args) } }
        location /content { content_by_lua_block { get(50020) } }
        location /timer {
          content_by_lua_block {
            local semaphore, text = require("ngx.semaphore").new(), nil
            ngx.timer.at(0, function()
              text = fetch(60020)
              semaphore:post()
            end)
            semaphore:wait(30)
            ngx.print(text)
          }
        }
        location /threads {
          content_by_lua_block {
            local threads, texts = {}, {}
            for i = 1, 20 do threads[i] = ngx.thread.spawn(fetch, i * 10000 + 500) end
            for i = 1, 20 do texts[i] = select(2, ngx.thread.wait(threads[i])) end
            ngx.print(table.concat(texts, " "))
          }
        }
        location /coroutine {
          content_by_lua_block {
            local inner = coroutine.wrap(function()
              coroutine.yield(fetch(70020))
              coroutine.yield(fetch(80020))
            end)
            ngx.print(inner(), " ", inner())
          }
        }
        location /protected {
          content_by_lua_block {
            local _, first = pcall(fetch, 90020)
            local _, second = xpcall(function() return fetch(100020) end, debug.traceback)
            ngx.print(first, " ", second)
          }
        }
        location /metamethods {
          content_by_lua_block {
            local lazy = setmetatable({}, { __index = function(_, id) return fetch(id) end })
            local texts = { lazy[110020] }
            for text in function(_, before) return not before and fetch(120020) or nil end do texts[2] = text end
            ngx.print(table.concat(texts, " "))
          }
        }
        location /subrequest { content_by_lua_block { ngx.print((ngx.location.capture("/content").body)) } }
        location /several {
          content_by_lua_block {
            local futures = {}
            for i = 1, 20 do futures[i] = api.async.Payments.getSessionById(i * 10000 + 500) end
            local texts = require("oneentry").all(futures)
            for i = 1, 20 do texts[i] = texts[i].id end
            ngx.print(table.concat(texts, " "))
          }
        }
        location /background {
          content_by_lua_block {
            local future = api.async.Payments.getSessionById(130020)
            repeat ngx.sleep(0.01) until future:done()
            ngx.print(future:await().id)
          }
        }
      ]],
    }
  end)
  teardown(function() web:stop() end)

  local function ask(path)
    local status, body = web:get(path)
    assert.equal(200, status, body)
    return (body:gsub("\n$", ""))
  end

  local expected = {
    server = "10020", rewrite = "20020", access = "30020", proxied = "40020", content = "50020", timer = "60020",
    coroutine = "70020 80020", protected = "90020 100020", metamethods = "110020 120020", subrequest = "50020",
    background = "130020",
  }
  for place, text in pairs(expected) do
    it("in " .. place, function() assert.equal(text, ask("/" .. place)) end)
  end

  -- Each takes half a second: one after another they would take ten.
  for _, place in ipairs { "threads", "several" } do
    it("in twenty " .. place .. " at once", function()
      local all, before = {}, nginx.now()
      for i = 1, 20 do all[i] = tostring(i * 10000 + 500) end
      assert.equal(table.concat(all, " "), ask("/" .. place))
      assert.is_true(nginx.now() - before < 5)
    end)
  end
end)

describe("inside nginx, while TLS is set up, a call", function()
  it("waits in ssl_certificate, and raises in ssl_session_fetch", function()
    local certificates, directory = tls.make(), tmp.directory()
    local web = pair.start {
      http = ([[
        lua_shared_dict texts 1m;
        server {
          listen unix:%s/socket ssl;
          ssl_certificate %s;
          ssl_certificate_key %s;
          ssl_protocols TLSv1.2;
          ssl_session_tickets off;
          ssl_session_cache shared:sessions:1m;
          ssl_certificate_by_lua_block { ngx.shared.texts:set("certificate", fetch(20020)) }
          location / { content_by_lua_block { ngx.print "content" } }
        }
        ssl_session_fetch_by_lua_block { ngx.shared.texts:set("session", select(2, pcall(fetch, 30020))) }
      ]]):format(directory, certificates.good.certificate, certificates.good.key),
      server = [[
        location / {
          content_by_lua_block {
            local texts = ngx.shared.texts
            ngx.print(texts:get "certificate", " ", texts:get "session")
          }
        }
      ]],
    }
    -- Connects a few times, each time with the session of the first.
    local pipe = io.popen(("openssl s_client -unix %s/socket -tls1_2 -reconnect </dev/null 2>&1"):format(directory))
    local output = pipe:read "*a"
    pipe:close()
    local _, text = web:get "/"
    web:stop()
    tmp.remove(directory)
    certificates:remove()
    assert.is_truthy(text:find("20020 .*phase 'ssl_session_fetch'"), text .. output)
  end)
end)

describe("inside nginx a call raises, and sends nothing", function()
  local web
  setup(function()
    web = pair.start {
      http = [[
        lua_shared_dict texts 1m;
        init_worker_by_lua_block {
          function try() return tostring(select(2, pcall(fetch, 10020))) end
          ngx.shared.texts:set("init_worker", try())
        }
        exit_worker_by_lua_block { ngx.log(ngx.WARN, "exit_worker: ", try()) }
        upstream chosen {
          server 127.0.0.1:1;
          balancer_by_lua_block {
            ngx.shared.texts:set("balancer", try())
            require("ngx.balancer").set_current_peer("127.0.0.1", ngx.var.server_port)
          }
        }
      ]],
      server = [[
        location /set { set_by_lua_block $said { return try() } content_by_lua_block { ngx.print(ngx.var.said) } }
        location /header_filter {
          header_filter_by_lua_block { ngx.ctx.said = try() ngx.header.content_length = nil }
          body_filter_by_lua_block { if ngx.arg[2] then ngx.arg[1] = ngx.ctx.said end }
          content_by_lua_block { ngx.print "" }
        }
        location /body_filter {
          body_filter_by_lua_block { if ngx.arg[2] then ngx.arg[1] = try() end }
          content_by_lua_block { ngx.print "" }
        }
        location /log {
          log_by_lua_block { ngx.shared.texts:set("log", try()) }
          content_by_lua_block { ngx.print "" }
        }
        location /balancer { proxy_pass http://chosen/empty; }
        location /empty { content_by_lua_block { ngx.print "" } }
        location /text { content_by_lua_block { ngx.print(ngx.shared.texts:get(ngx.var.args)) } }
        location /gsub { content_by_lua_block { ngx.print(select(2, pcall(string.gsub, "a", "a", try))) } }
        location /c {
          content_by_lua_block {
            local text
            if ngx.var.args == "gsub" then string.gsub("a", "a", function() text = try() end) end
            if ngx.var.args == "sort" then table.sort({ 2, 1 }, function(a, b) text = try() return a < b end) end
            if ngx.var.args == "require" then
              package.preload.early = function() text = try() return true end
              require "early"
              package.loaded.early = nil
            end
            ngx.print(text)
          }
        }
      ]],
    }
  end)
  teardown(function() web:stop() end)

  local function check(text, where)
    assert.is_truthy(text:find(where, 1, true), text)
    assert.is_truthy(text:find("driver = \"blocking\"", 1, true), text)
    assert.equal(0, web:seen())
  end

  for _, phase in ipairs { "set", "header_filter", "body_filter" } do
    it("in " .. phase, function()
      local _, text = web:get("/" .. phase)
      check(text, "phase '" .. phase .. "'")
      check(text, "ngx.timer.at(0, ")
    end)
  end

  for _, phase in ipairs { "log", "balancer", "init_worker" } do
    it("in " .. phase, function()
      web:get("/" .. phase)
      local text = nginx.wait(function()
        local status, body = web:get("/text?" .. phase)
        return status == 200 and body
      end)
      check(text, "phase '" .. phase .. "'")
    end)
  end

  for _, name in ipairs { "gsub", "sort", "require" } do
    it("in a function that C calls: " .. name, function()
      local status, text = web:get("/c?" .. name)
      assert.equal(200, status)
      check(text, "function that C code calls")
    end)
  end

  it("in exit_worker", function()
    web:signal "HUP"
    local text = nginx.wait(function() return web:log():match "exit_worker: [^\n]*" end)
    check(text, "phase 'exit_worker'")
  end)
end)

describe("in phases that cannot wait", function()
  it("a call in init_by_lua raises", function()
    local web = pair.start {
      init = [[ texts = tostring(select(2, pcall(fetch, 5))) ]],
      server = [[ location / { content_by_lua_block { ngx.print(texts) } } ]],
    }
    local _, text = web:get "/"
    local seen = web:seen()
    web:stop()
    assert.is_truthy(text:find("phase 'init'", 1, true), text)
    assert.equal(0, seen)
  end)

  it("a timer is the way out", function()
    local web = pair.start {
      http = [[
        lua_shared_dict texts 1m;
        init_worker_by_lua_block { ngx.timer.at(0, function() ngx.shared.texts:set("init_worker", fetch(10020)) end) }
      ]],
      server = [[
        location /log {
          log_by_lua_block { ngx.timer.at(0, function() ngx.shared.texts:set("log", fetch(20020)) end) }
          content_by_lua_block { ngx.print "" }
        }
        location /text { content_by_lua_block { ngx.print(ngx.shared.texts:get(ngx.var.args)) } }
      ]],
    }
    local texts = {}
    web:get "/log"
    for _, phase in ipairs { "init_worker", "log" } do
      texts[phase] = nginx.wait(function() return select(2, web:get("/text?" .. phase)):match "%d+" end)
    end
    web:stop()
    assert.same({ init_worker = "10020", log = "20020" }, texts)
  end)

  it("driver = \"blocking\" is the other", function()
    local web = pair.start {
      config = [[ { driver = "blocking" } ]],
      http = [[ lua_shared_dict texts 1m; ]],
      server = [[
        location /log {
          log_by_lua_block { ngx.shared.texts:set("log", fetch(20020)) }
          content_by_lua_block { ngx.print "" }
        }
        location /text { content_by_lua_block { ngx.print(ngx.shared.texts:get("log")) } }
      ]],
    }
    web:get "/log"
    local text = nginx.wait(function() return select(2, web:get("/text")):match "%d+" end)
    web:stop()
    assert.equal("20020", text)
  end)
end)
