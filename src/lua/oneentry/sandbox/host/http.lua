--- Requests and answers as plain tables: what the other files use to read the one and make the other.
local json = require "oneentry.sandbox.host.json"

local http = {}

local JSON_TYPE = "application/json; charset=utf-8"

--- Percent-decoding of one path segment; `+` is decoded only where `form` says so.
function http.unescape(text, form)
  if form then text = text:gsub("+", " ") end
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- The members of `a=1&b=2` as a table; used for queries and for submitted HTML forms.
function http.parse_form(text)
  local members = {}
  for pair in (text or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    members[http.unescape(name, true)] = http.unescape(value, true)
  end
  return members
end

--- Path and query of a raw request target. A trailing slash is not significant.
function http.split_target(target)
  local path, query = target:match("^([^?#]*)%??([^#]*)")
  local last = #path
  while last > 1 and path:byte(last) == 47 do last = last - 1 end -- "/+$" would begin again at every slash
  path = last == 0 and "/" or path:sub(1, last)
  return path, http.parse_form(query)
end

--- scheme://host of this sandbox as the client sees it. A Host header that is no host name is not repeated.
function http.origin(request)
  local host = request.headers.host or ""
  if not host:find("^[%w%.%-_%[%]:]+$") then host = "localhost" end
  return (request.scheme == "https" and "https" or "http") .. "://" .. host
end

--- A JSON answer; booleans go out the way NestJS sends them (choices.scalar_content_type).
function http.reply(app, status, value)
  local content_type = JSON_TYPE
  if type(value) == "boolean" then content_type = app.choices.scalar_content_type end
  return { status = status, headers = { ["content-type"] = content_type }, body = json.encode(value) }
end

function http.empty(status)
  return { status = status, headers = {}, body = "" }
end

--- The error envelope, members in the order the platform writes them.
function http.error_reply(app, status, message)
  return http.reply(app, status, json.object({
    statusCode = status, timestamp = app.store:timestamp(), message = message, pageData = json.null,
  }, { "statusCode", "timestamp", "message", "pageData" }))
end

local Refusal = {}

--- Ends the handler with an error answer. `message` is a text or a list of texts.
function http.fail(status, message)
  error(setmetatable({ status = status, message = message }, Refusal), 0)
end

function http.is_refusal(err)
  return getmetatable(err) == Refusal
end

--- An id from a path or a body: a whole number, or a text of digits; refuses anything else.
function http.id(app, value)
  local id = (type(value) == "number" or type(value) == "string" and value:find("^%d+$")) and tonumber(value)
  if not id or id < 0 or id ~= math.floor(id) then http.fail(400, app.choices.text.bad_id) end
  return id
end

--- localizeInfos as this sandbox sends it: nested by locale, or flat when choices.flat_localize_infos is set.
function http.localized(app, infos)
  if app.choices.flat_localize_infos then return infos.en_US end
  return json.object(infos)
end

local function page_number(app, request, name, default)
  local text = request.query[name]
  if text == nil or text == "" then return default end
  if not text:find("^%d+$") then http.fail(400, app.choices.text.bad_page:format(name)) end
  return tonumber(text)
end

--- The part of a list that `offset` and `limit` of the request select, at most `choices.record_cap` items.
-- With `newest_first` the list is read from its end.
function http.page(app, request, items, newest_first)
  local offset = page_number(app, request, "offset", 0)
  local limit = page_number(app, request, "limit", 30)
  if app.choices.record_cap then limit = math.min(limit, app.choices.record_cap) end
  local part = json.list()
  for i = offset + 1, math.min(offset + limit, #items) do
    part[#part + 1] = items[newest_first and #items + 1 - i or i]
  end
  return part
end

return http
