import { joinCluster } from '@tenon/distributed';
import { wasm } from '@tenon/wasm';
import { givenAddress } from './own-cluster.js';
import { untilSignal } from './until-signal.js';
import type { WorkerCommandOptions } from './worker.js';

export interface JoinCommandOptions extends Omit<WorkerCommandOptions, 'cluster' | 'task'> {
  /** Where others reach it. */
  readonly host?: string;
}

/**
 * Runs a worker that is not on the list of a cluster until the process is asked to end. Errors: ATTRIBUTE_INVALID, CLUSTER_INVALID,
 * NAME_TAKEN, UNAUTHENTICATED, RUN_FAILED.
 */
export async function join(
  master: string,
  { job, listen, host: reachedAt, threads, ...ports }: JoinCommandOptions,
): Promise<void> {
  const binding = listen === undefined ? {} : givenAddress(listen);
  const asked = new AbortController();
  const ended = untilSignal().then(() => asked.abort());
  const device = wasm({ threads });
  try {
    const joined = await joinCluster({
      ...ports,
      ...binding,
      master: master.startsWith('grpc://') ? master : `grpc://${master}`,
      job,
      reachedAt,
      devices: [device],
      signal: asked.signal,
      report: (message) => console.error(message),
    });
    console.log(`${joined.worker?.name} listens on ${joined.address}`);
    await ended;
    await joined.close();
  } catch (error) {
    if (!asked.signal.aborted) throw error;
  } finally {
    device.close();
  }
}
