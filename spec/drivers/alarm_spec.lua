-- oneentry.alarm: a descriptor that is readable when another is, or when time is over.
local oneentry = require "oneentry"
local child = require "support.child"
local socket = require "socket"

describe("oneentry.alarm", function()
  local alarm, peer
  before_each(function()
    alarm = oneentry.alarm()
    peer = assert(socket.udp4())
    assert(peer:setsockname("127.0.0.1", 0))
    assert(peer:setpeername(peer:getsockname()))
  end)
  after_each(function() peer:close() end)

  -- Is the alarm's own descriptor readable within so many seconds?
  local function readable(seconds)
    local waiter = { getfd = function() return alarm:getfd() end, dirty = function() return false end }
    return #socket.select({ waiter }, nil, seconds) == 1
  end

  it("is silent when nothing was set", function()
    assert.is_nil(alarm:rang())
    assert.is_false(readable(0))
  end)

  it("rings for the descriptor", function()
    alarm:set(peer:getfd(), 30)
    assert.is_nil(alarm:rang())
    peer:send "x"
    assert.is_true(readable(10))
    assert.is_true(alarm:rang())
  end)

  it("rings when time is over, not before", function()
    for _, seconds in ipairs { 0, 0.001, 0.1 } do
      local before = socket.gettime()
      alarm:set(peer:getfd(), seconds)
      assert.is_true(readable(10))
      assert.is_true(socket.gettime() - before >= seconds)
      assert.is_false(alarm:rang())
    end
  end)

  it("is silent after it has rung", function()
    peer:send "x"
    alarm:set(peer:getfd(), 0)
    assert.is_true(readable(10))
    assert.is_true(alarm:rang())
    assert.is_nil(alarm:rang())
    assert.is_false(readable(0.02))
  end)

  it("takes any number of seconds for a wait", function()
    for _, seconds in ipairs { 1e300, math.huge } do
      alarm:set(peer:getfd(), seconds)
      assert.is_nil(alarm:rang())
    end
    for _, seconds in ipairs { -1, -math.huge, 0 / 0 } do
      alarm:set(peer:getfd(), seconds)
      assert.is_true(readable(10))
      assert.is_false(alarm:rang())
    end
  end)

  it("forgets what was set before, also when that has been closed", function()
    local other = assert(socket.udp4())
    alarm:set(peer:getfd(), 0)
    peer:send "x"
    alarm:set(other:getfd(), 30)
    assert.is_nil(alarm:rang())
    other:close()
    alarm:set(peer:getfd(), 30)
    assert.is_true(alarm:rang())
  end)

  it("refuses what is no descriptor, and what cannot be waited for", function()
    assert.has_error(function() alarm:set(-1, 1) end, "cannot wait for this descriptor: Bad file descriptor")
    assert.has_error(function() alarm:set(peer:getfd()) end)
    assert.has_error(function() alarm.set(peer, 0, 0) end)
    assert.is_nil(alarm:rang())
  end)

  it("closes its descriptors when it is collected", function()
    local numbers = {}
    for i = 1, 50 do
      numbers[i] = oneentry.alarm():getfd()
      collectgarbage()
      collectgarbage()
    end
    assert.is_true(numbers[50] <= numbers[1] + 4)
  end)

  it("is its process's own: a child of fork leaves it alone", function()
    local output, ok = child.run [[
      local process, oneentry, socket = require "specfork", require "oneentry", require "socket"
      local peer = socket.udp4()
      peer:setsockname("127.0.0.1", 0)
      peer:setpeername(peer:getsockname())
      local alarm = oneentry.alarm()
      alarm:set(peer:getfd(), 30)
      peer:send "x"
      local pid = process.fork()
      if pid == 0 then
        local ok = alarm:rang() == false and alarm:getfd() == nil and not pcall(alarm.set, alarm, peer:getfd(), 1)
        process.exit(ok and 0 or 1)
      end
      assert(process.wait(pid) == 0)
      assert(alarm:rang() == true)
    ]]
    assert.same({ "", true }, { output, ok })
  end)

  it("gives its descriptors back when it is closed, or could not be made", function()
    local output, ok = child.run([[
      local oneentry, descriptors = require "oneentry", require "support.descriptors"
      collectgarbage "stop"
      local before = descriptors()
      local alarm = oneentry.alarm()
      alarm:close()
      alarm:close()
      assert(alarm:rang() == false)
      assert(descriptors() == before)
      local rest = {}
      while true do
        local file = io.open "/dev/null"
        if not file then break end
        rest[#rest + 1] = file
      end
      rest[#rest]:close()
      assert(not pcall(oneentry.alarm))
      assert(io.open "/dev/null", "the descriptor is lost")
    ]], "ulimit -n 64 &&")
    assert.same({ "", true }, { output, ok })
  end)
end)
