import { clusterError } from './cluster-error.js';
import type { ClusterSpec } from './cluster-spec.js';
import { checkClusterSpec } from './cluster-spec.js';
import { countRoles, type Role } from './roles.js';
import type { TaskIdentity } from './task.js';

/** The processes of a launcher that numbers them: the address of each, and which of them this one is. */
export interface RankedProcesses {
  readonly addresses: readonly string[];
  readonly rank: number | undefined;
  readonly roles: readonly Role[] | undefined;
  /** The variables that gave all that, named in errors. */
  readonly source: string;
}

/** Deals ranks out to jobs in the order of the roles: the first ranks are the first job's tasks. Errors: CLUSTER_INVALID. */
export function rankedCluster({ addresses, rank, roles, source }: RankedProcesses): {
  cluster: ClusterSpec;
  task: TaskIdentity | undefined;
} {
  if (rank !== undefined && rank >= addresses.length) {
    throw clusterError(source, `rank ${rank} is outside of the ${addresses.length} processes.`, {
      fix: 'ranks count from 0; take all variables from one launcher.',
    });
  }
  const jobs: Record<string, readonly string[]> = {};
  let task: TaskIdentity | undefined;
  let first = 0;
  for (const { job, count } of countRoles(roles, addresses.length)) {
    jobs[job] = addresses.slice(first, first + count);
    if (rank !== undefined && rank >= first && rank < first + count) {
      task = { job, task: rank - first };
    }
    first += count;
  }
  return { cluster: checkClusterSpec(jobs, source), task };
}
