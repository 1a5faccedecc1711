import { clusterError } from '../cluster-error.js';
import {
  type Environment,
  parseCount,
  readCount,
  readFirst,
  readPort,
  readVariable,
} from '../environment.js';
import { expandNodeList } from '../launchers/node-list.js';
import { type Host, placeRanks, rankAddresses } from '../launchers/rank-placement.js';
import { expandTasksPerNode } from '../launchers/tasks-per-node.js';
import { rankedCluster } from '../ranked-cluster.js';
import { readRoles } from '../roles.js';
import type { ClusterReader } from './reader.js';

const source = 'Slurm (SLURM_JOB_NODELIST, SLURM_TASKS_PER_NODE, SLURM_PROCID)';

/**
 * Tasks launched by `srun`: the step's node list and counts where there is a step, else the job's. In a batch script, outside of
 * any step, the process is no task of the cluster. Source: sbatch(1) and srun(1), output environment variables.
 * Errors: CLUSTER_INVALID.
 */
export const slurm: ClusterReader = ({ environment }) => {
  const step = readFirst(environment, 'SLURM_STEP_ID', 'SLURM_STEPID') !== undefined;
  const hosts = hostsOf(environment, step);
  if (!hosts) return undefined;
  const ranks = hosts.reduce((sum, { tasks }) => sum + tasks, 0);
  checkTotal(environment, step, ranks);
  const placed = placeRanks(hosts, ranks, ranksInTurn(environment, ranks > hosts.length));
  const rank = step ? readCount(environment, 'SLURM_PROCID') : undefined;
  const node = step ? readCount(environment, 'SLURM_NODEID') : undefined;
  const derived = rank === undefined ? undefined : placed[rank];
  if (derived && node !== undefined && node !== derived.node) {
    throw clusterError(
      'SLURM_NODEID',
      `task ${rank} is on node ${node}, not on ${derived.node} as its distribution says.`,
      {
        fix: 'launch with srun --distribution=block.',
      },
    );
  }
  const addresses = rankAddresses(placed, readPort(environment));
  return { source, ...rankedCluster({ addresses, rank, roles: readRoles(environment), source }) };
};

function hostsOf(environment: Environment, step: boolean): readonly Host[] | undefined {
  const inStep = (...names: readonly string[]) => (step ? names : []);
  const list = readFirst(
    environment,
    ...inStep('SLURM_STEP_NODELIST'),
    'SLURM_JOB_NODELIST',
    'SLURM_NODELIST',
  );
  if (!list) return undefined;
  const tasks = readFirst(
    environment,
    ...inStep('SLURM_STEP_TASKS_PER_NODE'),
    'SLURM_TASKS_PER_NODE',
  );
  if (!tasks) {
    throw clusterError('SLURM_TASKS_PER_NODE', 'the variable is not set.', {
      fix: 'launch by sbatch or srun with --ntasks or --ntasks-per-node.',
    });
  }
  const names = expandNodeList(list.value, list.name);
  const counts = expandTasksPerNode(tasks.value, tasks.name);
  if (names.length === counts.length) {
    return names.map((name, node) => ({ name, tasks: counts[node] ?? 0 }));
  }
  throw clusterError(
    tasks.name,
    `it counts tasks of ${counts.length} nodes; ${list.name} has ${names.length}.`,
    {
      fix: 'take both variables from the same job or step.',
    },
  );
}

function checkTotal(environment: Environment, step: boolean, ranks: number): void {
  const total = readFirst(
    environment,
    ...(step ? ['SLURM_STEP_NUM_TASKS'] : []),
    'SLURM_NTASKS',
    'SLURM_NPROCS',
  );
  if (!total || parseCount(total.value, total.name) === ranks) return;
  throw clusterError(
    total.name,
    `it is ${total.value}, but the nodes have ${ranks} tasks in all.`,
    {
      fix: 'take all variables from the same job or step.',
    },
  );
}

/** How many ranks in a row a node gets at each turn, by the first word of `srun --distribution`. */
function ranksInTurn(environment: Environment, moreThanNodes: boolean): number {
  const text = readVariable(environment, 'SLURM_DISTRIBUTION') ?? '';
  const [, method = '', size] = /^([a-z*]*)(?:=(\d+))?/i.exec(text) ?? [];
  switch (method.toLowerCase()) {
    case '':
    case '*':
      // Slurm's own choice; with one task a node both orders are the same.
      return moreThanNodes ? Number.POSITIVE_INFINITY : 1;
    case 'block':
      return Number.POSITIVE_INFINITY;
    case 'cyclic':
      return 1;
    case 'plane': {
      const plane =
        size === undefined ? readCount(environment, 'SLURM_DIST_PLANESIZE') : Number(size);
      if (plane) return plane;
      throw clusterError('SLURM_DIST_PLANESIZE', 'a plane distribution needs its size.', {
        fix: 'launch with srun --distribution=plane=4, or block.',
      });
    }
    default:
      throw clusterError(
        'SLURM_DISTRIBUTION',
        `"${text}" does not say on which nodes the tasks are.`,
        {
          fix: 'launch with srun --distribution=block, cyclic or plane.',
        },
      );
  }
}
