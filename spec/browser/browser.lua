-- Headless Chromium, driven over WebDriver (chromedriver).
--
--   local driver = browser.driver()
--   local tab = driver:open { javascript = false, width = 390, height = 844 }
--   tab:visit(url) tab:url() tab:title() tab:back() tab:reload() tab:run(script) tab:close()
--   tab:sees(css, text)  -- waits until the first such element has this text
--   tab:arrives(url)     -- waits until the page with this address is shown
--   tab:click(css) tab:double_click(css)         -- of what leads to another page: wait until this one has gone
--   tab:type(css, text) tab:submit(css, text)    -- submit: followed by Enter, waits like click
--   tab:keys(text)
--   tab:all(css)         -- the texts of all such elements
--   tab:labels(css)      -- as a screen reader says them
--   tab:property(css, name) tab:attribute(css, name) tab:cookie(name) tab:forget() tab:screenshot(path)
--   driver:stop()
local ltn12 = require "ltn12"
local http = require "socket.http"
local mime = require "mime"
local socket = require "socket"
local json = require "support.fixtures.json"
local process = require "support.process"
local tmp = require "support.tmp"

local ELEMENT = "element-6066-11e4-a52e-4f735466cecf" -- the standard's name for a reference to an element
local ENTER, TAB = "\238\128\135", "\238\128\132" -- U+E007, U+E004
local PATIENCE = 20 -- seconds

local browser = {}
browser.__index = browser

local Tab = {}
Tab.__index = Tab

-- Without the network flags Chromium asks for updates and the like all the time.
local FLAGS = {
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
}

function browser.driver()
  local self = setmetatable({ tabs = {} }, browser)
  self.process = process.start("sh " .. process.quote(process.spec .. "browser/chromedriver.sh"))
  local port
  repeat port = self.process:read():match "started successfully on port (%d+)" until port
  self.url = "http://127.0.0.1:" .. port
  return self
end

