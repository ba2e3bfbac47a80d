#!/bin/sh
# Usage: one.sh DIRECTORY SECONDS TARGET
# Runs a target that run.sh has built in the directory; leaves TARGET.passed there if it found nothing, else says what.
set -eu
out=$1 seconds=$2 target=$3
found=$out/corpus-$target
mkdir -p "$found"
dictionary=''
[ ! -f "spec/fuzz/$target.dict" ] || dictionary=-dict=spec/fuzz/$target.dict
# shellcheck disable=SC2086 # no dictionary, or one
if "$out/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 \
  -detect_leaks=0 -artifact_prefix="$out/$target-" $dictionary "$found" "spec/fuzz/corpus/$target" >"$out/$target.log" 2>&1; then
  touch "$out/$target.passed"
  echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log") inputs"
else
  echo "$target: FAILED"
  grep -E '^(broken|SUMMARY|==[0-9]+==ERROR|.*runtime error|Test unit written)' "$out/$target.log" || tail -n 20 "$out/$target.log"
fi
