import { randomUUID } from 'node:crypto';
import { allOps, type Device, GraphError, type HostTensor, type OpInfo } from '@tenon/core';
import type { Handlers } from '../protocol/call.js';
import { clusterError, errorOf } from '../protocol/cluster-error.js';
import type {
  CreateWorkerSessionRequest,
  DeviceInfo,
  RunGraphRequest,
  UpdateStateRequest,
  WorkerService,
} from '../protocol/gen/distributed_pb.js';
import { messageOf, tensorOf } from '../protocol/tensor-message.js';
import { withDeadline } from './deadline.js';
import { lateError } from './step-run.js';
import { StepTraces } from './step-traces.js';
import type { PullRequest, Transport } from './transport.js';
import { WorkerSession } from './worker-session.js';

export interface WorkerOptions {
  readonly job: string;
  readonly task: number;
  readonly devices: readonly Device[];
  readonly transport: Transport;
  /** The ops that graphs may use; all of the library when left out. None may have effects on the host. */
  readonly ops?: Iterable<OpInfo> | undefined;
  /** Milliseconds after which a session of which nothing is heard is deleted. */
  readonly timeToLiveMs?: number | undefined;
  /** Milliseconds since any beginning. */
  readonly clock?: () => number;
}

/** The name of a task of a cluster: `/job:worker/replica:0/task:1`. */
export const taskName = (job: string, task: number): string => `/job:${job}/replica:0/task:${task}`;

/** One process that computes: it holds variables and registered graphs, runs its parts of each step, and hands out tensors. */
export class Worker {
  readonly name: string;
  /** Another number for each life of the process. */
  readonly incarnation = randomUUID();
  readonly handlers: Handlers<typeof WorkerService>;
  private readonly options: WorkerOptions;
  private readonly timeToLiveMs: number;
  private readonly clock: () => number;
  private readonly devices: ReadonlyMap<string, Device>;
  private readonly sessions = new Map<string, { session: WorkerSession; heard: number }>();
  private readonly traces = new StepTraces();

  constructor(options: WorkerOptions) {
    this.options = options;
    this.name = taskName(options.job, options.task);
    this.timeToLiveMs = options.timeToLiveMs ?? 600_000;
    this.clock = options.clock ?? (() => performance.now());
    this.devices = new Map(
      options.devices.map((device) => [`${this.name}/device:${device.name}`, device]),
    );
    this.handlers = this.named(this.answers());
  }

  /** A tensor of a step when it is there. Errors: WORKER_LOST, RUN_ABORTED, DEADLINE_EXCEEDED. */
  async pull(request: Omit<PullRequest, 'worker' | 'address'>): Promise<HostTensor> {
    const { step, key, timeoutMs, signal } = request;
    try {
      const table = this.session(request).tables.of(step);
      const late = () => lateError(key, this.name, timeoutMs);
      return await withDeadline(table.receive(key), { timeoutMs, signal, late });
    } catch (error) {
      throw clusterError(error, this.name);
    }
  }

  /** Deletes sessions of which nothing was heard for too long. */
  sweep(): void {
    const oldest = this.clock() - this.timeToLiveMs;
    for (const [name, { session, heard }] of this.sessions) {
      if (heard < oldest && !session.busy) this.delete(name, 'nothing was heard of its master.');
    }
  }

  close(): void {
    for (const name of [...this.sessions.keys()]) this.delete(name, 'the worker was closed.');
    this.options.transport.close();
  }

  private answers(): Handlers<typeof WorkerService> {
    return {
      getStatus: async ({ sessions }) => {
        for (const name of sessions) this.touch(name);
        return this.status();
      },
      createWorkerSession: async (request) => this.create(request),
      deleteWorkerSession: async ({ session }) => this.delete(session, 'the session was closed.'),
      registerGraph: async (request) => {
        this.session(request).register(request);
        return {};
      },
      deregisterGraph: async ({ session, graphs }) => {
        this.sessions.get(session)?.session.deregister(graphs);
        return {};
      },
      runGraph: (request, signal) => this.run(request, signal),
      commitGraph: async (request) => {
        this.session(request).commit(request.step);
        return {};
      },
      cleanupGraph: async ({ session, step, reason }) => {
        const error = reason ? errorOf(reason) : endedError(`step ${step}`, 'it was ended.');
        this.sessions.get(session)?.session.cleanup(step, error);
        return {};
      },
      cleanupAll: async () => {
        for (const name of [...this.sessions.keys()]) this.delete(name, 'the worker was cleared.');
        return {};
      },
      recvTensor: async (request, signal = new AbortController().signal) => ({
        value: messageOf(await this.pull({ ...request, signal })),
      }),
      updateState: async (request) => this.update(request),
      readVariable: async (request) => ({
        value: messageOf(await this.session(request).variables.read(request.variable)),
      }),
      tracing: async ({ since }) => ({ spans: this.traces.since(since) }),
    };
  }

