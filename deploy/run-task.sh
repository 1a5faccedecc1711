#!/usr/bin/env bash
# One process of a cluster whose ranks a launcher numbers: rank 0 is the chief (TENON_ROLES begins with chief=1), the others serve.
# Usage: run-task.sh train.js [arguments of the script]
#   TENON_STATUS_FILE  where the chief leaves the exit status of the run, for launchers that wait for all ranks
#   TENON_RESTARTS     how often a worker that failed is started again; 0 where the launcher itself does so
set -euo pipefail

rank=${OMPI_COMM_WORLD_RANK:-${SLURM_PROCID:-${JOB_COMPLETION_INDEX:?start it by mpirun, srun or an Indexed Job}}}
restarts=${TENON_RESTARTS:-0}
child=
stopped=
trap 'stopped=yes; [ -z "$child" ] || kill "$child" 2> /dev/null || true' TERM INT

# Runs a program until it has ended; a signal that arrives meanwhile is passed on.
run() {
  "$@" &
  child=$!
  # The signal may have come before the child was known.
  [ -z "$stopped" ] || kill "$child" 2> /dev/null || true
  status=0
  wait "$child" || status=$?
  while kill -0 "$child" 2> /dev/null; do
    status=0
    wait "$child" || status=$?
  done
  child=
}

if [ "$rank" -eq 0 ]; then
  run "$(dirname "$0")/chief.sh" "$@"
  if [ -n "${TENON_STATUS_FILE:-}" ]; then
    echo "$status" > "$TENON_STATUS_FILE.new"
    mv "$TENON_STATUS_FILE.new" "$TENON_STATUS_FILE"
    # Who reads the file ends the others; mpirun would abort at a failure, and crash when it is ended meanwhile.
    exit 0
  fi
  exit "$status"
fi

while true; do
  run tenon worker
  if [ "$status" -eq 0 ] || [ -n "$stopped" ] || [ "$restarts" -le 0 ]; then exit "$status"; fi
  echo "run-task.sh: the worker of rank $rank ended with $status and is started again" >&2
  restarts=$((restarts - 1))
  run sleep 1
  if [ -n "$stopped" ]; then exit 143; fi
done
