import { masterAddress, membersOf, serveMaster } from '@tenon/distributed';
import { type ClusterOptions, listening, ownCluster } from './own-cluster.js';
import { untilSignal } from './until-signal.js';

export interface MasterCommandOptions extends Pick<ClusterOptions, 'cluster'> {
  /** Where to listen instead of the address in the cluster. */
  readonly listen?: string;
}

/** Runs the master of a cluster until the process is asked to end. Errors: CLUSTER_INVALID, FILE_NOT_FOUND, UNAUTHENTICATED, RUN_FAILED. */
export async function master({ listen, ...options }: MasterCommandOptions): Promise<void> {
  const { cluster, source } = ownCluster(options);
  const { host, port } = listening(listen, () => masterAddress(cluster, source));
  const asked = untilSignal();
  const server = await serveMaster({ members: membersOf(cluster), host, port });
  console.log(`the master listens on grpc://${server.address}`);
  await asked;
  await server.close();
}
