#!/bin/sh
# Compares this module with the official SDK (install.sh) against the sandbox; `make test-peer`.
# Ends with "N passed, N failed".
# LUA runs the module (found by LUA_CPATH, or as built by `make`), SANDBOX_LUA hosts the sandbox.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
modules=$("$here/install.sh")

LUA=${LUA:-lua5.4} SANDBOX_LUA=${SANDBOX_LUA:-lua5.1}
LUA_PATH="$root/src/lua/?.lua;$root/src/lua/?/init.lua;${LUA_PATH:-;}"
LUA_CPATH=${LUA_CPATH:-"$root/.build/${LUA##*/}/?.so;;"}
export LUA SANDBOX_LUA LUA_PATH LUA_CPATH
exec node "$here/main.mjs" "$modules" "$@"
