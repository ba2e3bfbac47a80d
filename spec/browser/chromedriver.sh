#!/bin/sh
# Runs chromedriver on a free port, which it prints, until stdin ends or a signal comes.
set -eu
exec 3<&0
chromedriver --port=0 &
driver=$!
trap 'kill "$driver" 2>/dev/null || :' INT TERM HUP
{ while read -r _ <&3; do :; done; kill "$driver"; } >/dev/null 2>&1 &
watcher=$!
exec 3<&-
while kill -0 "$driver" 2>/dev/null; do wait "$driver" || :; done
kill "$watcher" 2>/dev/null || :
