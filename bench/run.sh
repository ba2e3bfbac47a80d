#!/bin/sh
# Counts the instructions of a call (valgrind's callgrind) and the processor's time for lists, beside the least they can take
# with libcurl and lua-cjson (floor.c); `make bench`. Usage: run.sh [--profile]. Installs what is missing, builds into
# .build/bench, takes two minutes. A count is the difference between N rounds and 2N, so that starting up is not in it; the
# kernel's work is in the times only.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
out=$root/.build/bench
LUA=lua5.4 SCENARIOS=150 SHORTS=150 LISTS=30 ROUNDS=7
export LUA_PATH="$here/?.lua;$root/src/lua/?.lua;$root/src/lua/?/init.lua;;" LUA_CPATH="$out/$LUA/?.so;$out/?.so;;"
unset LUA_PATH_5_4 LUA_CPATH_5_4 || true

pkg-config --exists $LUA 2>/dev/null && LUA_PC=$LUA || LUA_PC=
LUA=$LUA LUA_PC=$LUA_PC "$root/.ci/deps" specs valgrind

mkdir -p "$out"
for lua in "$LUA" luajit; do
  make -s -C "$root" LUA="$lua" OUT=".build/bench/$lua" >"$out/make.log" 2>&1 || { cat "$out/make.log" >&2; exit 1; }
done
# shellcheck disable=SC2046 # lists of words
${CC:-cc} -std=c11 -O2 -g -fPIC -shared -Wall -Wextra "@$out/$LUA/hardening" -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -o "$out/floor.so" "$here/floor.c" \
  $(pkg-config --cflags --libs "$LUA" libcurl)
$LUA "$here/record.lua" "$out/traffic.lua"

# The server lives as long as this shell holds its stdin.
pipes=$(mktemp -d)
mkfifo "$pipes/in" "$pipes/out"
$LUA "$here/server.lua" "$out/traffic.lua" <"$pipes/in" >"$pipes/out" &
exec 3>"$pipes/in" 4<"$pipes/out"
rm -r "$pipes"
IFS= read -r url <&4

# measure PEER WORK N: counts of N rounds in PEER.WORK.1, of 2N in .2
measure() {
  for times in 1 2; do
    valgrind --tool=callgrind --keep-debuginfo=yes --callgrind-out-file="$out/$1.$2.$times" --log-file="$out/valgrind.log" \
      "$LUA" "$here/client.lua" "$1" "$2" "$url" "$out/traffic.lua" $(($3 * times)) 3>&- 4<&- >/dev/null ||
      { cat "$out/valgrind.log" >&2; exit 1; }
  done
}
for peer in floor oneentry; do
  measure $peer scenario $SCENARIOS
  measure $peer short $SHORTS
  measure $peer list $LISTS
done

# Microseconds of the processor for a call, in turn: one peer after the other in each round.
# seconds PEER LUA WORK N
seconds() {
  LUA_CPATH="$out/$2/?.so;$out/?.so;;" "$2" "$here/client.lua" "$1" "$3" "$url" "$out/traffic.lua" "$4" 3>&- 4<&- \
    >>"$out/us.$1.$2.$3"
}
rm -f "$out"/us.*
for _ in $(seq $ROUNDS); do
  for work in list products order; do
    seconds floor $LUA $work 150
    seconds oneentry $LUA $work 150
    seconds oneentry luajit $work 150
  done
done
exec 3>&- 4<&-
wait

exec $LUA "$here/report.lua" "$out" "$(pkg-config --modversion libcurl)" $SCENARIOS $SHORTS $LISTS "$@"
