-- Web requests of many users, whose tokens are kept in a real Redis: saveFunction writes there with Redis' client for nginx.
-- Run by `make test-redis`; without Redis: spec/drivers/openresty/callbacks_nginx_spec.lua.
local json = require "support.fixtures.json"
local load = require "support.nginx.load"
local nginx = require "support.nginx"
local oneentry = require "oneentry"
local redis = require "support.redis"
local sandbox = require "support.sandbox"

local USERS, AT_ONCE = 500, 50

-- nginx.redis is resty.redis in Debian's lua-nginx-redis.
local HTTP = [[
  lua_socket_pool_size 100;
  init_by_lua_block {
    local cjson, redis, path = require "cjson", require "nginx.redis", "unix:%s"
    local api = require("oneentry").define("%s", { token = "%s", timeout = 30, maxRetries = 0 })

    local function with_store(work)
      local store = redis:new()
      store:set_timeout(10000)
      assert(store:connect(path))
      local result = work(store)
      assert(store:set_keepalive(60000, 100))
      return result
    end

    local function save(id, user, token)
      local saved = user.getSession()
      assert(saved.refreshToken == token)
      with_store(function(store)
        assert(store:set("user:" .. id, cjson.encode(saved)))
        assert(store:incr("saves:" .. id))
      end)
    end

    -- Restores the user of that id from Redis, asks for it, and returns what came. `where` a new token is stored: in the
    -- "callback" or, once the call has returned, in the "handler".
    function who(id, where)
      local saved = cjson.decode(with_store(function(store) return assert(store:get("user:" .. id)) end))
      local user, new
      function saved.saveFunction(token)
        new = token
        if where == "callback" then save(id, user, token) end
      end
      user = api.session(saved)
      local value, err = user.Users.getUser()
      if new and where == "handler" then save(id, user, new) end
      return value and value.identifier or ("%%d: %%s"):format(err.statusCode, tostring(err))
    end
  }
]]

local SERVER = "location /me { content_by_lua_block { ngx.print(who(ngx.var.arg_id, ngx.var.arg_where)) } }"

describe("inside nginx, with Redis as the store of tokens,", function()
  local shop, store, web

  setup(function()
    shop, store = sandbox.start(), redis.start()
    web = nginx.start { http = HTTP:format(store.path, shop.url, shop.token), server = SERVER, workers = 2 }
  end)
  teardown(function()
    web:stop()
    store:stop()
    shop:stop()
  end)

  -- Logs so many users in, each on a device of its own, and puts them into Redis.
  local function log_in()
    local api = oneentry.define(shop.url, { token = shop.token })
    local commands = { { "FLUSHALL" } }
    for id = 1, USERS do
      local user = api.session()
      assert(user.AuthProvider.auth("email", { authData = {
        { marker = "email_reg", value = shop.login }, { marker = "password_reg", value = shop.password },
      } }))
      commands[#commands + 1] = { "SET", "user:" .. id, json.encode(user.getSession()) }
    end
    api.close()
    store:pipe(commands)
  end

  local function expire() shop:control("POST", "fault", { expire_access_tokens = true }) end

  local function visit(where)
    local result = load.run {
      port = web.port, requests = USERS, at_once = AT_ONCE,
      path = function(id) return ("/me?id=%d&where=%s"):format(id, where) end,
      expect = function() return shop.login end,
    }
    return { good = result.good, examples = result.examples }
  end

  -- How often each user's tokens were stored: { [how often] = how many users }.
  local function saves()
    local counts = {}
    for id = 1, USERS do counts[id] = "saves:" .. id end
    local numbers, of = store:run("MGET", unpack(counts)), {}
    for number in (numbers .. "\n"):gmatch "([^\n]*)\n" do
      number = tonumber(number) or 0
      of[number] = (of[number] or 0) + 1
    end
    return of
  end

  local function check(where)
    local good = { good = USERS, examples = {} }
    log_in()
    expire()
    local workers = web:workers()
    assert.same(good, visit(where))
    assert.same({ USERS }, saves())
    assert.same(workers, web:workers())
    web:reload() -- a new worker knows no tokens but those that it restores
    expire()
    assert.same(good, visit(where))
    assert.same({ [2] = USERS }, saves())
    assert.not_matches("exited on signal", web:log())
    assert.not_matches("%[error%]", web:log())
  end

  it("500 requests might store their new tokens in the handler itself", function() check "handler" end)

  it("A1: 500 requests store their new tokens in saveFunction, and all work the next time", function()
    check "callback"
  end)
end)
