#!/bin/sh
# Usage: with_sandbox.sh COMMAND [ARGUMENT...]
# Runs COMMAND beside a fresh sandbox, tells it where in ONEENTRY_URL, ONEENTRY_TOKEN,
# ONEENTRY_LOGIN and ONEENTRY_PASSWORD, and exits with its status. SANDBOX_LUA hosts the sandbox.
# SANDBOX_PORT names another port than any free one.
set -eu

root=$(cd "$(dirname "$0")/../../.." && pwd)
pipes=$(mktemp -d)
mkfifo "$pipes/in" "$pipes/out"

LUA_PATH="$root/src/lua/?.lua;$root/src/lua/?/init.lua;${LUA_PATH:-;}" \
  "${SANDBOX_LUA:-lua5.1}" "$root/src/lua/oneentry/sandbox/main.lua" --port "${SANDBOX_PORT:-0}" --until-eof \
  <"$pipes/in" >"$pipes/out" &
sandbox=$!
# This shell holds the only other end of the sandbox's stdin: however it ends, the sandbox ends too.
exec 3>"$pipes/in" 4<"$pipes/out"
rm -r "$pipes"

ONEENTRY_URL='' ONEENTRY_TOKEN='' ONEENTRY_LOGIN='' ONEENTRY_PASSWORD=''
while [ -z "$ONEENTRY_PASSWORD" ] && IFS= read -r line <&4; do
  case $line in
    'listening on '*) ONEENTRY_URL=${line#listening on } ;;
    'token: '*) ONEENTRY_TOKEN=${line#token: } ;;
    'login: '*) ONEENTRY_LOGIN=${line#login: } ;;
    'password: '*) ONEENTRY_PASSWORD=${line#password: } ;;
  esac
done
if [ -z "$ONEENTRY_URL" ] || [ -z "$ONEENTRY_PASSWORD" ]; then
  echo 'with_sandbox.sh: the sandbox did not start' >&2
  exit 1
fi
export ONEENTRY_URL ONEENTRY_TOKEN ONEENTRY_LOGIN ONEENTRY_PASSWORD

# Read on, or the sandbox would wait for room in the pipe.
cat <&4 >/dev/null 3>&- &
status=0
"$@" 3>&- 4<&- || status=$?
exec 3>&- 4<&-
kill "$sandbox" 2>/dev/null || true
wait
exit "$status"
