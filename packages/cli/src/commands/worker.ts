import { GraphError } from '@tenon/core';
import { addressOf, isWorkerJob, serveWorker } from '@tenon/distributed';
import { wasm } from '@tenon/wasm';
import { type ClusterOptions, listening, ownCluster, ownTask } from './own-cluster.js';
import { untilSignal } from './until-signal.js';

export interface WorkerCommandOptions extends ClusterOptions {
  /** Where to listen instead of the address in the cluster. */
  readonly listen?: string;
  readonly threads?: number;
}

/** Runs a task of a cluster until the process is asked to end. Errors: CLUSTER_INVALID, FILE_NOT_FOUND, UNAUTHENTICATED, RUN_FAILED. */
export async function worker({ threads, listen, ...options }: WorkerCommandOptions): Promise<void> {
  const found = ownCluster(options);
  const { job, task } = ownTask(found);
  if (!isWorkerJob(job)) {
    throw new GraphError('CLUSTER_INVALID', found.source, {
      what: `this process is ${job} ${task}, which runs no parts of graphs.`,
      fix: 'run tenon master here, and the training script.',
    });
  }
  const { host, port } = listening(listen, () => addressOf(found.cluster, { job, task }));
  const asked = untilSignal();
  const device = wasm({ threads });
  try {
    const server = await serveWorker({ job, task, host, port, devices: [device] });
    console.log(`${server.worker.name} listens on ${server.address}`);
    await asked;
    await server.close();
  } finally {
    device.close();
  }
}
