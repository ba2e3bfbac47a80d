-- One refresh for however many calls meet an expired token.
local oneentry = require "oneentry"
local cqueues = require "cqueues"
local eventually = require "support.eventually"
local server = require "support.server"

local N = 20
local tokens = '{"accessToken":"new","refreshToken":"r2"}'

describe("an expired token and 20 calls at once", function()
  local peer, saved
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function() saved = {} end)

  local function define(config)
    config.auth = { accessToken = "old", refreshToken = "r1", saveFunction = function(token) saved[#saved + 1] = token end }
    return oneentry.define(peer.url, config)
  end

  -- The answer to the refresh, and to others by id; "old" gets a 401.
  local function script(refresh, but)
    but = but or {}
    but.refresh = refresh
    peer:script { fallback = { "echo", refuse = "old", but = but } }
  end

  local function count_refreshes()
    local bodies = {}
    for _, request in ipairs(peer:requests()) do
      if request.path:match("/refresh$") then bodies[#bodies + 1] = request.body end
    end
    return #bodies, bodies[1]
  end

  -- Returns two futures that wait for one refresh, after the server has got that.
  local function two_refreshing(api)
    local futures = { api.async.Payments.getSessionById(1), api.async.Payments.getSessionById(2) }
    eventually(function()
      for _, future in ipairs(futures) do future:done() end
      return count_refreshes() == 1
    end)
    return futures
  end

  -- The calls as futures of one thread, or in coroutines of a loop: { { value, err }, ... }
  local ways = {
    futures = function(api)
      local futures, results = {}, {}
      for i = 1, N do futures[i] = i % 2 == 0 and api.async.Payments.getSessionById(i) or api.async.Users.addFCMToken(tostring(i)) end
      for i = 1, N do results[i] = { futures[i]:await() } end
      return results
    end,
    coroutines = function(api)
      local loop, results = cqueues.new(), {}
      for i = 1, N do
        loop:wrap(function()
          results[i] = { (i % 2 == 0 and api.Payments.getSessionById or api.Users.addFCMToken)(i % 2 == 0 and i or tostring(i)) }
        end)
      end
      assert(loop:loop())
      return results
    end,
  }

  for name, run in pairs(ways) do
    local driver = name == "coroutines" and "cqueues" or nil

    it("(" .. name .. ") are one refresh, and all succeed", function()
      script { body = tokens, seconds = 0.1 }
      local api = define { driver = driver }
      for i, result in ipairs(run(api)) do
        assert.is_nil(result[2])
        assert.same({ i, "new" }, { tonumber(result[1].id), result[1].token })
      end
      local n, body = count_refreshes()
      assert.equal(1, n)
      assert.equal('{"refreshToken":"r1"}', body)
      assert.same({ "r2" }, saved)
      assert.equal("r2", api.getSession().refreshToken)
      assert.equal(2 * N + 1, #peer:requests())
      api.close()
    end)

    it("(" .. name .. ") all get their 401 when the refresh fails, and the token is spent once", function()
      for _, answer in ipairs { { status = 401, body = '{"message":"no"}' }, { body = "{}" }, { behaviour = "hangup" },
        { status = 500 } } do
        answer.seconds = 0.2 -- until then all have been sent
        script(answer)
        local api = define { driver = driver }
        for i, result in ipairs(run(api)) do
          assert.is_nil(result[1])
          assert.equal(401, result[2].statusCode, i)
        end
        assert.equal(1, (count_refreshes()))
        assert.same({}, saved)
        assert.equal("r1", api.getSession().refreshToken)
        api.close()
      end
    end)

    it("(" .. name .. ") spend it once even when some 401 come after the refresh has failed", function()
      script({ status = 400, seconds = 0.2 }, { ["4"] = { seconds = 0.5 }, ["5"] = { seconds = 0.7 } })
      local api = define { driver = driver }
      for _, result in ipairs(run(api)) do assert.equal(401, result[2].statusCode) end
      assert.equal(1, (count_refreshes()))
      api.close()
    end)

    it("(" .. name .. ") are one refresh even when some 401 come after it has succeeded", function()
      script({ body = tokens }, { ["4"] = { seconds = 0.5 }, ["5"] = { seconds = 0.7 } })
      local api = define { driver = driver }
      for i, result in ipairs(run(api)) do assert.same({ i, "new" }, { tonumber(result[1].id), result[1].token }) end
      assert.equal(1, (count_refreshes()))
      assert.same({ "r2" }, saved)
      api.close()
    end)
  end

  it("a call after the failure may try again", function()
    script { status = 500 }
    local api = define {}
    assert.equal(401, select(2, api.Payments.getSessionById(1)).statusCode)
    script { body = tokens }
    assert.equal("new", assert(api.Payments.getSessionById(1)).token)
    assert.same({ "r2" }, saved)
  end)

  it("a call that is cancelled while it waits for the refresh leaves it to the others", function()
    for _, first in ipairs { 1, 2 } do
      script { body = tokens, seconds = 0.2 }
      saved = {}
      local api = define {}
      local futures = two_refreshing(api)
      futures[first]:cancel()
      local _, err = futures[first]:await()
      assert.same({ "cancelled", true }, { err.code, err.sent })
      assert.equal("new", assert(futures[3 - first]:await()).token)
      assert.equal(1, (count_refreshes()))
      assert.same({ "r2" }, saved)
    end
  end)

  it("when all are cancelled, the next call takes the tokens that came", function()
    script { body = tokens, seconds = 0.1 }
    local api = define {}
    local futures = two_refreshing(api)
    for _, future in ipairs(futures) do future:cancel() end
    assert.equal("new", assert(api.Payments.getSessionById(3)).token)
    assert.equal(1, (count_refreshes()))
    assert.same({ "r2" }, saved)
  end)
end)
