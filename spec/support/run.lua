-- Runs busted under the interpreter that runs this file; arguments are busted's.
local run = require "busted.runner"

require "support.driver".run(function()
  run { standalone = false, output = "support.summary" }
end)
