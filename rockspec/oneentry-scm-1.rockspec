rockspec_format = "3.0"
package = "oneentry"
version = "scm-1"
source = {
  url = "git+file://oneentry-lua", -- built where it lies: luarocks make rockspec/oneentry-scm-1.rockspec
}
description = {
  summary = "OneEntry headless CMS SDK",
  detailed = "Authentication, orders and payments of a OneEntry project from Lua: C bindings over libcurl, "
    .. "with an offline OneEntry for tests.",
  license = "MIT",
}
supported_platforms = { "linux" }
dependencies = {
  "lua >= 5.1",
  "lua-cjson >= 2.1",
}
external_dependencies = {
  CURL = { library = "curl" }, -- no header: Debian keeps curl.h where LuaRocks does not look, and the compiler does
}
build = {
  type = "make", -- its flags are the hardening guides', which the builtin type cannot pass
  build_variables = {
    LUA = "$(LUA)", LUA_INCDIR = "$(LUA_INCDIR)", CURL_INCDIR = "$(CURL_INCDIR)", CURL_LIBDIR = "$(CURL_LIBDIR)",
    CC = "$(CC)", CFLAGS = "$(CFLAGS)",
  },
  install_variables = {
    LUA = "$(LUA)", LUA_INCDIR = "$(LUA_INCDIR)", CURL_INCDIR = "$(CURL_INCDIR)", CURL_LIBDIR = "$(CURL_LIBDIR)",
    CC = "$(CC)", CFLAGS = "$(CFLAGS)", LIBDIR = "$(LIBDIR)", SHAREDIR = "$(LUADIR)",
  },
}
