-- Runs busted under the interpreter that runs this file; arguments are busted's.
local run = require "busted.runner"

pcall(require, "luv") -- for good: busted would have each spec load it anew, and it crashes when it is loaded twice

require "support.driver".run(function()
  run { standalone = false, output = "support.summary" }
end)
