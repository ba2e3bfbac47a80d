#!/bin/sh
# Usage: redis.sh DIRECTORY
# Runs redis-server on the socket DIRECTORY/socket until its stdin gives a line or ends; then says that it has ended.
set -eu

redis-server --port 0 --unixsocket "$1/socket" --dir "$1" --save '' --appendonly no </dev/null >"$1/log" 2>&1 &
redis=$!
trap 'kill -TERM "$redis"' TERM HUP INT
echo started
read -r _ || true
kill -TERM "$redis" 2>/dev/null || true
wait "$redis" && echo ended || echo "ended: $?"
