#!/bin/sh
# Runs the specs that talk to a server under every driver. Ends with the sum of all, "N passed, N failed".
# Usage: drivers.sh [ARGUMENT...]: busted's, instead of all those specs. $DRIVERS: some of the runs below. FAULTS=no: without the
# fault matrix.
set -eu
cd "$(dirname "$0")/.."

all='lua5.4:blocking lua5.4:cqueues lua5.4:luv luajit:cqueues luajit:copas luajit:luv nginx:openresty nginx:blocking'
# logins_together has loops of its own.
specs=$(find spec/session spec/shop -name '*_spec.lua' ! -name 'logins_together*' | sort | tr '\n' ' ')
[ "${FAULTS:-}" = no ] || specs="$specs$(find spec/faults -name '*_spec.lua' | sort | tr '\n' ' ')"
for name in wire/at_most_once wire/transport wire/lanes reply/response reply/errors reply/validation reply/replay_results \
  reply/shape reply/schedule api/globals api/defects api/scenario \
  files/upload files/form files/form_life files/download files/progress files/fetch; do
  specs="${specs}spec/${name}_spec.lua "
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

for run in ${DRIVERS:-$all}; do
  lua=${run%:*} nginx=
  [ "$lua" != nginx ] || lua=luajit nginx=true
  echo "== $run"
  (
    set +e
    env -u MAKEFLAGS -u MAKELEVEL ONEENTRY_DRIVER="${run#*:}" \
      make --no-print-directory test LUA="$lua" IN_NGINX="$nginx" BUSTED_ARGS="${*:-$specs}" </dev/null
    echo $? >"$work/status"
  ) 2>&1 | tee "$work/log"
  counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$work/log" | tail -n 1)
  bad=${counts#* }
  [ -z "$counts" ] || passed=$((passed + ${counts% *})) failed=$((failed + bad))
  # A crash leaves no count, or one that knows of no failure.
  [ "$(cat "$work/status")" = 0 ] || [ "${bad:-0}" != 0 ] || failed=$((failed + 1))
done

echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
