import { execFile } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '@tenon/distributed';
import { stillRunning } from './still-running.js';

/** Stands for `tenon`: notes its environment, serves until it is ended; the worker of rank 3 and the master fail once. */
const tenon = `#!/usr/bin/env bash
rank=\${OMPI_COMM_WORLD_RANK:-\${SLURM_PROCID:-none}}
echo "$1" > "$NOTES/command.$rank"
echo $$ >> "$NOTES/pids"
env -0 > "$NOTES/environment.$rank"
if [[ "$rank" == [03] && ! -e "$NOTES/failed.$rank" ]]; then touch "$NOTES/failed.$rank"; exit 7; fi
exec sleep 60
`;

/** Stands for `srun`: seven tasks on four nodes, with the variables of Slurm 22.05. */
const srun = `#!/usr/bin/env bash
while [[ "$1" == --* ]]; do echo "$1" >> "$NOTES/srun"; shift; done
export SLURM_STEP_ID=0 SLURM_STEP_NODELIST='n[01-04]' SLURM_STEP_NUM_TASKS=7 SLURM_STEP_TASKS_PER_NODE='2(x3),1'
for rank in 0 1 2 3 4 5 6; do
  SLURM_PROCID=$rank SLURM_NODEID=$((rank / 2)) SLURM_DISTRIBUTION=block "$@" &
  echo $! >> "$NOTES/tasks"
done
wait
`;

const scancel = `#!/usr/bin/env bash
echo "$*" > "$NOTES/scancel"
kill $(cat "$NOTES/tasks") 2> /dev/null
`;

/** Stands for \`mpirun --map-by slot --host a:4,b:3\`: it passes on only what -x names, and ends its processes when it is ended. */
const mpirun = `#!/usr/bin/env bash
passed=("NOTES=$NOTES" "HOME=$HOME")
while true; do
  case "$1" in
    --map-by | --host) echo "$1 $2" >> "$NOTES/mpirun"; shift 2 ;;
    -x) passed+=("$2=\${!2}"); shift 2 ;;
    *) break ;;
  esac
done
tasks=()
for rank in 0 1 2 3 4 5 6; do
  if [ $rank -lt 4 ]; then place=($rank 4); else place=($((rank - 4)) 3); fi
  env -i "\${passed[@]}" OMPI_COMM_WORLD_SIZE=7 OMPI_COMM_WORLD_RANK=$rank \\
    OMPI_COMM_WORLD_LOCAL_RANK=\${place[0]} OMPI_COMM_WORLD_LOCAL_SIZE=\${place[1]} "$@" &
  tasks+=($!)
done
trap 'kill "\${tasks[@]}" 2> /dev/null' TERM
wait
wait
`;

/** A training script: the status it ends with, and whether it is killed the first time. */
const train = `
const { existsSync, writeFileSync } = require('node:fs');
const [status, how] = process.argv.slice(2);
const note = process.env.NOTES + '/killed';
console.log('trains', status, how);
if (how === 'killed' && !existsSync(note)) {
  writeFileSync(note, '');
  process.kill(process.pid, 'SIGKILL');
}
setTimeout(process.exit, 700, Number(status));
`;

/** What a run of a launch script left. */
export interface Launched {
  readonly code: number;
  readonly output: string;
  /** What each rank's `tenon` was asked to do, and the variables it saw. */
  readonly ranks: readonly { readonly command: string; readonly environment: Environment }[];
  /** Processes of stand-ins that still run. */
  readonly left: readonly number[];
  /** What a stand-in was called with. */
  readonly note: (name: string) => string;
  readonly folder: string;
}

const standIns = { tenon, srun, scancel, mpirun };

/**
 * Runs a launch script of `deploy/` on a training script with arguments. `tenon` and the launchers are stand-ins on the path.
 */
export async function launch(
  [program = '', ...options]: readonly string[],
  args: readonly string[],
  variables: Environment,
): Promise<Launched> {
  const folder = mkdtempSync(join(tmpdir(), 'tenon-deploy-'));
  const [programs, notes] = [join(folder, 'bin'), join(folder, 'notes')];
  for (const path of [programs, notes]) mkdirSync(path);
  for (const [name, text] of Object.entries(standIns)) {
    writeFileSync(join(programs, name), text);
    chmodSync(join(programs, name), 0o755);
  }
  writeFileSync(join(folder, 'train.cjs'), train);
  const { PATH, HOME } = process.env;
  const env = {
    HOME,
    PATH: `${programs}:${PATH}`,
    NOTES: notes,
    SLURM_SUBMIT_DIR: folder,
    ...variables,
  };
  const script = [...options, join(folder, 'train.cjs'), ...args];
  const { code, output } = await execute(program, script, folder, env);
  const names = readdirSync(notes);
  const read = (name: string) => readFileSync(join(notes, name), 'utf8');
  const ranks = names
    .filter((name) => name.startsWith('command.'))
    .sort()
    .map((name) => ({
      command: read(name).trim(),
      environment: Object.fromEntries(
        read(name.replace('command', 'environment'))
          .split('\0')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      ) as Environment,
    }));
  const left = await stillRunning(read('pids').trim().split('\n').map(Number));
  return { code, output, ranks, left, note: read, folder };
}

function execute(script: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    execFile(script, args, { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? -1);
      resolve({ code, output: stdout + stderr });
    });
  });
}
