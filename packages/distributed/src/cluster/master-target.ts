import { type Address, formatAddress } from './address.js';
import { clusterError } from './cluster-error.js';
import type { ClusterSpec } from './cluster-spec.js';
import { type Environment, readVariable } from './environment.js';
import { resolveCluster } from './resolve-cluster.js';
import { addressOf, chiefOf, type TaskIdentity } from './task.js';

/** Jobs whose tasks run no parts of graphs: those of the master, and evaluators, which stand beside the cluster. */
const otherJobs: ReadonlySet<string> = new Set(['chief', 'master', 'evaluator']);

/** Whether a job's tasks run parts of graphs. */
export const isWorkerJob = (job: string): boolean => !otherJobs.has(job);

/** The task whose address the master has: the chief, where that is no worker. Errors: CLUSTER_INVALID, from `source`. */
export function masterOf(cluster: ClusterSpec, source: string): TaskIdentity {
  const chief = chiefOf(cluster);
  if (chief && !isWorkerJob(chief.job)) return chief;
  throw clusterError(source, 'the cluster has no task for the master.', {
    fix: 'add a job of one task to it, "chief": ["host:port"], or give the address with --listen and TENON_MASTER.',
  });
}

/** Where the master listens. Errors: CLUSTER_INVALID, from `source`. */
export const masterAddress = (cluster: ClusterSpec, source: string): Address =>
  addressOf(cluster, masterOf(cluster, source));

/**
 * The master that clients of an environment talk to: TENON_MASTER, or that of the cluster which the environment describes;
 * undefined where it describes none. Errors: CLUSTER_INVALID, FILE_NOT_FOUND.
 */
export function masterTarget(environment: Environment): string | undefined {
  const told = readVariable(environment, 'TENON_MASTER');
  if (told !== undefined) return told;
  const found = resolveCluster(environment);
  return found && `grpc://${formatAddress(masterAddress(found.cluster, found.source))}`;
}
