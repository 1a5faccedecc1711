#!/usr/bin/env bash
# Runs a program and starts it again, a second later and at most TENON_RESTARTS times (0 if not set), when it fails.
# Usage: supervise.sh any|killed program [arguments]
#   any     after every failure: for services
#   killed  only where a signal ended it: a program that reports a failure would report it again
set -uo pipefail

kind=$1
shift
restarts=${TENON_RESTARTS:-0}
child=
stopped=
# A stop is passed on, and ends the restarts.
trap 'stopped=yes; [ -z "$child" ] || kill "$child" 2> /dev/null' TERM INT

run() {
  "$@" &
  child=$!
  # The signal may have come before the child was known.
  [ -z "$stopped" ] || kill "$child" 2> /dev/null
  # A signal ends a wait early, while the child may still be saving.
  status=-1
  while [ "$status" -lt 0 ] || kill -0 "$child" 2> /dev/null; do
    wait "$child"
    status=$?
  done
  child=
}

while true; do
  run "$@"
  ended=$status
  if [ "$ended" -eq 0 ] || [ -n "$stopped" ] || [ "$restarts" -le 0 ]; then exit "$ended"; fi
  if [ "$kind" = killed ] && [ "$ended" -le 128 ]; then exit "$ended"; fi
  echo "supervise.sh: $* ended with $ended and is started again" >&2
  restarts=$((restarts - 1))
  run sleep 1
  if [ -n "$stopped" ]; then exit "$ended"; fi
done
