-- oneentry.all, and many futures at once.
local oneentry = require "oneentry"
local server = require "support.server"
local socket = require "socket"

local function took(f, ...)
  local before = socket.gettime()
  local function passed(...)
    return socket.gettime() - before, ...
  end
  return passed(f(...))
end

describe("futures:", function()
  local peer, api
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function()
    peer:script { fallback = { "echo" } }
    api = oneentry.define(peer.url, { token = "t", timeout = 10 })
  end)
  after_each(function() api.close() end)

  local function get(id, of) return (of or api).async.Payments.getSessionById(id) end
  local function post(id, of) return (of or api).async.Users.addFCMToken(id) end

  describe("oneentry.all", function()
    it("gives the values in the order of the futures", function()
      peer:script { fallback = { "echo", but = { ["1"] = { seconds = 0.2 }, ["2"] = { seconds = 0.1 } } } }
      local values, err = oneentry.all { get(1), get(2), get(3) }
      assert.is_nil(err)
      assert.same({ 1, 2, 3 }, { values[1].id, values[2].id, values[3].id })
    end)

    it("of nothing is nothing", function()
      assert.same({}, (oneentry.all {}))
      assert.same({}, (oneentry.all({}, "settled")))
    end)

    it("gives false and null as values", function()
      peer:script { fallback = { "echo", but = { ["1"] = { body = "false" }, ["2"] = { body = "null" } } } }
      local values, err = oneentry.all { get(1), get(2) }
      assert.is_nil(err)
      assert.is_false(values[1])
      assert.equal(oneentry.null, values[2])
    end)

    it("ends with the first failure; the others go on", function()
      peer:script { fallback = { "echo", but = { ["1"] = { seconds = 1 }, ["2"] = { status = 404 } } } }
      local first, second = get(1), get(2)
      local time, values, err = took(oneentry.all, { first, second })
      assert.is_true(time < 0.8, time)
      assert.is_nil(values)
      assert.equal(404, err.statusCode)
      assert.equal(1, first:await().id)
    end)

    it("waits for all with \"settled\", and tells what became of each", function()
      peer:script { fallback = { "echo", but = { ["1"] = { seconds = 0.2 }, ["2"] = { status = 404 } } } }
      local values, errors = oneentry.all({ get(1), get(2), get(3) }, "settled")
      assert.same({ 1, nil, 3 }, { values[1].id, nil, values[3].id })
      assert.is_nil(values[2])
      assert.equal(404, errors[2].statusCode)
      assert.is_nil(errors[1])
      assert.is_nil(errors[3])
    end)

    it("raises the first failure where errors.isShell is false, but not with \"settled\"", function()
      local own = oneentry.define(peer.url, { errors = { isShell = false } })
      peer:script { fallback = { "echo", but = { ["2"] = { status = 404 } } } }
      local ok, err = pcall(oneentry.all, { get(1, own), get(2, own) })
      assert.is_false(ok)
      assert.equal(404, err.statusCode)
      local values, errors = oneentry.all({ get(1, own), get(2, own) }, "settled")
      assert.equal(1, values[1].id)
      assert.equal(404, errors[2].statusCode)
    end)

    it("takes the same future twice, and awaited ones", function()
      local future = get(7)
      assert(future:await())
      local other = get(8)
      local values = assert(oneentry.all { future, other, future, other })
      assert.same({ 7, 8, 7, 8 }, { values[1].id, values[2].id, values[3].id, values[4].id })
    end)

    it("tells what is wrong with its arguments", function()
      for _, case in ipairs {
        { 5, nil, "#1 to 'all' (list of futures expected, got number)" },
        { nil, nil, "#1 to 'all' (list of futures expected, got nil)" },
        { get(1), nil, "#1 to 'all' (list of futures expected, got userdata)" },
        { { get(1), 5 }, nil, "#1 to 'all' (future expected at 2, got number)" },
        { { {} }, nil, "#1 to 'all' (future expected at 1, got table)" },
        { {}, "any", "#2 to 'all' (\"settled\" or nothing expected)" },
        { {}, true, "#2 to 'all' (\"settled\" or nothing expected)" },
      } do
        local ok, message = pcall(oneentry.all, case[1], case[2])
        assert.is_false(ok)
        assert.matches("bad argument " .. case[3], message, 1, true)
      end
    end)

    it("refuses what it would leave out", function()
      assert.has_error(function() oneentry.all { order = get(1) } end,
        "bad argument #1 to 'all' (a list without gaps expected, and nothing at order)")
      assert.has_error(function() oneentry.all { [2] = get(1) } end)
    end)

    it("waits for two sessions, each with its token", function()
      local users, futures = {}, {}
      for i = 1, 2 do users[i] = api.session { accessToken = "token-" .. i } end
      for i = 1, 20 do futures[i] = get(i, users[i % 2 + 1]) end
      for i, value in ipairs(assert(oneentry.all(futures))) do
        assert.same({ i, "token-" .. i % 2 + 1 }, { value.id, value.token })
      end
    end)

    it("waits for two clients at once", function()
      local other = oneentry.define(peer.url, { timeout = 1 })
      peer:script { fallback = { "echo", but = {
        ["1"] = { seconds = 0.5 }, ["2"] = { seconds = 0.2 }, ["3"] = { behaviour = "silence" },
      } } }
      local values, errors = oneentry.all({ get(1), get(2, other), get(3, other) }, "settled")
      assert.equal(1, values[1].id)
      assert.is_nil(errors[2])
      assert.equal(2, values[2].id)
      assert.equal("timeout", errors[3].code)
    end)

    it("ends with the first failure of two clients", function()
      local other = oneentry.define(peer.url)
      peer:script { fallback = { "echo", but = { ["1"] = { seconds = 2 }, ["2"] = { status = 404 } } } }
      local time, values, err = took(oneentry.all, { get(1), get(2, other) })
      assert.is_nil(values)
      assert.equal(404, err.statusCode)
      assert.is_true(time < 1, time)
    end)
  end)

  describe("many at once:", function()
    it("256, each with its own answer", function()
      local users, futures = {}, {}
      for i = 1, 8 do users[i] = api.session { accessToken = "token-" .. i } end
      for i = 1, 256 do
        futures[i] = i % 2 == 0 and get(i, users[i % 8 + 1]) or post(tostring(i), users[i % 8 + 1])
      end
      for i, value in ipairs(assert(oneentry.all(futures))) do
        assert.same({ i, "token-" .. i % 8 + 1 }, { tonumber(value.id), value.token })
      end
      assert.equal(256, #peer:requests())
    end)

    it("all end at their deadline", function()
      local silent = oneentry.define(peer.url, { timeout = 0.5 })
      local crowded = oneentry.define(peer.url, { timeout = 0.7, maxConnections = 3 })
      peer:script { fallback = { "silence" } }
      local futures, latest = {}, {}
      for i = 1, 40 do
        local own = i % 2 == 0 and silent or crowded
        latest[i] = socket.gettime() + (own == silent and 0.5 or 0.7) + 0.25
        futures[i] = i % 3 == 0 and get(i, own) or post(tostring(i), own)
      end
      local ended = {}
      local limit = socket.gettime() + 5
      repeat
        local left = 0
        for i, future in ipairs(futures) do
          if not ended[i] and future:done() then ended[i] = socket.gettime() end
          left = left + (ended[i] and 0 or 1)
        end
      until left == 0 or socket.gettime() > limit
      for i, future in ipairs(futures) do
        local _, err = future:await()
        assert.equal("timeout", err.code)
        assert.is_true(ended[i] <= latest[i], ("%d: %.3f s late"):format(i, ended[i] - latest[i] + 0.25))
      end
    end)

    it("of which one is awaited end at their deadlines", function()
      local silent = oneentry.define(peer.url, { timeout = 0.5 })
      peer:script { fallback = { "silence" } }
      local futures = {}
      local time, values, errors = took(function()
        for i = 1, 40 do futures[i] = get(i, silent) end
        return oneentry.all(futures, "settled")
      end)
      assert.is_nil(next(values))
      assert.equal(40, #errors)
      assert.is_true(time < 0.75 and time >= 0.49, time)
    end)

    it("never have more connections than maxConnections", function()
      for _, most in ipairs { 1, 3 } do
        local own = oneentry.define(peer.url, { maxConnections = most })
        local before = #peer:connections()
        local futures = {}
        for i = 1, 30 do futures[i] = get(i, own) end
        for i, value in ipairs(assert(oneentry.all(futures))) do assert.equal(i, value.id) end
        assert.equal(before + most, #peer:connections())
        own.close()
      end
    end)

    it("may wait longer for a free connection than a connection may take", function()
      local own = oneentry.define(peer.url, { maxConnections = 1, connectTimeout = 0.2, timeout = 10, maxRetries = 0 })
      peer:script { fallback = { "echo", seconds = 0.15 } }
      local futures = {}
      for i = 1, 6 do futures[i] = post(tostring(i), own) end
      for i, value in ipairs(assert(oneentry.all(futures))) do assert.equal(tostring(i), tostring(value.id)) end
      assert.equal(6, #peer:requests())
    end)

    it("wait for a connection in their order, and what is cancelled holds nobody up (B: Debian 13)", function()
      local own = oneentry.define(peer.url, { maxConnections = 1, timeout = 5, maxRetries = 0 })
      peer:script { { "silence" }, fallback = { "echo" } }
      local futures, before = {}, socket.gettime()
      for i = 1, 8 do futures[i] = i % 2 == 0 and get(i, own) or post(tostring(i), own) end
      peer:drive(futures[1], 1)
      futures[3]:cancel()
      futures[8]:cancel()
      futures[1]:cancel() -- the one that has the connection
      for i, future in ipairs(futures) do
        local value, err = future:await()
        if i == 1 or i == 3 or i == 8 then
          assert.same({ "cancelled", i == 1 }, { err.code, err.sent })
        else
          assert.equal(tostring(i), tostring(assert(value, err).id))
        end
      end
      local order = {}
      for i, request in ipairs(peer:requests()) do order[i] = request.path:match "[^/]+$" end
      assert.equal("1 2 4 5 6 7", table.concat(order, " "))
      assert.is_true(socket.gettime() - before < 3)
    end)
  end)
end)
