#!/bin/sh
# Usage: nginx.sh DIRECTORY
# Runs nginx with DIRECTORY/nginx.conf until its stdin gives a line or ends; then says how nginx ended.
set -eu

PATH=$PATH:/usr/sbin
nginx -p "$1/" -c "$1/nginx.conf" -g 'daemon off;' </dev/null >/dev/null &
nginx=$!
trap 'kill -TERM "$nginx"' TERM HUP INT
echo started
read -r _ || true
kill -TERM "$nginx" 2>/dev/null || true
wait "$nginx" && echo ended || echo "ended: $?"
