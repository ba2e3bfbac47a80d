#!/bin/sh
# Runs nginx with this shop until Ctrl-C, as root or anybody, in a temporary folder: nothing is left behind.
# Usage: ONEENTRY_URL=... ONEENTRY_TOKEN=... [SHOP_PORT=8080] [SHOP_PAY_ORIGIN=...] start.sh [--sandbox] [--until-eof]
# --sandbox: the project is the sandbox, its pay pages are to lead back here; `make demo-openresty` does that.
# --until-eof: ends when its stdin ends, too.
# The module is taken from this tree, where it is built for LuaJIT.
set -eu
sandbox='' until_eof=''
for option; do
  case $option in
    --sandbox) sandbox=1 ;;
    --until-eof) until_eof=1 ;;
    *) echo "start.sh: what is $option?" >&2; exit 1 ;;
  esac
done
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
port=${SHOP_PORT:-8080}
shop=http://127.0.0.1:$port
PATH=$PATH:/usr/sbin

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ln -s "$here/shop" "$folder/shop"

# nginx.conf as it is, but for the port, and for the modules where nginx has them built in (OpenResty).
sed "s/^\( *listen 127\.0\.0\.1:\)8080;/\1$port;/" "$here/nginx.conf" >"$folder/nginx.conf"
[ "${SHOP_BEHIND_TLS:-}" != 1 ] || sed -i 's/^\( *\)#proxy /\1/' "$folder/nginx.conf"
if nginx -V 2>&1 | grep -q lua-nginx-module; then sed -i '/^load_module/d' "$folder/nginx.conf"; fi

if [ "$sandbox" ]; then
  export SHOP_PAY_ORIGIN="$ONEENTRY_URL"
  # In a real project: successUrl and cancelUrl of the payment account.
  curl -sS --fail -o "$folder/answer" -H 'content-type: application/json' "$ONEENTRY_URL/__sandbox/account" \
    -d "{\"identifier\":\"stripe\",\"successUrl\":\"$shop/return\",\"cancelUrl\":\"$shop/return\"}"
fi

export ONEENTRY_URL ONEENTRY_TOKEN
lua=$tree/src/lua module=$tree/.build/luajit user=''
# Root's workers run as nobody, and cannot read a tree in root's home: they get copies.
if [ "$(id -u)" = 0 ]; then
  chmod 755 "$folder"
  rm "$folder/shop"
  cp -R "$here/shop" "$lua" "$folder"
  cp "$module/oneentry.so" "$folder"
  chmod -R a+rX "$folder/shop" "$folder/lua"
  lua=$folder/lua module=$folder user="user nobody $(id -gn nobody);"
fi
export LUA_PATH="$lua/?.lua;$lua/?/init.lua;;" LUA_CPATH="$module/?.so;;"

nginx -p "$folder" -e stderr -c "$folder/nginx.conf" -g "daemon off; $user" &
nginx=$!
trap 'kill "$nginx" 2>/dev/null' INT TERM HUP

if [ "$until_eof" ]; then
  exec 3<&0 # what runs in the background has no stdin of its own
  { while read -r _ <&3; do :; done; kill "$nginx"; } >"$folder/input" &
  watcher=$!
  exec 3<&-
fi

# The file is there once nginx listens; nginx has ended when it cannot (the port is taken).
until [ -s "$folder/nginx.pid" ]; do
  kill -0 "$nginx" 2>/dev/null || { echo "nginx did not start; where port $port is taken, SHOP_PORT= names another" >&2; exit 1; }
  sleep 0.05
done
echo "shop: $shop/"
if [ -n "${ONEENTRY_LOGIN:-}" ]; then
  printf 'login: %s\npassword: %s\n' "$ONEENTRY_LOGIN" "$ONEENTRY_PASSWORD"
fi
echo "logs: $folder (while it runs)"

# A signal ends `wait`, nginx a moment later.
while kill -0 "$nginx" 2>/dev/null; do wait "$nginx" || :; done
[ -z "$until_eof" ] || kill "$watcher" 2>/dev/null || :
