-- Finalizers that act at a chosen point: the collector runs a whole cycle at every allocation that may collect, each cycle
-- finalizes one object, and the n-th of them acts. For small processes: a cycle takes as long as the heap is large.
local finalizer = {}

local collect = collectgarbage
local pack = table.pack or function(...) return { n = select("#", ...), ... } end

if jit then jit.off() end

-- A whole cycle at every allocation. The collection is what makes the pause count from now on.
local function hurry()
  if _VERSION == "Lua 5.4" then
    collect("incremental", 1, 1000, 40)
  else
    collect("setpause", 1)
    collect("setstepmul", 1e7)
  end
  collect()
end

local function calm()
  if _VERSION == "Lua 5.4" then collect("incremental", 200, 100, 13) end
  collect("setpause", 200)
  collect("setstepmul", 200)
  collect()
end

-- Makes garbage whose finalizer is f.
local function litter(f)
  if newproxy then
    getmetatable(newproxy(true)).__gc = f
  else
    setmetatable({}, { __gc = f })
  end
end

-- Calls body(...) while the n-th finalizer calls action(). Returns the results of pcall, with n; whether it has acted; and the
-- error of action.
function finalizer.at(n, action, body, ...)
  local count, over, acted, problem = 0, false, false, nil
  local function finalize()
    if over then return end
    count = count + 1
    if count < n then return litter(finalize) end
    over, acted = true, true
    local ok, err = pcall(action)
    if not ok then problem = err end
  end
  collect()
  hurry()
  litter(finalize)
  local results = pack(pcall(body, ...))
  over = true
  calm()
  return results, acted, problem
end

-- Goes through the points in turn, from the first, every `stride`-th: begin(n) gives body and action, and judge(results, n,
-- acted, problem) looks at the outcome. Returns how many points there were.
function finalizer.each(begin, judge, stride)
  local n, points = 1, 0
  while true do
    local body, action = begin(n)
    local results, acted, problem = finalizer.at(n, action, body)
    judge(results, n, acted, problem)
    if not acted then return points end
    points = points + 1
    n = n + (stride or 1)
  end
end

return finalizer
