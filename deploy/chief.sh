#!/usr/bin/env bash
# The chief of a cluster: the master service, and the training script, whose end is that of the run.
# Usage: chief.sh train.js [arguments of the script]
set -euo pipefail

script=
stopped=
trap 'stopped=yes; [ -z "$script" ] || kill "$script" 2> /dev/null || true' TERM INT

tenon master &
master=$!
# The master stays no longer than the script.
trap 'kill "$master" 2> /dev/null && wait "$master" || true' EXIT

node "$@" &
script=$!
# The signal may have come before the script was known.
[ -z "$stopped" ] || kill "$script" 2> /dev/null || true

status=0
wait "$script" || status=$?
# A signal ends the wait early: the script may still be saving.
while kill -0 "$script" 2> /dev/null; do
  status=0
  wait "$script" || status=$?
done
exit "$status"
