import { membersOf, serveMaster } from '@tenon/distributed';
import { addressOf, readClusterFile } from './cluster-file.js';
import { untilSignal } from './until-signal.js';

export interface MasterCommandOptions {
  readonly cluster: string;
  readonly port?: number;
  readonly state?: string;
}

/** Runs the master of a cluster until the process is asked to end. Errors: NAME_UNKNOWN, RUN_FAILED and those of the cluster's file. */
export async function master({ cluster, port: given, state }: MasterCommandOptions) {
  const jobs = await readClusterFile(cluster);
  const { host, port } =
    given === undefined ? addressOf(jobs, 'master', 0) : { host: '127.0.0.1', port: given };
  const server = await serveMaster({ members: membersOf(jobs), host, port, state });
  console.log(`the master listens on grpc://${server.address}`);
  await untilSignal();
  await server.close();
}
