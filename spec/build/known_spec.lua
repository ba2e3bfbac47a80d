-- The runner's own account of known faults, in a run of its own.
local child = require "support.child"
local process = require "support.process"
local tmp = require "support.tmp"

-- Returns the output of a run of that spec file, and whether it ended well.
local function run(code)
  local directory = tmp.directory()
  tmp.write(directory .. "/some_spec.lua", 'local known = require "support.known"\n' .. code)
  local pipe = io.popen(("env -u ONEENTRY_DRIVER %s %ssupport/run.lua %s/some_spec.lua 2>&1; echo status: $?"):format(
    child.interpreter(), process.quote(process.spec), directory))
  local text = pipe:read "*a"
  pipe:close()
  tmp.remove(directory)
  local output, status = text:match "^(.*)status: (%d+)\n$"
  return output, status == "0"
end

local PASSES = 'it("passes", function() assert.is_true(true) end)\n'

describe("a known fault", function()
  it("is neither passed nor failed as long as its assertions fail", function()
    local text, well = run(PASSES .. [[
      describe("a thing", function()
        it("X1: works", known("later", function() assert.equal(1, 2) end))
        it("X2: works", known("later still", function() assert(nil, "why") end))
        it("X3: works", known("later", function() assert.is_nil(1) end))
      end)]])
    assert.matches("\n3 known faults:\n  later\n    a thing X1: works\n    a thing X3: works\n  later still\n    a thing X2: works\n"
      .. "\n1 passed, 0 failed\n$", text)
    assert.is_true(well)
  end)

  it("fails when it is mended", function()
    local text, well = run(PASSES .. [[it("X1: works", known("later", function() assert.equal(1, 1) end))]])
    assert.matches("FAILED: X1: works\n[^\n]*this fault is mended: make it an ordinary spec", text)
    assert.matches("\n1 passed, 1 failed\n", text)
    assert.not_matches("known fault", text)
    assert.is_false(well)
  end)

  it("fails when it throws anything else", function()
    for _, throw in ipairs { [[error "broken"]], "error({})", [[undefined()]] } do
      local text, well = run(([[it("X1: works", known("later", function() %s end))]]):format(throw))
      assert.matches("ERROR: X1: works\n", text)
      assert.matches("\n0 passed, 1 failed\n", text)
      assert.is_false(well)
    end
  end)

  it("may be all that a run has", function()
    local text, well = run [[it("X1: works", known("later", function() assert.is_true(false) end))]]
    assert.matches("\n1 known fault:\n  later\n    X1: works\n\n0 passed, 0 failed\n$", text)
    assert.is_true(well)
  end)

  it("may use no globals", function()
    local text = run [[
      local fail = assert.is_true
      it("X1: works", known("later", function() fail(false) end))]]
    assert.matches("\n1 known fault:\n", text)
  end)

  it("is not what a pending test is", function()
    for _, code in ipairs { [[pending "works"]], [[it("works", function() pending "known fault" end)]] } do
      local text, well = run(PASSES .. code)
      assert.matches("PENDING: ", text)
      assert.matches("\n1 passed, 1 failed\n", text)
      assert.is_false(well)
    end
  end)
end)
