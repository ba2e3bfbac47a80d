#!/bin/sh
# Lines and branches of the C sources that run in the specs (the fault matrix included) and while every allocation and
# system call fails in turn: gcc's instrumentation, read from gcov.
# Usage: LUA=lua5.4 coverage.sh [PERCENT]. A line per file, with the lines that never ran; then the specs' closing line
# and injection's. Fails when one of the two does, or below so many percent of the lines.
# OUT: where to build (.build/coverage).
set -eu
cd "$(dirname "$0")/.."
out=${OUT:-.build/coverage}
rm -rf "$out" "$out-inject"
status=0
# atomic: threads; exclude-libs: gcov's names are not the module's
for goal in test inject; do
  make "$goal" OUT="$out" CC=gcc CFLAGS='--coverage -O0 -fprofile-update=atomic' \
    LDFLAGS='--coverage -Wl,--exclude-libs,libgcov.a' >"$out-$goal.log" 2>&1 || { status=1; echo "make $goal failed: $out-$goal.log"; }
done
find "$out" -name '*.gcda' | sort | while read -r file; do
  gcov --json-format --stdout --branch-probabilities "$file"
  echo
done | "${LUA:-lua5.4}" spec/support/coverage.lua "${1:-0}" || status=1
sed -n "s/^[0-9]* passed, [0-9]* failed$/specs: &/p" "$out-test.log"
sed -n "s/^[0-9]* points, .*crashes.*/injection: &/p" "$out-inject.log" | tail -n 1
exit "$status"
