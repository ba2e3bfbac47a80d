--- Visitors. The browser has a random id in a cookie. What we know of the visitor is in shared memory, under a
-- hash of that id: a reader of the memory, or of a dump of it, cannot pass for the visitor. Visitors who have not logged in
-- are not stored at all, so nobody can fill the memory by asking for pages.
--
--   visitor.csrf   the token that each of the visitor's forms carries
--   visitor.data   is kept: { login, oneentry = api.getSession(), cart, paying }; nil: not logged in
--   visitor.api    the visitor's own OneEntry session over the worker's client; nil: not logged in
local cjson = require "cjson"
local client = require "shop.client"
local config = require "shop.config"
local logins = require "shop.logins"
local secret = require "shop.secret"

local sessions, locks = ngx.shared.shop_sessions, ngx.shared.shop_locks
local LOCK_SECONDS = 60 -- more than a request takes: its few calls have config.call_seconds each
local PATIENCE = 30

local Visitor = {}
Visitor.__index = Visitor

local session = {}

function session.trace(problem) return debug.traceback(tostring(problem), 2) end

-- __Host-: browsers take such a cookie from this very host only, over https only, for all paths. A subdomain
-- or a page over http cannot plant an id here.
local function cookie()
  local secure = ngx.var.scheme == "https" or config.behind_tls
  return secure and "__Host-shop" or "shop", secure
end

local function set_id(visitor, id)
  visitor.id, visitor.key, visitor.csrf = id, secret.hash("session", id), secret.hash("form", id)
end

--- The visitor of this request. An id that says nothing to us is kept: login replaces it anyway.
function session.visitor()
  local id = ngx.var["cookie_" .. cookie()]
  local known = id and #id == 43 and id:find(secret.PATTERN)
  local visitor = setmetatable({ is_new = not known }, Visitor)
  set_id(visitor, known and id or secret.random())
  visitor:load()
  return visitor
end

--- Reads what is kept. A refresh of the tokens is stored at once: the old refresh token is spent.
function Visitor:load()
  local text = sessions:get(self.key)
  self.data, self.api = nil, nil
  if not text then return end
  sessions:expire(self.key, config.session_seconds)
  self.data = cjson.decode(text)
  local saved = {}
  for name, value in pairs(self.data.oneentry) do saved[name] = value end
  saved.saveFunction = function()
    self.data.oneentry = self.api.getSession()
    self:save()
  end
  self.api = client.session(saved)
end

--- Stores what has changed. A session that has ended meanwhile (logins.lua) stays ended.
function Visitor:save(is_new)
  local store = is_new and sessions.set or sessions.replace
  local ok, err, evicted = store(sessions, self.key, cjson.encode(self.data), config.session_seconds)
  if err == "not found" then return end
  if not ok then error("the session was not stored: " .. err, 0) end
  if evicted then ngx.log(ngx.WARN, "shop_sessions is full: the oldest visitors are logged out early") end
end

--- Gives the visitor a new id, with `data` or nobody behind it, and makes the old one worthless: at logout, and at login,
-- where an id that somebody planted or saw before must not become a user's (session fixation).
function Visitor:renew(data)
  sessions:delete(self.key)
  set_id(self, secret.random())
  self.is_new, self.data, self.api = true, nil, nil
  if data then
    self.data = data
    self:save(true)
    logins.add(data.login, self.key)
    self:load()
  end
end

--- The header that gives the browser its id.
function Visitor:set_cookie()
  local name, secure = cookie()
  return name .. "=" .. self.id .. "; Path=/; HttpOnly; SameSite=Lax" .. (secure and "; Secure" or "")
end

--- Runs f(...) while no other request of this visitor runs, in any worker: two clicks come one after the other, a
-- one-time refresh token is used once, no change to `data` is lost. Returns false when it is not our turn in time.
function Visitor:exclusively(f, ...)
  local name, pause, waited = "lock:" .. self.key, 0.005, 0
  while not locks:add(name, true, LOCK_SECONDS) do
    if waited > PATIENCE then return false end
    ngx.sleep(pause)
    waited, pause = waited + pause, math.min(pause * 2, 0.1)
  end
  self:load() -- with the changes of the request before this one
  local ok, response = xpcall(f, session.trace, ...)
  locks:delete(name)
  if not ok then error(response, 0) end
  return response
end

return session
