#!/bin/sh
# Builds the fuzz targets (clang, Lua 5.4) and runs each for so many seconds, one per core at a time: kept inputs first,
# then new ones.
# Usage: run.sh [SECONDS [TARGET...]]. Ends with "N passed, N failed"; the failures of targets stand above it.
# Leaks are looked for when a target ends.
# OUT: where to build, keep found inputs, and put those that fail (.build/fuzz).
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- json uri reader differ response config pretty request
out=${OUT:-.build/fuzz}
mkdir -p "$out"
sanitize='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined'
libraries=$(pkg-config --libs lua5.4 libcurl)
flags="-std=c11 -O1 -g -fno-omit-frame-pointer -pthread -D_GNU_SOURCE -Isrc -Ispec/fuzz -Wall -Wextra
  $(pkg-config --cflags lua5.4 libcurl)"

echo "building in $out"
objects=''
for source in src/*.c src/*/*.c spec/fuzz/fuzz.c; do
  object=$out/$(echo "${source%.c}" | tr / -).o
  objects="$objects $object"
  # shellcheck disable=SC2086 # lists of words
  clang $flags $sanitize -c -o "$object" "$source"
done

for target; do
  # shellcheck disable=SC2086 # lists of words
  clang $flags $sanitize -fsanitize=fuzzer -o "$out/$target" "spec/fuzz/$target.c" $objects $libraries
  rm -f "$out/$target.passed"
done
printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" spec/fuzz/one.sh "$out" "$seconds"

passed=0 failed=0
for target; do
  if [ -e "$out/$target.passed" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
