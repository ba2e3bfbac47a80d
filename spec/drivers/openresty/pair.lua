-- Two of nginx: a backend, and a front whose Lua has `api`, a client of the backend defined in init_by_lua.
--
--   local web = pair.start { server = [[ location / { content_by_lua_block { get(5020) } } ]] }
--   web:get("/")           -- of the front; all else of support/nginx/init.lua, too
--   web.backend            -- the same of the backend
--   web:seen(), web:gone() -- requests that the backend has got; that were given up before it answered
--   web:stop()
--
-- In the front, api_url is where the backend is; fetch(id) calls Payments.getSessionById(id) and returns the id that it
-- gets, or what went wrong, as a text; get(id) prints that, too. The backend answers session `id` after id % 10000 ms.
local nginx = require "support.nginx"

local backend = [[
  lua_check_client_abort on;
  location /api/content/payments/sessions/ {
    content_by_lua_block {
      local id = ngx.var.uri:match "%d+$"
      ngx.shared.counts:incr("seen", 1, 0)
      ngx.sleep(id % 10000 / 1000)
      ngx.header.content_type = "application/json"
      ngx.print('{"id":', id, ',"status":"waiting"}')
    }
    log_by_lua_block {
      if ngx.status == 499 then ngx.shared.counts:incr("gone", 1, 0) end
    }
  }
  location /count/ {
    content_by_lua_block { ngx.print(ngx.shared.counts:get(ngx.var.uri:match "%a+$") or 0) }
  }
]]

local front = [[
  init_by_lua_block {
    local oneentry = require "oneentry"
    api_url = "%s"
    api = oneentry.define(api_url, %s)
    function fetch(id)
      local session, err = api.Payments.getSessionById(id)
      return session and tostring(session.id) or tostring(err)
    end
    function get(id)
      local text = fetch(id)
      ngx.say(text)
      return text
    end
    %s
  }
  %s
]]

local pair = {}

local function count(web, what)
  local _, text = web.backend:get("/count/" .. what)
  return tonumber(text)
end

-- Options of nginx.start for the front, and `config`: source of the client's; `init`: of what else init_by_lua does.
function pair.start(options)
  local other = nginx.start { workers = 1, http = "lua_shared_dict counts 1m;", server = backend }
  local copy = {}
  for key, value in pairs(options) do copy[key] = value end
  copy.http = front:format(other.url, options.config or "{ maxRetries = 0 }", options.init or "",
    options.http or "")
  local ok, web = pcall(nginx.start, copy)
  if not ok then
    other:stop()
    error(web, 0)
  end
  web.backend = other
  function web.seen() return count(web, "seen") end
  function web.gone() return count(web, "gone") end
  function web.stop(self)
    nginx.stop(self)
    other:stop()
  end
  return web
end

return pair