-- Sends a command of WebDriver; returns its value, raises its error.
local function command(method, url, body)
  local text = body and json.encode(body)
  local parts = {}
  local _, status = assert(http.request {
    url = url, method = method, sink = ltn12.sink.table(parts), source = text and ltn12.source.string(text),
    headers = text and { ["content-type"] = "application/json", ["content-length"] = #text } or nil,
  })
  local value = json.decode(table.concat(parts)).value
  if status ~= 200 then error(("%s: %s"):format(value.error, value.message:match "^[^\n]*"), 0) end
  return value
end

local OBJECT = { __jsontype = "object" }

function browser:open(options)
  local size = ("--window-size=%d,%d"):format(options.width or 1000, options.height or 800)
  local flags = { size }
  for _, flag in ipairs(FLAGS) do flags[#flags + 1] = flag end
  local chrome = { args = flags }
  if options.javascript == false then
    chrome.prefs = { ["profile.managed_default_content_settings.javascript"] = 2 }
  end
  local session = command("POST", self.url .. "/session", {
    capabilities = { alwaysMatch = {
      browserName = "chrome", ["goog:chromeOptions"] = chrome,
      timeouts = { pageLoad = 60000 },
    } },
  })
  local tab = setmetatable({ session = self.url .. "/session/" .. session.sessionId, driver = self }, Tab)
  self.tabs[tab] = true
  if options.width and options.width < 500 then -- no window is that narrow, a phone is
    tab:post("/goog/cdp/execute", { cmd = "Emulation.setDeviceMetricsOverride", params = {
      width = options.width, height = options.height, deviceScaleFactor = 1, mobile = true } })
  end
  return tab
end

function browser:stop()
  for tab in pairs(self.tabs) do tab:close() end
  self.process:stop()
end

function Tab:get(path) return command("GET", self.session .. path) end

function Tab:post(path, body) return command("POST", self.session .. path, body or setmetatable({}, OBJECT)) end

function Tab:close()
  self.driver.tabs[self] = nil
  command("DELETE", self.session)
end

function Tab:visit(url) self:post("/url", { url = url }) end
function Tab:url() return self:get "/url" end
function Tab:title() return self:get "/title" end
function Tab:back() self:post "/back" end
function Tab:reload() self:post "/refresh" end
function Tab:run(script) return self:post("/execute/sync", { script = script, args = setmetatable({}, { __jsontype = "array" }) }) end

-- Calls f until it returns something, while pages come and go beneath it.
local function persist(f)
  local deadline, last = socket.gettime() + PATIENCE, nil
  repeat
    local ok, result = pcall(f)
    if ok and result then return result end
    last = not ok and result or last
    socket.sleep(0.02)
  until socket.gettime() > deadline
  return nil, last
end

-- Calls f(path of the first such element), once there is one that stays long enough.
function Tab:with(css, f)
  local done, trouble = persist(function()
    f("/element/" .. self:post("/element", { using = "css selector", value = css })[ELEMENT])
    return true
  end)
  if not done then error(("%s: %s"):format(css, trouble), 0) end
end

function Tab:sees(css, text)
  local last
  local seen = persist(function()
    self:with(css, function(element) last = self:get(element .. "/text") end)
    return last == text
  end)
  if not seen then error(("%s: %q, not %q, at %s"):format(css, tostring(last), text, self:url()), 0) end
end

function Tab:arrives(url)
  local there = persist(function() return self:url() == url end)
  if not there then error(("at %s, not %s"):format(self:url(), url), 0) end
end

-- The texts of all elements that are there now.
function Tab:all(css)
  local texts = {}
  for i, element in ipairs(self:post("/elements", { using = "css selector", value = css })) do
    texts[i] = self:get("/element/" .. element[ELEMENT] .. "/text")
  end
  return texts
end

function Tab:labels(css)
  local labels = {}
  for i, element in ipairs(self:post("/elements", { using = "css selector", value = css })) do
    labels[i] = self:get("/element/" .. element[ELEMENT] .. "/computedlabel")
  end
  return labels
end

function Tab:property(css, name)
  local value
  self:with(css, function(element) value = self:get(element .. "/property/" .. name) end)
  return value
end

function Tab:attribute(css, name)
  local value
  self:with(css, function(element) value = self:get(element .. "/attribute/" .. name) end)
  return value
end

-- Calls f, and waits until the page shown before is no more: chromedriver may return before the next one comes.
function Tab:leave(f)
  local page = "/element/" .. self:post("/element", { using = "css selector", value = "html" })[ELEMENT]
  f()
  local left = persist(function()
    local there, trouble = pcall(self.get, self, page .. "/name")
    return not there and tostring(trouble):find "stale element"
  end)
  if not left then error("still at " .. self:url(), 0) end
end

function Tab:click(css)
  self:leave(function()
    self:with(css, function(element) self:post(element .. "/click") end)
  end)
end

-- Clicks twice, as a hand does: the second click does not wait for the effect of the first.
function Tab:double_click(css)
  local press, release = { type = "pointerDown", button = 0 }, { type = "pointerUp", button = 0 }
  self:leave(function()
    self:with(css, function(element)
      local origin = { [ELEMENT] = element:match "[^/]+$" }
      self:post("/actions", { actions = { {
        type = "pointer", id = "mouse", parameters = { pointerType = "mouse" },
        actions = { { type = "pointerMove", x = 0, y = 0, origin = origin }, press, release, press, release },
      } } })
    end)
  end)
end

function Tab:type(css, text)
  self:with(css, function(element) self:post(element .. "/value", { text = text }) end)
end

function Tab:submit(css, text)
  self:leave(function() self:type(css, text .. ENTER) end)
end

-- Types into the element that has the focus; `text` may hold browser.TAB.
function Tab:keys(text)
  local actions = {}
  for key in text:gmatch "[%z\1-\127\194-\244][\128-\191]*" do
    actions[#actions + 1] = { type = "keyDown", value = key }
    actions[#actions + 1] = { type = "keyUp", value = key }
  end
  self:post("/actions", { actions = { { type = "key", id = "keyboard", actions = actions } } })
end

-- The cookie as { name, value, httpOnly, secure, sameSite, path }, or nil.
function Tab:cookie(name)
  for _, cookie in ipairs(self:get "/cookie") do
    if cookie.name == name then return cookie end
  end
end

-- Forgets the cookies of the site that is shown.
function Tab:forget() command("DELETE", self.session .. "/cookie") end

-- Takes a picture of the window.
function Tab:screenshot(path)
  tmp.write(path, (mime.unb64(self:get "/screenshot")))
end

browser.TAB = TAB

return browser