  /** The same with the worker's name in every error. */
  private named(answers: Handlers<typeof WorkerService>): Handlers<typeof WorkerService> {
    const entries = Object.entries(answers).map(([method, answer]) => {
      const named = async (request: never, signal?: AbortSignal) => {
        try {
          return await answer(request, signal);
        } catch (error) {
          throw clusterError(error, this.name, method);
        }
      };
      return [method, named] as const;
    });
    return Object.fromEntries(entries) as unknown as Handlers<typeof WorkerService>;
  }

  private create({ session: name, incarnation, peers }: CreateWorkerSessionRequest) {
    this.checkIncarnation(incarnation);
    this.delete(name, 'the session was made again.');
    const { options, devices } = this;
    const session = new WorkerSession({
      name,
      worker: this.name,
      incarnation: this.incarnation,
      devices,
      peers,
      transport: options.transport,
      ops: options.ops ?? allOps,
    });
    this.sessions.set(name, { session, heard: this.clock() });
    return {};
  }

  private delete(name: string, why: string) {
    const found = this.sessions.get(name);
    this.sessions.delete(name);
    found?.session.free(endedError(name, why));
    return {};
  }

  private async run(request: RunGraphRequest, signal?: AbortSignal) {
    const end = this.traces.begin(request, this.name);
    try {
      const results = await this.session(request).run(request, signal);
      this.touch(request.session);
      return { graphs: results.map((outputs) => ({ outputs: outputs.map(messageOf) })) };
    } finally {
      end();
    }
  }

  private update(request: UpdateStateRequest) {
    const session = this.session(request);
    for (const { variable, value, device } of request.writes) {
      const number = variable?.variable ?? 0;
      session.variables.write(
        session.device(device),
        number,
        tensorOf(value, `variable ${number}`),
      );
    }
    for (const number of request.frees) session.variables.free(number);
    return {};
  }

  private session(request: { readonly session: string; readonly incarnation: string }) {
    this.checkIncarnation(request.incarnation);
    const found = this.touch(request.session);
    if (found) return found;
    throw new GraphError('WORKER_LOST', request.session, {
      what: 'the worker does not know this session: it was closed, or nothing was heard of it for too long.',
      fix: 'make a new session and restore the last checkpoint.',
    });
  }

  private touch(name: string): WorkerSession | undefined {
    const found = this.sessions.get(name);
    if (found) found.heard = this.clock();
    return found?.session;
  }

  private checkIncarnation(meant: string): void {
    if (meant === this.incarnation) return;
    throw new GraphError('WORKER_LOST', this.name, {
      what: 'the worker was restarted, and has lost its variables and graphs.',
      fix: 'make a new session and restore the last checkpoint.',
    });
  }

  private status() {
    const sessions = [...this.sessions.values()].map(({ session }) => session);
    const total = (count: (session: WorkerSession) => number) =>
      sessions.reduce((sum, session) => sum + count(session), 0);
    return {
      worker: this.name,
      incarnation: this.incarnation,
      devices: this.deviceInfos(),
      sessions: sessions.length,
      graphs: total(({ graphCount }) => graphCount),
      variables: total(({ variables }) => variables.size),
      steps: total(({ tables }) => tables.size),
      entries: total(({ tables }) => tables.entries),
      timeToLive: this.timeToLiveMs / 1000,
    };
  }

  private deviceInfos(): Omit<DeviceInfo, '$typeName'>[] {
    const { incarnation } = this;
    return [...this.devices].map(([name, { kind, limits }]) => ({
      name,
      kind,
      bytes: limits.bytes,
      incarnation,
    }));
  }
}

const endedError = (where: string, what: string): GraphError =>
  new GraphError('RUN_ABORTED', where, { what });
