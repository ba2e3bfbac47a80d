-- One call in a fresh process: one.lua NAME URL. Prints seconds of the processor, MB at the height beyond what was there
-- before, bytes of the error's texts, and "value" or err.code.
local measure = require "growth.measure"
local shapes = require "growth.shapes"

for _, shape in ipairs(shapes) do
  if shape.name == arg[1] then
    local seconds, memory, value, err = measure.once(shape, arg[2])
    local texts = err and math.max(#tostring(err), #err.message) or 0
    print(("%.3f %.0f %d %s"):format(seconds, memory, texts, value == nil and err.code or "value"))
  end
end
