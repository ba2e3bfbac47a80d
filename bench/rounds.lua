-- Shared by the programs of `make bench-parallel`: talks with parallel.lua. Each line that comes in asks for a batch of
-- calls; the answer is its wall and CPU time in ms. rounds(batch, warm): batch() makes the calls, and raises when one
-- of them has failed; with warm, one more batch goes before the measured one.
local monotime = require "cqueues".monotime

return function(batch, warm)
  for _ in io.lines() do
    if warm then batch() end
    collectgarbage() -- the garbage of the round before
    local wall, cpu = monotime(), os.clock()
    batch()
    print(("%.3f %.3f"):format((monotime() - wall) * 1000, (os.clock() - cpu) * 1000))
    io.stdout:flush()
  end
end
