#!/bin/sh
# Lines and branches of the C sources that the specs run: gcc's instrumentation, read from gcov.
# Usage: LUA=lua5.4 coverage.sh. A line per file, with the lines that no spec runs; ends with the specs' closing line.
# OUT: where to build (.build/coverage).
set -eu
cd "$(dirname "$0")/.."
out=${OUT:-.build/coverage}
rm -rf "$out"
status=0
# atomic: threads; exclude-libs: gcov's names are not the module's
make test OUT="$out" CC=gcc CFLAGS='--coverage -O0 -fprofile-update=atomic' \
  LDFLAGS='--coverage -Wl,--exclude-libs,libgcov.a' >"$out.log" 2>&1 || status=$?
find "$out" -name '*.gcda' | sort | while read -r file; do
  gcov --json-format --stdout --branch-probabilities "$file"
  echo
done | "${LUA:-lua5.4}" spec/support/coverage.lua
sed -n "s/^[0-9]* passed, [0-9]* failed$/&/p" "$out.log"
exit "$status"
