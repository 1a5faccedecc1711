import { randomUUID } from 'node:crypto';
import {
  allOps,
  type Device,
  GraphError,
  type HostTensor,
  type OpInfo,
  ratesOf,
} from '@tenon/core';
import type { Handlers } from '../protocol/call.js';
import { clusterError, errorOf } from '../protocol/cluster-error.js';
import type {
  CreateWorkerSessionRequest,
  DataPort,
  DeviceInfo,
  RunGraphRequest,
  UpdateStateRequest,
  WorkerService,
} from '../protocol/gen/distributed_pb.js';
import { messageOf, tensorOf } from '../protocol/tensor-message.js';
import { type Pull, RendezvousTables, type Sent } from '../rendezvous/index.js';
import type { Dial } from '../training/channel/channel.js';
import { dialTask } from '../training/channel/dial-task.js';
import { TrainingTasks } from '../training/task/training-tasks.js';
import type { Self, TensorSource } from '../transport/transport.js';
import type { PeerTransport } from './peer-transport.js';
import { parseStepId } from './session-steps.js';
import { SessionTable } from './session-table.js';
import { StepTraces } from './step-traces.js';

export interface WorkerOptions {
  readonly job: string;
  readonly task: number;
  readonly devices: readonly Device[];
  readonly transport: PeerTransport;
  /** The ops that graphs may use; all of the library when left out. None may have effects on the host. */
  readonly ops?: Iterable<OpInfo> | undefined;
  /** Milliseconds after which a session of which nothing is heard is deleted. */
  readonly timeToLiveMs?: number | undefined;
  /** Milliseconds since any beginning. */
  readonly clock?: () => number;
  /** How other tasks are reached in training by replicas; over their data planes when left out. */
  readonly dial?: Dial;
}

/** The name of a task of a cluster: `/job:worker/replica:0/task:1`. */
export const taskName = (job: string, task: number): string => `/job:${job}/replica:0/task:${task}`;

/** Where else a worker is reached than at its address. */
export interface WorkerPorts {
  readonly data?: Omit<DataPort, '$typeName'>;
  readonly heartbeatPort?: number;
}

/** One process that computes: it holds variables and registered graphs, runs its parts of each step, and hands out tensors. */
export class Worker implements TensorSource {
  readonly name: string;
  /** Another number for each life of the process. */
  readonly incarnation = randomUUID();
  readonly handlers: Handlers<typeof WorkerService>;
  /** Its part in training by replicas. */
  readonly training: TrainingTasks;
  /** Told in its status. */
  ports: WorkerPorts = {};
  private readonly options: WorkerOptions;
  private readonly devices: ReadonlyMap<string, Device>;
  private readonly sessions: SessionTable;
  private readonly traces = new StepTraces();
  /** What is sent and waited for in the steps of all sessions, which know by their numbers what has ended and when. */
  private readonly tables: RendezvousTables;

  constructor(options: WorkerOptions) {
    this.options = options;
    this.name = taskName(options.job, options.task);
    this.tables = new RendezvousTables({ ...this.self, timeToLive: Infinity, remembered: 0 });
    this.sessions = new SessionTable({
      timeToLiveMs: options.timeToLiveMs ?? 600_000,
      clock: options.clock ?? (() => performance.now()),
    });
    this.devices = new Map(
      options.devices.map((device) => [`${this.name}/device:${device.name}`, device]),
    );
    const { devices, dial = (address) => dialTask(address), ops = allOps } = options;
    this.training = new TrainingTasks({
      name: this.name,
      devices,
      dial,
      ops,
      heartbeat: () => {
        const { incarnation, ports } = this;
        return ports.heartbeatPort ? { port: ports.heartbeatPort, incarnation } : null;
      },
    });
    this.handlers = this.named(this.answers());
  }

  /** Who it is to its peers. */
  get self(): Self {
    return { worker: this.name, incarnation: this.incarnation };
  }

