-- Runs busted under the interpreter that runs this file; arguments are busted's.
require "busted.runner" { standalone = false, output = "support.summary" }
