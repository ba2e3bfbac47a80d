--- Everything the sandbox remembers, and the clock it lives by.
-- One store per app; reset replaces it. All money in it is in integer cents.
local seed = require "oneentry.sandbox.rules.seed"
local json = require "oneentry.sandbox.host.json"

local Store = {}
Store.__index = Store

local store = {}

--- `clock` returns seconds since 1970; `customize` may change the seed data before it is used.
function store.new(clock, customize)
  local data = seed()
  if customize then customize(data) end
  local self = setmetatable(data, Store)
  self.clock = clock
  self.clock_offset = 0
  self.orders, self.payment_sessions = {}, {} -- by id
  self.orders_of, self.payment_sessions_of = {}, {} -- lists by user id, oldest first
  self.by_access_token, self.by_refresh_token = {}, {} -- login sessions
  self.codes, self.mail = {}, {} -- live one-time codes by user id; what was "sent"
  self.signed_prices = {}
  self.refunds = {} -- lists by order id
  self.faults, self.log, self.log_bytes = {}, {}, 0
  self.lost_webhook = false
  return self
end

function Store:now()
  return self.clock() + self.clock_offset
end

--- A moment (default: now) as ISO 8601 with milliseconds and Z.
function Store:timestamp(at)
  local ms = math.floor((at or self:now()) * 1000 + 0.5)
  return os.date("!%Y-%m-%dT%H:%M:%S", math.floor(ms / 1000)) .. string.format(".%03dZ", ms % 1000)
end

--- The next id of a series: "order", "payment_session", "user", "refund", "login".
function Store:next_id(series)
  local id = self.next[series]
  self.next[series] = id + 1
  return id
end

--- The first item of a list whose member `key` is `value`.
local function find(list, key, value)
  for _, item in ipairs(list) do
    if item[key] == value then return item end
  end
end

function Store:provider(marker) return find(self.providers, "identifier", marker) end
function Store:storage(marker) return find(self.storages, "identifier", marker) end
function Store:account(id) return find(self.accounts, "id", id) end
function Store:account_by_identifier(identifier) return find(self.accounts, "identifier", identifier) end
function Store:product(id) return find(self.products, "id", id) end
function Store:coupon(code) return find(self.coupons, "code", code) end
function Store:discount(marker) return find(self.personal_discounts, "identifier", marker) end

--- A status of a storage.
function store.status(storage, identifier) return find(storage.statuses, "identifier", identifier) end

--- The user of a provider with this login, archived ones included.
function Store:user_by_login(provider, identifier)
  for _, user in ipairs(self.users) do
    if user.identifier == identifier and user.provider == provider.identifier then return user end
  end
end

--- Puts an entity into `self[name]` by id and into its owner's list.
function Store:keep(name, entity, user)
  self[name][entity.id] = entity
  local lists = self[name .. "_of"]
  lists[user.id] = lists[user.id] or {}
  table.insert(lists[user.id], entity)
end

--- A user's orders or payment sessions, oldest first.
function Store:owned(name, user)
  return self[name .. "_of"][user.id] or json.list()
end

return store
