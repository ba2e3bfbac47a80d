-- busted output: a line per spec file, then every failure, the known faults, and "N passed, N failed" alone on the last line.
-- Errors count as failed, and so do pending tests: a test runs or it goes. A run of no test fails too. A known fault
-- (support/known.lua) is neither passed nor failed.
local process = require "support.process"

local MARK = require("support.known").mark

local function indent(text)
  return "    " .. tostring(text):gsub("%s+$", ""):gsub("\n", "\n    ")
end

return function(options)
  local busted = require "busted"
  local handler = require "busted.outputHandlers.base"()
  local marks = { success = ".", failure = "F", error = "E", pending = "P" }
  local passed, failed
  local known, pending = {}, {}

  local function put(text)
    io.write(text)
    io.flush()
    return nil, true -- busted goes on to the next subscriber
  end

  local function describe(kind, entry)
    put(("\n%s: %s\n%s\n"):format(kind, entry.name, indent(entry.message or "no message")))
    local traceback = entry.trace and entry.trace.traceback
    if traceback and traceback ~= "" and (entry.isError or options.verbose) then
      put(indent((traceback:gsub("^%s+", ""))) .. "\n")
    end
  end

  local function outside_a_test(element)
    return put(element.descriptor ~= "it" and "E" or "")
  end

  -- Why a known fault is not mended, or nil for a test that is pending without the mark. busted writes a position before it.
  local function reason_of(entry)
    return tostring(entry.message):match("^[^\n]-" .. MARK .. "([^\n]*)")
  end

  -- How many, and below each reason their names.
  local function tell_known()
    if #known == 0 then return end
    local reasons, of = {}, {}
    for _, entry in ipairs(known) do
      local reason = reason_of(entry)
      if not of[reason] then reasons[#reasons + 1], of[reason] = reason, {} end
      table.insert(of[reason], entry)
    end
    put(("\n%d known %s:\n"):format(#known, #known == 1 and "fault" or "faults"))
    for _, reason in ipairs(reasons) do
      put("  " .. reason .. "\n")
      for _, entry in ipairs(of[reason]) do
        put(indent(entry.name) .. "\n")
        if options.verbose then put(indent(indent(entry.message)) .. "\n") end
      end
    end
  end

  local function summary()
    for _, entry in ipairs(handler.pendings) do table.insert(reason_of(entry) and known or pending, entry) end
    passed = handler.successesCount
    failed = handler.failuresCount + handler.errorsCount + #pending
    put "\n"
    for _, entry in ipairs(handler.failures) do describe("FAILED", entry) end
    for _, entry in ipairs(handler.errors) do describe("ERROR", entry) end
    for _, entry in ipairs(pending) do describe("PENDING", entry) end
    tell_known()
    if passed + failed + #known == 0 then put "\nno test ran\n" end
    return put(("\n%d passed, %d failed\n"):format(passed, failed))
  end

  -- busted's own exit code is lost on Lua 5.1 (an error message follows the closing line)
  -- and does not know of pending tests and empty runs.
  local function leave()
    if passed + #known == 0 or failed > 0 then os.exit(1, true) end
    return nil, true
  end

  busted.subscribe({ "file", "start" }, function(file) return put("\n" .. file.name .. " ") end)
  busted.subscribe({ "test", "end" }, function(_, _, status) return put(marks[status]) end)
  busted.subscribe({ "error" }, outside_a_test)
  busted.subscribe({ "failure" }, outside_a_test)
  busted.subscribe({ "suite", "end" }, function(...)
    process.stop_all() -- the processes that failed tests have left
    return summary(...)
  end)
  busted.subscribe({ "exit" }, leave, { priority = 100 })
  return handler
end
