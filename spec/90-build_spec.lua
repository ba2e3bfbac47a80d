-- The rock, the built module's exports, make install and uninstall.
local tmp = require "support.tmp"

local LUA = os.getenv("LUA") or "lua5.4"

-- What a shell command prints, as sorted lines; raises when it fails.
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

local function rockspec()
  local spec = {}
  local chunk
  if setfenv then -- Lua 5.1, LuaJIT
    chunk = setfenv(assert(loadfile("rockspec/oneentry-scm-1.rockspec")), spec)
  else
    chunk = assert(loadfile("rockspec/oneentry-scm-1.rockspec", "t", spec))
  end
  chunk()
  return spec
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

describe("the rockspec", function()
  it("lists every C source", function()
    local listed = rockspec().build.modules.oneentry.sources
    table.sort(listed)
    assert.same(lines("ls src/*.c src/api/*.c"), listed)
  end)

  it("lists every Lua file, under the name it is required by", function()
    local listed = {}
    for name, path in pairs(rockspec().build.modules) do
      if type(path) == "string" then
        local required = path:gsub("^src/lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
        assert.equal(required, name)
        listed[#listed + 1] = path
      end
    end
    table.sort(listed)
    assert.same(lines("find src/lua -type f"), listed)
  end)
end)

describe("the built module", function()
  it("exports luaopen_oneentry and nothing else", function()
    local exported = {}
    for _, line in ipairs(lines("nm -D --defined-only '" .. module_file() .. "'")) do
      exported[#exported + 1] = line:match("%S+$")
    end
    assert.same({ "luaopen_oneentry" }, exported)
  end)
end)

describe("make install", function()
  local root

  before_each(function() root = tmp.directory() end)
  after_each(function() tmp.remove(root) end)

  it("installs what require needs, and uninstall removes it all", function()
    make("install PREFIX=/usr DESTDIR=" .. root)
    local abi = _VERSION:match("%d%.%d")
    local share, lib = root .. "/usr/share/lua/" .. abi, root .. "/usr/lib/lua/" .. abi
    assert.same(lines("cd src/lua && find . -type f"), lines("cd " .. share .. " && find . -type f"))

    -- dkjson and cjson come from where they are installed; our own files only from the new place.
    local loaded = lines(("env -u LD_PRELOAD LUA_PATH='%s/?.lua;%s/?/init.lua;;' LUA_CPATH='%s/?.so;;' %s -e '%s'"):format(
      share, share, lib, LUA,
      'print(type(require("oneentry").define)) print(type(require("oneentry.sandbox").new))'))
    assert.same({ "function", "function" }, loaded)

    make("uninstall PREFIX=/usr DESTDIR=" .. root)
    assert.same({}, lines("find " .. root .. " -type f"))
    assert.same({}, lines("find " .. root .. " -name oneentry"))
  end)
end)
