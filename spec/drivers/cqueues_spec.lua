-- The driver of cqueues.
local cqueues = require "cqueues"
local calls = require "support.driver.calls"
local contract = require "support.driver.contract"

local function run(...)
  local loop = cqueues.new()
  for _, f in ipairs { ... } do loop:wrap(f) end
  assert(loop:loop())
end

local loop = {
  run = run,
  spawn = function(f) cqueues.running():wrap(f) end,
  turn = function() cqueues.sleep(0) end,
  reports = function(f) return select(2, pcall(run, f)) end,
}

describe("the driver of cqueues", function()
  for _, case in ipairs(contract.cases("cqueues", loop)) do it(case.promise, case.check) end
  for _, case in ipairs(calls.cases("cqueues", loop)) do it(case.promise, case.check) end

  it("is not ready in a coroutine inside one of the loop", function()
    local ready
    run(function()
      ready = coroutine.wrap(require "oneentry.drivers.cqueues".ready)()
    end)
    assert.is_false(ready)
  end)
end)
