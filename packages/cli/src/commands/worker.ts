import { serveWorker } from '@tenon/distributed';
import { wasm } from '@tenon/wasm';
import { addressOf, readClusterFile } from './cluster-file.js';
import { untilSignal } from './until-signal.js';

export interface WorkerCommandOptions {
  readonly job: string;
  readonly task: number;
  readonly cluster: string;
  readonly threads?: number;
}

/** Runs a task of a cluster until the process is asked to end. Errors: NAME_UNKNOWN, RUN_FAILED and those of the cluster's file. */
export async function worker({ job, task, cluster, threads }: WorkerCommandOptions) {
  const { host, port } = addressOf(await readClusterFile(cluster), job, task);
  const device = wasm({ threads });
  const server = await serveWorker({ job, task, host, port, devices: [device] });
  console.log(`${server.worker.name} listens on ${server.address}`);
  await untilSignal();
  await server.close();
  device.close();
}
