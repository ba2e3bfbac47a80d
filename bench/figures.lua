-- Medians, columns of text, and limits that are kept or not.
local figures = { passed = 0, failed = 0 }

function figures.percentile(list, share)
  local sorted = {}
  for i, value in ipairs(list) do sorted[i] = value end
  table.sort(sorted)
  return sorted[math.max(1, math.ceil(#sorted * share))] or 0 / 0
end

function figures.median(list)
  return figures.percentile(list, 0.5)
end

-- The median of list[i].name.
function figures.median_of(list, name)
  local values = {}
  for i, item in ipairs(list) do values[i] = item[name] end
  return figures.median(values)
end

-- The median of ours[i].name / theirs[i].name: both of one round were measured under one load.
function figures.ratio(ours, theirs, name)
  local values = {}
  for i = 1, math.min(#ours, #theirs) do values[i] = ours[i][name] / theirs[i][name] end
  return figures.median(values)
end

function figures.check(ok, text, ...)
  local key = ok and "passed" or "failed"
  figures[key] = figures[key] + 1
  print((ok and "ok      " or "FAILED  ") .. text:format(...))
end

-- The last line, as every check of this project has it; the exit status.
function figures.finish()
  print(("\n%d passed, %d failed"):format(figures.passed, figures.failed))
  os.exit(figures.failed == 0 and 0 or 1, true)
end

return figures
