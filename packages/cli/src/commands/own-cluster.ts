import { GraphError } from '@tenon/core';
import {
  type Address,
  bindingHost,
  parseAddress,
  type ResolvedCluster,
  resolveCluster,
  type TaskIdentity,
} from '@tenon/distributed';

/** What a command line may say of the cluster; the environment says the rest. */
export interface ClusterOptions {
  /** JSON, or the path of a file. */
  readonly cluster?: string;
  readonly job?: string;
  readonly task?: number;
}

/** The cluster that this process belongs to. Errors: CLUSTER_INVALID, FILE_NOT_FOUND. */
export function ownCluster(options: ClusterOptions): ResolvedCluster {
  const found = resolveCluster(process.env, options);
  if (found) return found;
  throw new GraphError('CLUSTER_INVALID', 'tenon', {
    what: 'nothing describes the cluster.',
    fix: 'give --cluster, set TENON_CLUSTER or TF_CONFIG, or start the process by srun, mpirun, or in a JobSet or Indexed Job.',
  });
}

/** The task of the cluster that this process is. Errors: CLUSTER_INVALID. */
export function ownTask({ task, source }: ResolvedCluster): TaskIdentity {
  if (task) return task;
  throw new GraphError('CLUSTER_INVALID', source, {
    what: 'it does not say which task of the cluster this process is.',
    fix: 'give --job and --task, or set TENON_JOB and TENON_TASK.',
  });
}

/** Where to listen: what `--listen` says, else so that the address in the cluster leads there. Errors: CLUSTER_INVALID. */
export function listening(listen: string | undefined, own: () => Address): Address {
  if (listen === undefined) {
    const { host, port } = own();
    return { host: bindingHost(host), port };
  }
  return givenAddress(listen);
}

/** What `--listen` says. Errors: CLUSTER_INVALID. */
export function givenAddress(listen: string): Address {
  const given = parseAddress(listen);
  if (given) return given;
  throw new GraphError('CLUSTER_INVALID', '--listen', {
    what: `"${listen}" is not host:port.`,
    fix: 'write 0.0.0.0:2222 or [::]:2222 for all addresses of this machine.',
  });
}
