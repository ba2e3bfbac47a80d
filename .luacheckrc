std = "max" -- every Lua's globals: which one runs is asked at run time
cache = false
max_line_length = 140
self = false -- a method need not use it
exclude_files = { ".ci/generate/surface.lua" } -- becomes a part of meta.lua
files["spec"] = { std = "+busted" }
files["src/lua/oneentry/drivers/openresty.lua"] = { std = "+ngx_lua" }
files["bench/ways.lua"] = { std = "+ngx_lua" }
files["bench/backend.lua"] = { std = "+ngx_lua" }
files["examples/openresty"] = { std = "+ngx_lua" }
