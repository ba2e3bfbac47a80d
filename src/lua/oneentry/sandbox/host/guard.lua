--- Who may use the pages and switches below /__sandbox: people and tests at this machine, not the pages of other sites that a
-- browser has open. Requests of the API carry the app token instead.
local http = require "oneentry.sandbox.host.http"

local guard = {}

-- "localhost:8787", "127.0.0.1", "[::1]:80".
local function is_loopback(host)
  local name = host:match "^%[([^%]]*)%]:?%d*$" or host:match "^([^:]*)$" or host:match "^([^:]*):%d*$"
  return name == "localhost" or name == "::1" or name and name:find "^127%.%d+%.%d+%.%d+$" ~= nil
end

-- A name of a site can lead here; what a browser calls by an address is at that address.
local function is_address(host)
  return host:find "^%d+%.%d+%.%d+%.%d+:?%d*$" ~= nil or host:find "^%[[%x:.]+%]:?%d*$" ~= nil
end

-- Is this a name of the sandbox? `own` is the one that it was told to listen on, "0.0.0.0" and "::" are all addresses.
local function is_known(host, own)
  if is_loopback(host) then return true end
  if own == "0.0.0.0" or own == "::" then return is_address(host) end
  return host:gsub(":%d+$", "") == own:lower() or host:gsub(":%d+$", "") == "[" .. own:lower() .. "]"
end

--- Refuses what another site has sent: `row.form` is a form of our own pages, every other POST is JSON.
function guard.check(app, request)
  local headers, text = request.headers, app.choices.text
  if app.host and not is_known((headers.host or ""):lower(), app.host) then http.fail(403, text.foreign_host) end
  if request.verb == "GET" then return end
  if headers.origin and headers.origin ~= http.origin(request) then http.fail(403, text.foreign_origin) end
  local kind = (headers["content-type"] or ""):match "^[^;%s]*":lower()
  if not request.row.form and kind ~= "application/json" then http.fail(415, text.json_only) end
end

return guard
