--- HTML of the sandbox's own pages: escaping, the frame and its style, tables.
local html = {}

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

function html.escape(text)
  return (tostring(text):gsub("[&<>\"']", ENTITIES))
end

--- Fills `%s` of a template with escaped values.
function html.fill(template, ...)
  local values = { ... }
  for i = 1, select("#", ...) do values[i] = html.escape(values[i]) end
  return template:format((table.unpack or unpack)(values))
end

local STYLE = [[
:root { color-scheme: light dark; --ink: #1d2433; --soft: #667085; --line: #e3e7ef; --paper: #fff; --back: #f4f6fa;
  --accent: #2f6fed; --good: #14804a; --bad: #b42318; --wait: #9a6700 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9f0; --soft: #98a2b3; --line: #2c3444; --paper: #181d28;
  --back: #10141c; --accent: #6b9bff; --good: #4cc38a; --bad: #ff8a80; --wait: #e2b340 } }
* { box-sizing: border-box }
body { margin: 0; padding: 2rem 1rem; background: var(--back); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto }
main.narrow { max-width: 28rem }
h1 { font-size: 1.5rem; margin: 0 0 .25rem }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { margin: .25rem 0 1rem } .soft { color: var(--soft) }
a { color: var(--accent) }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem;
  overflow-x: auto }
table { width: 100%; border-collapse: collapse }
th, td { text-align: left; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line) }
tr:last-child td { border-bottom: 0 }
th { color: var(--soft); font-weight: 500; font-size: .875rem }
.sum { font-size: 2rem; font-weight: 600; margin: .5rem 0 1rem }
.state { font-weight: 600 } .completed { color: var(--good) } .canceled, .expired { color: var(--bad) }
.waiting { color: var(--wait) }
form { display: grid; gap: .6rem; margin-top: 1.5rem }
button { font: inherit; padding: .7rem 1rem; border-radius: .5rem; border: 1px solid var(--line);
  background: transparent; color: inherit; cursor: pointer }
button.main { background: var(--accent); border-color: var(--accent); color: #fff; font-weight: 600 }
button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
code { font-size: .9em }
]]

local FRAME = [[<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title><style>%s</style></head>
<body><main%s>%s</main></body></html>
]]

--- A complete page as an answer; `content` is HTML already.
function html.page(status, title, content, narrow)
  return {
    status = status,
    headers = {
      ["content-type"] = "text/html; charset=utf-8", ["cache-control"] = "no-store",
      ["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'",
    },
    body = FRAME:format(html.escape(title), STYLE, narrow and ' class="narrow"' or "", content),
  }
end

--- A table; cells that are tables `{ html }` are HTML already, all others are escaped.
function html.table(headings, rows, empty)
  if #rows == 0 then return html.fill('<p class="soft">%s</p>', empty) end
  local out = { "<table><thead><tr>" }
  for _, heading in ipairs(headings) do out[#out + 1] = html.fill("<th scope=\"col\">%s</th>", heading) end
  out[#out + 1] = "</tr></thead><tbody>"
  for _, row in ipairs(rows) do
    out[#out + 1] = "<tr>"
    for _, cell in ipairs(row) do
      out[#out + 1] = "<td>" .. (type(cell) == "table" and cell[1] or html.escape(cell)) .. "</td>"
    end
    out[#out + 1] = "</tr>"
  end
  out[#out + 1] = "</tbody></table>"
  return table.concat(out)
end

return html
