#!/usr/bin/env bash
# One process of a cluster whose ranks a launcher numbers: rank 0 is the chief (TENON_ROLES begins with chief=1), the others serve.
# Usage: run-task.sh train.js [arguments of the script]
set -euo pipefail

deploy=$(dirname "$0")
rank=${OMPI_COMM_WORLD_RANK:-${SLURM_PROCID:-${JOB_COMPLETION_INDEX:?start it by mpirun, srun or an Indexed Job}}}
if [ "$rank" -eq 0 ]; then exec "$deploy/chief.sh" "$@"; fi
exec "$deploy/supervise.sh" any tenon worker
