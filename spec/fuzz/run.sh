#!/bin/sh
# Builds the fuzz targets (clang, Lua 5.4) and runs each for so many seconds: kept inputs first, then new ones.
# Usage: run.sh [SECONDS [TARGET...]]. Ends with "N passed, N failed"; what a target failed with is named above it.
# Leaks are looked for when a target ends.
# OUT: where to build, keep found inputs, and put those that fail (.build/fuzz).
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- json uri response config pretty
out=${OUT:-.build/fuzz}
mkdir -p "$out"
sanitize='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined'
flags="-std=c11 -O1 -g -fno-omit-frame-pointer -pthread -D_GNU_SOURCE -Isrc -Ispec/fuzz -Wall -Wextra
  $(pkg-config --cflags lua5.4 libcurl)"

echo "building in $out"
objects=''
for source in src/*.c src/api/*.c spec/fuzz/fuzz.c; do
  object=$out/$(echo "${source%.c}" | tr / -).o
  objects="$objects $object"
  # shellcheck disable=SC2086 # lists of words
  clang $flags $sanitize -c -o "$object" "$source"
done

passed=0 failed=0
for target; do
  kept=spec/fuzz/corpus/$target
  found=$out/corpus-$target
  mkdir -p "$found"
  # shellcheck disable=SC2046,SC2086
  clang $flags $sanitize -fsanitize=fuzzer -o "$out/$target" "spec/fuzz/$target.c" $objects \
    $(pkg-config --libs lua5.4 libcurl)
  dictionary=''
  [ ! -f "spec/fuzz/$target.dict" ] || dictionary=-dict=spec/fuzz/$target.dict
  echo "== $target"
  # shellcheck disable=SC2086 # no dictionary, or one
  if "$out/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 \
    -print_final_stats=1 -detect_leaks=0 -artifact_prefix="$out/$target-" $dictionary "$found" "$kept" >"$out/$target.log" 2>&1; then
    passed=$((passed + 1))
    sed -n 's/^stat::number_of_executed_units: */inputs: /p; s/^Done .*/&/p' "$out/$target.log"
  else
    failed=$((failed + 1))
    grep -E '^(broken|SUMMARY|==[0-9]+==ERROR|.*runtime error|Test unit written)' "$out/$target.log" || tail -n 20 "$out/$target.log"
  fi
done

echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