  /** A tensor of a step when it is there. Errors: ABORTED, RUN_ABORTED, DEADLINE_EXCEEDED, and what the step failed with. */
  async take({ step: id, key, ...wait }: Pull): Promise<Sent> {
    try {
      const { session, step } = parseStepId(id);
      return await this.sessions.get(session).take(step, key, wait);
    } catch (error) {
      throw clusterError(error, this.name);
    }
  }

  /** Deletes sessions of which nothing was heard for too long. */
  sweep(): void {
    this.sessions.sweep();
  }

  close(): void {
    this.training.close();
    this.sessions.deleteAll('the worker was closed.');
    this.tables.close();
  }

  private answers(): Handlers<typeof WorkerService> {
    return {
      getStatus: async ({ sessions, rates }) => {
        for (const name of sessions) this.sessions.find(name);
        return this.status(rates);
      },
      createWorkerSession: async (request) => this.create(request),
      deleteWorkerSession: async ({ session }) => {
        this.sessions.delete(session, 'the session was closed.');
        return {};
      },
      registerGraph: async (request) => {
        this.session(request).register(request);
        return {};
      },
      deregisterGraph: async ({ session, graphs }) => {
        this.sessions.find(session)?.deregister(graphs);
        return {};
      },
      runGraph: (request, signal) => this.run(request, signal),
      commitGraph: async (request) => {
        this.session(request).commit(request.step);
        return {};
      },
      getStep: async (request) => {
        const { results, ...status } = this.session(request).status(request.step);
        return { ...status, graphs: results.map(resultOf) };
      },
      cleanupGraph: async ({ session, step, reason }) => {
        const ended = new GraphError('RUN_ABORTED', `step ${step}`, { what: 'it was ended.' });
        this.sessions.find(session)?.cleanup(step, reason ? errorOf(reason) : ended);
        return {};
      },
      cleanupAll: async () => {
        this.sessions.deleteAll('the worker was cleared.');
        return {};
      },
      updateState: async (request) => this.update(request),
      readVariable: async (request) => ({
        value: messageOf(await this.session(request).variables.read(request.variable)),
      }),
      tracing: async ({ since, session }) => ({ spans: this.traces.since(since, session) }),
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
    const { options, devices, name: worker, traces, tables } = this;
    const { ops = allOps } = options;
    const transport = options.transport(peers);
    const own = { name, worker, incarnation, devices, peers, transport, tables };
    this.sessions.create({ ...own, ops, traces });
    return {};
  }

  private async run(request: RunGraphRequest, signal?: AbortSignal) {
    const results = await this.session(request).run(request, signal);
    this.sessions.find(request.session);
    return { graphs: results.map(resultOf) };
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
    return this.sessions.get(request.session);
  }

  private checkIncarnation(meant: string): void {
    if (meant === this.incarnation) return;
    throw new GraphError('ABORTED', this.name, {
      what: 'the worker was restarted, and has lost its variables and graphs.',
      fix: 'make a new session and restore the last checkpoint.',
    });
  }

  private status(withRates: boolean) {
    const { name: worker, incarnation, sessions, ports } = this;
    const devices = withRates ? this.ratedDevices() : this.deviceInfos();
    const timeToLive = sessions.timeToLiveMs / 1000;
    const { running: steps, entries } = this.tables.counts;
    const held = { ...sessions.counts(), steps, entries };
    return { worker, incarnation, devices, ...held, timeToLive, ...ports };
  }

  private deviceInfos(): Omit<DeviceInfo, '$typeName'>[] {
    const { incarnation } = this;
    return [...this.devices].map(([name, { kind, limits }]) => ({
      name,
      kind,
      bytes: limits.bytes,
      incarnation,
      address: '',
    }));
  }

  private ratedDevices() {
    const infos = this.deviceInfos();
    return [...this.devices.values()].map((device, i) => {
      const { fuses = false, sweeps = false } = device;
      return { ...infos[i], rates: { ...ratesOf(device), fuses, sweeps } };
    });
  }
}

const resultOf = (outputs: readonly HostTensor[]) => ({ outputs: outputs.map(messageOf) });
