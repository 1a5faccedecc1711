#!/usr/bin/env bash
# The chief of a cluster: the master service, and the training script, whose end is that of the run.
# Usage: chief.sh train.js [arguments of the script]
#   TENON_STATUS_FILE  where the exit status of the run is left, for launchers that wait for all of their processes
#   TENON_WAIT         seconds that the script's sessions wait for the other processes: 600 if not set
set -uo pipefail

export TENON_WAIT=${TENON_WAIT:-600}
supervise=$(dirname "$0")/supervise.sh
master=
script=
stop() { [ -z "$1" ] || kill "$1" 2> /dev/null; }
stopped=
trap 'stopped=yes; stop "$script"' TERM INT

# What the master needs to go on with its sessions when it is started again.
state=$(mktemp -d)
"$supervise" any tenon master --state "$state" &
master=$!
"$supervise" killed node "$@" &
script=$!
# The signal may have come before the script was known.
[ -z "$stopped" ] || stop "$script"

# A signal ends a wait early, while the script may still be saving.
status=-1
while [ "$status" -lt 0 ] || kill -0 "$script" 2> /dev/null; do
  wait "$script"
  status=$?
done
# The master stays no longer than the script.
stop "$master"
wait "$master"
rm -rf "$state"

if [ -z "${TENON_STATUS_FILE:-}" ]; then exit "$status"; fi
# Who reads the file ends the others; at a failure mpirun would do so by itself, and crash when it is ended meanwhile.
echo "$status" > "$TENON_STATUS_FILE.new"
mv "$TENON_STATUS_FILE.new" "$TENON_STATUS_FILE"
