#!/bin/sh
# Lines and branches of the C sources that run in the specs (the fault matrix included) and while every allocation and
# system call fails in turn: gcc's instrumentation, read from gcov. The specs run on LuaJIT, too: those of nginx only there.
# Usage: coverage.sh [PERCENT]. A line per file, with the lines that never ran; then the specs' closing lines and
# injection's. Fails when one of these does, or below so many percent of the lines.
# OUT: where to build (.build/coverage).
set -eu
cd "$(dirname "$0")/.."
out=${OUT:-.build/coverage}
rm -rf "$out" "$out-inject" "$out-luajit"
status=0

# run GOAL LUA OUT. atomic: threads; exclude-libs: gcov's names are not the module's
run() {
  make "$1" LUA="$2" OUT="$3" CC=gcc CFLAGS='--coverage -O0 -fprofile-update=atomic' \
    LDFLAGS='--coverage -Wl,--exclude-libs,libgcov.a' >"$3-$1.log" 2>&1 || { status=1; echo "make $1 failed: $3-$1.log"; }
}
mkdir -p .build
make LUA=luajit >.build/coverage-shop.log 2>&1 # the shop takes its module from there
run test lua5.4 "$out"
run inject lua5.4 "$out"
run test luajit "$out-luajit"
find "$out" "$out-luajit" -name '*.gcda' | sort | while read -r file; do
  gcov --json-format --stdout --branch-probabilities "$file"
  echo
done | lua5.4 spec/support/coverage.lua "${1:-0}" || status=1
sed -n "s/^[0-9]* passed, [0-9]* failed$/specs: &/p" "$out-test.log" "$out-luajit-test.log"
sed -n "s/^[0-9]* points, .*crashes.*/injection: &/p" "$out-inject.log" | tail -n 1
exit "$status"
