--- HTML that is escaped unless it says otherwise: `fill` puts values into a template and escapes each of them,
-- except what `fill`, `each` and `form` have made. There is no other way to make HTML in this shop.
local html = {}

local Markup = {}
Markup.__index = Markup
Markup.__tostring = function(markup) return markup.text end

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function escaped(value)
  if getmetatable(value) == Markup then return value.text end
  return (tostring(value):gsub("[&<>\"']", ENTITIES))
end

local function markup(text)
  return setmetatable({ text = text }, Markup)
end

--- `template` with its `%s` filled in, in order. "" stands for nothing, nil is a mistake.
function html.fill(template, ...)
  local values, n = { ... }, 0
  local text = template:gsub("%%s", function()
    n = n + 1
    return escaped(values[n] ~= nil and values[n] or error("no value " .. n .. " for " .. template, 0))
  end)
  return markup(text)
end

--- The markup that f makes of each item, one after the other.
function html.each(list, f)
  local parts = {}
  for i, item in ipairs(list) do parts[i] = escaped(f(item)) end
  return markup(table.concat(parts))
end

--- A form that changes something: by POST, with the visitor's token.
function html.form(visitor, action, class, content)
  return html.fill('<form method="post" action="%s" class="%s"><input type="hidden" name="csrf" value="%s">%s</form>',
    action, class, visitor.csrf, content)
end

--- 400 or "400.00" as "400.00 USD". OneEntry leaves the currency empty in some answers.
function html.money(amount, currency)
  if not currency or currency == "" then currency = require("shop.config").currency end
  return ("%.2f %s"):format(tonumber(amount) or 0, currency)
end

return html
