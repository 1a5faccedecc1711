import { setTimeout as wait } from 'node:timers/promises';
import type { ErrorCode, GraphError } from '@tenon/core';
import { addressOf } from '../client/master-address.js';
import { formatAddress, parseAddress } from '../cluster/address.js';
import { bindingHost } from '../cluster/binding.js';
import type { Connection } from '../protocol/call.js';
import { MasterService } from '../protocol/gen/distributed_pb.js';
import { grpcConnection } from '../protocol/grpc-client.js';
import { hostTowards } from './host-towards.js';
import { serveWorker, type WorkerServer, type WorkerServerOptions } from './server.js';
import type { Worker } from './worker.js';

export interface JoinOptions extends Omit<WorkerServerOptions, 'job' | 'task'> {
  /** Of the cluster: `grpc://host:port`. */
  readonly master: string;
  /** Default `worker`. */
  readonly job?: string | undefined;
  /** The host at which master, workers and chief reach it. Default: `host`, or where the connection to the master comes from. */
  readonly reachedAt?: string | undefined;
  /** Milliseconds from one sign of life to the next, and from one try to the next. Default 1000. */
  readonly renewMs?: number | undefined;
  /** Ends the wait for the master. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what it waits for, and that it has to join again. */
  readonly report?: ((message: string) => void) | undefined;
}

interface Served {
  readonly server: WorkerServer;
  readonly task: number;
  /** Where others reach it. */
  readonly address: string;
}

const callMs = 10_000;
const leaveMs = 2000;
const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const passing: ReadonlySet<ErrorCode> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED']);

/** A worker of a cluster at an address that is not on its list. */
export class JoinedWorker {
  private readonly options: JoinOptions;
  private readonly job: string;
  private readonly master: Connection<typeof MasterService>;
  private readonly ending = new AbortController();
  private keeping: Promise<void> = Promise.resolve();
  private served: Served | undefined;
  private port: number;
  private told = '';

  /** Errors: ATTRIBUTE_INVALID. */
  constructor(options: JoinOptions) {
    const { master: name, security, job = 'worker', port = 0, signal } = options;
    this.options = options;
    this.job = job;
    this.port = port;
    this.master = grpcConnection(MasterService, { address: addressOf(name), name, security });
    signal?.addEventListener('abort', () => this.ending.abort(signal.reason), { once: true });
    if (signal?.aborted) this.ending.abort(signal.reason);
  }

  /** The worker under its present number; undefined while it has to join again. */
  get worker(): Worker | undefined {
    return this.served?.server.worker;
  }

  /** `host:port` at which others reach it. */
  get address(): string | undefined {
    return this.served?.address;
  }

  /** Settles when it is in. Errors: those of `joinCluster`; the reason of the signal. */
  async enter(): Promise<void> {
    while (!(await this.entered())) {
      await this.pause();
      this.ending.signal.throwIfAborted();
    }
    this.keeping = this.keep();
  }

  /** Says that it goes, and ends. */
  async close(): Promise<void> {
    this.ending.abort();
    await this.keeping;
    const { served, job, master } = this;
    this.served = undefined;
    if (served) {
      const { task, address, server } = served;
      // A master that does not hear it finds out by itself.
      const leaving = master.calls.leaveCluster({ job, task, address }, { timeoutMs: leaveMs });
      await leaving.catch(() => {});
      await server.close();
    }
    master.close();
  }

  /** One try to get in; false where another may succeed. */
  private async entered(): Promise<boolean> {
    let numbered = false;
    try {
      const host = await this.host();
      const address = this.addressAt(host);
      const { task } = await this.join({ address });
      numbered = true;
      this.served = await this.serve(host, task);
      this.told = '';
      return true;
    } catch (error) {
      const { code, message } = error as GraphError;
      // A number may have been given to somebody else on the way; that an address is somebody else's stays so.
      if (!passing.has(code) && !(numbered && code === 'NAME_TAKEN')) throw error;
      if (message !== this.told) this.options.report?.(`waiting to join the cluster: ${message}`);
      this.told = message;
      return false;
    }
  }

  /** Where others reach it. */
  private async host(): Promise<string> {
    const { host, reachedAt, master } = this.options;
    const known = reachedAt ?? (host && !wildcards.has(host) ? host : undefined);
    return known ?? hostTowards(addressOf(master));
  }

  private addressAt(host: string): string {
    return this.port === 0 ? '' : formatAddress({ host, port: this.port });
  }

  private join(request: { readonly address: string; readonly task?: number }) {
    const { job, master } = this;
    return master.calls.joinCluster({ job, ...request }, { timeoutMs: callMs });
  }

  /** A server that has its number, once the master knows where it is. */
  private async serve(reached: string, task: number): Promise<Served> {
    const { options, job, port } = this;
    const host = options.host ?? bindingHost(reached);
    const server = await serveWorker({ ...options, job, task, host, port });
    try {
      // What it was once reached at it keeps.
      this.port = parseAddress(server.address)?.port ?? port;
      const address = this.addressAt(reached);
      await this.join({ address, task });
      return { server, task, address };
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** Shows that it lives, so that a master that has forgotten it takes it in again. */
  private async keep(): Promise<void> {
    for (;;) {
      await this.pause();
      if (this.ending.signal.aborted) return;
      await this.renew().catch((error: Error) => this.options.report?.(error.message));
    }
  }

  private async renew(): Promise<void> {
    const { served } = this;
    if (!served) return void (await this.entered());
    const { task, address, server } = served;
    try {
      await this.join({ task, address });
    } catch (error) {
      if ((error as GraphError).code !== 'NAME_TAKEN') return;
      this.served = undefined;
      this.options.report?.(`${server.worker.name} has to join again: ${(error as Error).message}`);
      await server.close();
    }
  }

  private pause(): Promise<void> {
    const { renewMs = 1000 } = this.options;
    return wait(renewMs, undefined, { signal: this.ending.signal }).catch(() => {});
  }
}

/**
 * Starts a worker that is not on the list of a cluster: the master gives it its number. It waits for the master, joins again under its
 * number when either was restarted, where nobody has got it meanwhile, and says that it goes when it is closed. One that listens on a port
 * that is given finds its number again too. Errors: ATTRIBUTE_INVALID, CLUSTER_INVALID, NAME_TAKEN where a task of the list has the
 * address, STATE_INVALID where the cluster takes in no more, UNAUTHENTICATED, RUN_FAILED.
 */
export async function joinCluster(options: JoinOptions): Promise<JoinedWorker> {
  const joined = new JoinedWorker(options);
  try {
    await joined.enter();
    return joined;
  } catch (error) {
    await joined.close();
    throw error;
  }
}
