#!/bin/sh
# Installs the official SDK (npm oneentry, the versions in package-lock.json) into .build/peer, node and npm by apt-get before;
# what is there already stays. Prints the directory.
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
  echo 'installing: nodejs npm' >&2
  $root_do apt-get -qq update || echo 'apt-get update failed; going on with the package lists that are here' >&2
  $root_do env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends nodejs npm </dev/null >/dev/null
fi

# The copy of package.json tells which versions are installed; it is made last.
if ! cmp -s "$here/package.json" "$modules/installed.json"; then
  mkdir -p "$modules"
  cp "$here/package.json" "$here/package-lock.json" "$modules"
  (cd "$modules" && npm ci --silent --no-audit --no-fund --ignore-scripts --no-update-notifier) >&2
  cp "$here/package.json" "$modules/installed.json"
fi
echo "$modules"
