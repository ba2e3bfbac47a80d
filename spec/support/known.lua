-- A spec of a fault that is not mended yet.
--
--   it("A2: the right behaviour", known("the reason why it is not mended yet", function() ... end))
--
-- The body asserts the right behaviour, and has to fail on an assertion. As long as it does, the test counts as neither passed nor
-- failed; support/summary.lua names it in a line of its own. It fails as soon as the body passes. Any other error is an
-- error of the spec, as ever: a body that starts a process which may crash asserts its output.
local busted = require "busted"
local getfenv = require "busted.compatibility".getfenv

local known = { mark = "known fault: " }

local function is_failed_assertion(problem)
  local meta = type(problem) == "table" and debug.getmetatable(problem)
  return meta and meta.__type == "failure"
end

-- To be called where `it` is: busted's `pending` is a global of spec files.
local function spec(_, reason, body)
  local env = getfenv(2)
  return function()
    local ok, problem = pcall(body)
    if ok then busted.fail("this fault is mended: make it an ordinary spec", 2) end
    if not is_failed_assertion(problem) then error(problem, 0) end
    env.pending(known.mark .. reason .. "\n" .. tostring(problem.message))
  end
end

return setmetatable(known, { __call = spec })
