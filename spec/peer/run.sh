#!/bin/sh
# Compares this module with the official SDK (npm oneentry, the version in package.json) against the sandbox; `make test-peer`.
# Ends with "N passed, N failed". Installs what is missing: node and npm by apt-get, the SDK into .build/peer.
# LUA runs the module (found by LUA_CPATH, or as built by `make`), SANDBOX_LUA hosts the sandbox.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
modules=$root/.build/peer

have() { command -v "$1" >/dev/null 2>&1; }

if ! have node || ! have npm; then
  if ! have apt-get; then
    echo 'missing: node (18 or later) and npm' >&2
    exit 1
  fi
  [ "$(id -u)" = 0 ] && root_do= || root_do=sudo
  echo 'installing: nodejs npm'
  $root_do apt-get -qq update || echo 'apt-get update failed; going on with the package lists that are here' >&2
  $root_do env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends nodejs npm </dev/null >/dev/null
fi

# The copy of package.json tells which versions are installed; it is made last.
if ! cmp -s "$here/package.json" "$modules/installed.json"; then
  mkdir -p "$modules"
  cp "$here/package.json" "$modules/package.json"
  (cd "$modules" && npm install --silent --no-package-lock --no-audit --no-fund --ignore-scripts --no-update-notifier) >&2
  cp "$here/package.json" "$modules/installed.json"
fi

LUA=${LUA:-lua5.4} SANDBOX_LUA=${SANDBOX_LUA:-lua5.1}
LUA_PATH="$root/src/lua/?.lua;$root/src/lua/?/init.lua;${LUA_PATH:-;}"
LUA_CPATH=${LUA_CPATH:-"$root/.build/${LUA##*/}/?.so;;"}
export LUA SANDBOX_LUA LUA_PATH LUA_CPATH
exec node "$here/main.mjs" "$modules" "$@"
