-- The rock, the built module's exports, make install and uninstall.
local tmp = require "support.tmp"

local LUA = os.getenv("LUA") or "lua5.4"

-- Returns the output of a shell command as sorted lines; raises when it fails.
local function lines(command)
  local pipe = assert(io.popen("{ " .. command .. "; } 2>&1; echo status $?"))
  local found = {}
  for line in pipe:lines() do found[#found + 1] = line end
  pipe:close()
  local status = table.remove(found)
  assert(status == "status 0", command .. "\n" .. table.concat(found, "\n") .. "\n" .. tostring(status))
  table.sort(found)
  return found
end

-- make, as from a shell: nothing of a make or a sanitizer around these specs is passed on.
local function make(arguments)
  return lines("env -u MAKEFLAGS -u MAKELEVEL -u LD_PRELOAD make --no-print-directory LUA=" .. LUA .. " " .. arguments)
end

-- The file that require "oneentry" loads here.
local function module_file()
  for template in package.cpath:gmatch("[^;]+") do
    local path = template:gsub("%?", "oneentry")
    local file = io.open(path)
    if file then
      file:close()
      return path
    end
  end
  error("no oneentry.so in " .. package.cpath)
end

describe("the built module", function()
  it("exports luaopen_oneentry and nothing else", function()
    local exported = {}
    for _, line in ipairs(lines("nm -D --defined-only '" .. module_file() .. "'")) do
      exported[#exported + 1] = line:match("%S+$")
    end
    assert.same({ "luaopen_oneentry" }, exported)
  end)
end)

if _VERSION == "Lua 5.1" then
  describe("Lua 5.1 and LuaJIT, which look into the same directory,", function()
    local function call(lua)
      local paths = ("LUA_PATH='%s' LUA_CPATH='%s'"):format(package.path, package.cpath)
      return lines(("env -u LD_PRELOAD %s %s -e '%s'"):format(paths, lua, [[
        local api = require "oneentry".define("http://127.0.0.1:9", { token = "t", maxRetries = 0 })
        print((select(2, api.Payments.getAccounts())).code)
        print(select(2, api.async.Payments.getAccounts():await()).code)]]))
    end

    for _, lua in ipairs { "luajit", "lua5.1" } do
      if os.execute("command -v " .. lua .. " >/dev/null") == 0 or os.execute("command -v " .. lua .. " >/dev/null") == true then
        it("load the module that was built for either: " .. lua, function()
          assert.same({ "connect", "connect" }, call(lua))
        end)
      end
    end
  end)
end

describe("make", function()
  it("says in a sentence that a Lua has no headers and cannot be installed", function()
    local ok, problem = pcall(make, "LUA=lua5.0 deps")
    assert.is_false(ok)
    assert.matches("this system has no package lua5%.0 liblua5%.0%-dev", problem)
    assert.not_matches("E: ", problem)
  end)
end)

describe("make install", function()
  local root

  before_each(function() root = tmp.directory() end)
  after_each(function() tmp.remove(root) end)

  it("installs what require needs, and uninstall removes it all", function()
    local looked_in = lines(("env -u LUA_CPATH %s -e 'print(package.cpath)'"):format(LUA))[1]
    local prefix = looked_in:find("/usr/lib/", 1, true) and "/usr" or "/usr/local" -- a Lua of one's own looks there only
    make("install PREFIX=" .. prefix .. " DESTDIR=" .. root)
    local abi = _VERSION:match("%d%.%d")
    local share = root .. prefix .. "/share/lua/" .. abi
    local lib = lines("find " .. root .. prefix .. "/lib -name oneentry.so")[1]:match "^(.*)/"
    assert.is_truthy((";" .. looked_in .. ";"):find(";" .. lib:sub(#root + 1) .. "/?.so;", 1, true), lib)
    assert.same(lines("cd src/lua && find . -type f"), lines("cd " .. share .. " && find . -type f"))

    -- dkjson and cjson come from where they are installed; our own files only from the new place.
    local loaded = lines(("env -u LD_PRELOAD LUA_PATH='%s/?.lua;%s/?/init.lua;;' LUA_CPATH='%s/?.so;;' %s -e '%s'"):format(
      share, share, lib, LUA,
      'print(type(require("oneentry").define)) print(type(require("oneentry.sandbox").new))'))
    assert.same({ "function", "function" }, loaded)

    -- Compiled and linked as the hardening guides say.
    local built = table.concat(lines("readelf --wide --program-headers --dynamic --symbols " .. lib .. "/oneentry.so"), "\n")
    for _, mark in ipairs { "GNU_RELRO", "BIND_NOW", "NODELETE", "__stack_chk_fail", "_chk@" } do
      assert.is_truthy(built:find(mark, 1, true), mark)
    end

    make("uninstall PREFIX=" .. prefix .. " DESTDIR=" .. root)
    assert.same({}, lines("find " .. root .. " -type f"))
    assert.same({}, lines("find " .. root .. " -name oneentry"))
  end)

  it("puts the files where a packager says", function()
    make("install LIBDIR=/c SHAREDIR=/lua DESTDIR=" .. root)
    assert.same({ root .. "/c/oneentry.so" }, lines("find " .. root .. "/c -type f"))
    assert.same(lines("cd src/lua && find . -type f"), lines("cd " .. root .. "/lua && find . -type f"))
  end)
end)
