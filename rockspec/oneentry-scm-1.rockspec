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
  type = "builtin",
  modules = {
    oneentry = {
      sources = {
        "src/api/api.c",
        "src/api/auth_provider.c",
        "src/api/orders.c",
        "src/api/payments.c",
        "src/api/schemas.c",
        "src/api/users.c",
        "src/arguments.c",
        "src/attributes.c",
        "src/body.c",
        "src/buffer.c",
        "src/calendar.c",
        "src/call.c",
        "src/client.c",
        "src/config.c",
        "src/decode.c",
        "src/engine.c",
        "src/error.c",
        "src/handle.c",
        "src/hooks.c",
        "src/json.c",
        "src/number.c",
        "src/oneentry.c",
        "src/ordered.c",
        "src/prepare.c",
        "src/pretty.c",
        "src/random.c",
        "src/refresh.c",
        "src/request.c",
        "src/response.c",
        "src/retry.c",
        "src/rows.c",
        "src/schedule.c",
        "src/session.c",
        "src/shape.c",
        "src/sigpipe.c",
        "src/sockets.c",
        "src/uri.c",
        "src/validate.c",
        "src/waiting.c",
      },
      defines = { "_GNU_SOURCE" },
      libraries = { "curl", "pthread" },
      incdirs = { "$(CURL_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)" },
    },
    ["oneentry.sandbox.auth_codes"] = "src/lua/oneentry/sandbox/auth_codes.lua",
    ["oneentry.sandbox.auth_provider"] = "src/lua/oneentry/sandbox/auth_provider.lua",
    ["oneentry.sandbox.choices"] = "src/lua/oneentry/sandbox/choices.lua",
    ["oneentry.sandbox.codes"] = "src/lua/oneentry/sandbox/codes.lua",
    ["oneentry.sandbox.control"] = "src/lua/oneentry/sandbox/control.lua",
    ["oneentry.sandbox.faults"] = "src/lua/oneentry/sandbox/faults.lua",
    ["oneentry.sandbox.forms"] = "src/lua/oneentry/sandbox/forms.lua",
    ["oneentry.sandbox.host"] = "src/lua/oneentry/sandbox/host.lua",
    ["oneentry.sandbox.html"] = "src/lua/oneentry/sandbox/html.lua",
    ["oneentry.sandbox.http"] = "src/lua/oneentry/sandbox/http.lua",
    ["oneentry.sandbox"] = "src/lua/oneentry/sandbox/init.lua",
    ["oneentry.sandbox.json"] = "src/lua/oneentry/sandbox/json.lua",
    ["oneentry.sandbox.json_grammar"] = "src/lua/oneentry/sandbox/json_grammar.lua",
    ["oneentry.sandbox.lifecycle"] = "src/lua/oneentry/sandbox/lifecycle.lua",
    ["oneentry.sandbox.main"] = "src/lua/oneentry/sandbox/main.lua",
    ["oneentry.sandbox.notifications"] = "src/lua/oneentry/sandbox/notifications.lua",
    ["oneentry.sandbox.orders"] = "src/lua/oneentry/sandbox/orders.lua",
    ["oneentry.sandbox.pages"] = "src/lua/oneentry/sandbox/pages.lua",
    ["oneentry.sandbox.payments"] = "src/lua/oneentry/sandbox/payments.lua",
    ["oneentry.sandbox.refunds"] = "src/lua/oneentry/sandbox/refunds.lua",
    ["oneentry.sandbox.router"] = "src/lua/oneentry/sandbox/router.lua",
    ["oneentry.sandbox.seed"] = "src/lua/oneentry/sandbox/seed.lua",
    ["oneentry.sandbox.store"] = "src/lua/oneentry/sandbox/store.lua",
    ["oneentry.sandbox.tokens"] = "src/lua/oneentry/sandbox/tokens.lua",
    ["oneentry.sandbox.totals"] = "src/lua/oneentry/sandbox/totals.lua",
    ["oneentry.sandbox.users"] = "src/lua/oneentry/sandbox/users.lua",
  },
}
