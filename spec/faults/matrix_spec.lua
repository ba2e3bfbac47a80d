-- The fault matrix: every row of rows/ against the scripted server. Narrow with --filter=TEXT.
local matrix = require "faults.matrix"

local groups = {
  "connect", "cut", "slow", "endless", "framing", "encoding", "status", "session", "idle", "certificate", "body", "retry_after", "repeats",
}
-- Those that tell what is repeated from what is not meet other methods, too.
local repeating = { connect = true, cut = true, session = true, idle = true, retry_after = true }

describe("faults:", function()
  local world
  local rows, cases = 0, 0
  setup(function() world = matrix.start() end)
  teardown(function() matrix.stop(world) end)

  for _, group in ipairs(groups) do
    describe(group, function()
      local list = require("faults.rows." .. group)
      rows = rows + #list
      for _, case in ipairs(matrix.cases(list)) do
        cases = cases + 1
        it(case.name, function() matrix.run(world, case) end)
      end
      for _, case in ipairs(repeating[group] and matrix.other_cases(list) or {}) do
        cases = cases + 1
        it(case.name, function() matrix.run(world, case) end)
      end
    end)
  end

  it("are at least 150", function()
    io.write((" %d faults, %d cases "):format(rows, cases))
    assert.is_true(rows >= 150 and cases >= rows)
  end)
end)
