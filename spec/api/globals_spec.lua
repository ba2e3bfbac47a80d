-- Globals that are guarded, gone or replaced.
local child = require "support.child"
local server = require "support.server"

local STRICT = {
  ["any undeclared name raises"] = [[
    setmetatable(_G, { __index = function(_, name) error("undeclared " .. tostring(name), 2) end,
      __newindex = function(_, name) error("assignment to undeclared " .. tostring(name), 2) end })
  ]],
  ["C functions are excused"] = [[
    setmetatable(_G, { __index = function(_, name)
      if debug.getinfo(2, "S").what ~= "C" then error("variable '" .. tostring(name) .. "' is not declared", 2) end
    end })
  ]],
}

-- How the function use is run under a driver; before it, what the program has required by itself.
local LOOPS = {
  default = { "", "use()" },
  blocking = { "", "use()" },
  own = { "", "use()" },
  luv = { [[local uv, wrap = require "luv", coroutine.wrap]], [[
    local good = false
    wrap(function() use() good = true end)()
    uv.run()
    assert(good)
  ]] },
  cqueues = { [[local cqueues = require "cqueues"]], [[
    local loop = cqueues.new()
    loop:wrap(use)
    assert(loop:loop())
  ]] },
}
if _VERSION == "Lua 5.1" then
  LOOPS.copas = { [[local copas, create, status = require "copas", coroutine.create, coroutine.status]], [[
    local good = false
    local thread = create(function() use() good = true end)
    copas.addthread(thread)
    while status(thread) ~= "dead" do copas.step(10) end
    assert(good)
  ]] }
end

local USE = [[
  local assert, tostring, print = assert, tostring, print
  local function use()
    assert(assert(api.Payments.getSessionById(1)).id == 1)
    local future = api.async.Payments.getSessionById(2)
    assert(future:done() ~= nil and assert(future:await()).id == 2)
    assert(#assert(oneentry.all { api.async.Payments.getSessionById(3) }) == 1)
    assert(api.prepare.Payments.getSessionById(4).method == "GET")
    local _, err = api.session({ accessToken = "a" }).Payments.getSessionById(404)
    assert(("" .. err):find "404" and tostring(err):find "404" and oneentry.is_error(err))
    assert(oneentry.pretty({ a = 1, b = { print } }):find "function")
    for _ in oneentry.ordered { a = { position = 1 } } do end
    assert(#oneentry.rows() > 0)
  end
]]

describe("A7:", function()
  local peer
  setup(function() peer = server.start() end)
  teardown(function() peer:stop() end)
  before_each(function()
    peer:script { fallback = { "echo", but = { ["404"] = { status = 404, body = "{}" } } } }
  end)

  -- `code` with REQUIRE, DEFINE and RUN.
  local function run(name, code)
    local driver = name == "own" and "{ wait = function() return false end }" or name == "default" and "nil" or ("%q"):format(name)
    local parts = {
      REQUIRE = [[local oneentry = require "oneentry"]],
      DEFINE = ("local api = oneentry.define(%q, { token = 't', driver = %s })"):format(peer.url, driver) .. USE,
      RUN = "do " .. LOOPS[name][2] .. " end",
    }
    return (child.run(LOOPS[name][1] .. "\n" .. code:gsub("%u+", parts) .. "\nprint 'well'"))
  end

  for name in pairs(LOOPS) do
    for how, strict in pairs(STRICT) do
      it(("under strict globals (%s) everything goes, with the driver %s"):format(how, name), function()
        assert.equal("well\n", run(name, strict .. " REQUIRE DEFINE RUN"))
      end)
    end

    for how, change in pairs { gone = "nil", replaced = "function(name) error('no ' .. name) end" } do
      it(("everything goes where require is %s since the module was loaded, with the driver %s"):format(how, name), function()
        assert.equal("well\n", run(name, ("local left = %s REQUIRE require = left DEFINE RUN assert(rawequal(require, left))")
          :format(change)))
      end)
    end

    it("a program that has removed its globals goes on as before, with the driver " .. name, function()
      if name == "copas" or name == "cqueues" then return end -- they need theirs
      assert.equal("well\n", run(name, [[REQUIRE DEFINE RUN
        local rawset, pairs, globals = rawset, pairs, _G
        for key in pairs(globals) do rawset(globals, key, nil) end
        RUN globals.print, globals.tostring = print, tostring]]))
    end)
  end

  it("a module that sees no globals at all is the same", function()
    assert.equal("well\n", run("blocking", [[
      REQUIRE
      local setfenv, print, tostring = setfenv, print, tostring
      DEFINE
      local _ENV = {}
      if setfenv then setfenv(1, _ENV) end
      RUN
      _ENV.print, _ENV.tostring = print, tostring]]))
  end)
end)
