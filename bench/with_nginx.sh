#!/bin/sh
# Usage: with_nginx.sh SCRIPT [ARGUMENT...]
# Runs a script of this directory that starts nginx: under LuaJIT, as nginx does. Installs what is missing, builds the
# module for LuaJIT and for Lua 5.4.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
script=$1
shift

for lua in luajit lua5.4; do
  make -s -C "$root" LUA=$lua deps-specs all
done
unset LUA_PATH_5_4 LUA_CPATH_5_4 || true
export LUA_PATH="$here/?.lua;$root/spec/?.lua;$root/spec/?/init.lua;$root/src/lua/?.lua;$root/src/lua/?/init.lua;;"
export LUA_CPATH="$root/.build/luajit/?.so;;"
exec luajit "$here/$script" "$@"
