#!/usr/bin/env bash
# A training run under Open MPI: TENON_HOSTS=node1:4,node2:4 deploy/mpi/train.sh train.js [arguments of the script]
# The hosts have the same directory, tenon and node; without TENON_HOSTS all TENON_TASKS (7) processes are on this machine.
set -euo pipefail

deploy=$(cd "$(dirname "$0")/.." && pwd)
run=$(mktemp -d "${TENON_RUN_DIR:-$PWD}/tenon-run.XXXXXX")
trap 'rm -rf "$run"' EXIT

export TENON_ROLES=${TENON_ROLES:-chief=1,ps=2,worker=*}
export TENON_PORT=${TENON_PORT:-2222}
# The token of this run; mpirun passes the variables on that -x names.
TENON_TOKEN=${TENON_TOKEN:-$(od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n')}
export TENON_TOKEN
# By custom a slot is a core.
export TENON_THREADS=${TENON_THREADS:-1}
export TENON_RESTARTS=${TENON_RESTARTS:-100}
export TENON_STATUS_FILE=$run/status

hosts=(--host "localhost:${TENON_TASKS:-7}")
if [ -n "${TENON_HOSTS:-}" ]; then hosts=(--host "$TENON_HOSTS" -x TENON_HOSTS); fi
variables=(-x PATH)
for name in ROLES PORT TOKEN TLS TLS_NAME THREADS WAIT RESTARTS STATUS_FILE; do
  name=TENON_$name
  [ -z "${!name:-}" ] || variables+=(-x "$name")
done
# Open MPI does not tell processes their hosts: they derive them from the list, filled slot by slot.
mpirun --map-by slot "${hosts[@]}" \
  "${variables[@]}" \
  "$deploy/run-task.sh" "$@" &
launcher=$!
trap 'kill "$launcher" 2> /dev/null || true' TERM INT
while kill -0 "$launcher" 2> /dev/null && [ ! -e "$TENON_STATUS_FILE" ]; do sleep 1; done

status=1
[ ! -e "$TENON_STATUS_FILE" ] || status=$(cat "$TENON_STATUS_FILE")
# The chief has ended the run; parameter servers and workers would serve on.
kill "$launcher" 2> /dev/null || true
wait "$launcher" || true
exit "$status"
