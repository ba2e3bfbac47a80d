-- Assertions about the pages of examples/openresty that a visitor of support/shop/init.lua gets.
local assert = require "luassert"

local pages = {}

function pages.has(text, part)
  assert.truthy(text:find(part, 1, true), ("no %q in: %s"):format(part, text))
end

function pages.lacks(text, part)
  assert.is_nil(text:find(part, 1, true), ("%q in: %s"):format(part, text))
end

-- A page of ours, with a link or a form that leads on.
function pages.is_page(visitor, status, title)
  assert.equal(status, visitor.status, visitor.body)
  pages.has(visitor.body, "<h1>" .. title .. "</h1>")
  local main = visitor.body:match "<main.*</main>"
  assert.truthy(main:find '<a href="/' or main:find '<form method="post"', main)
end

function pages.leads_to(visitor, location)
  assert.equal(303, visitor.status, visitor.body)
  assert.equal(location, visitor.headers.location)
end

return pages
