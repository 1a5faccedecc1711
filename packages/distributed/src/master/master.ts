import { randomUUID } from 'node:crypto';
import { allOps, type CheckedPlacement, GraphError, type OpInfo } from '@tenon/core';
import type { Handlers } from '../protocol/call.js';
import { clusterError } from '../protocol/cluster-error.js';
import type {
  DeviceInfo,
  MasterService,
  Span,
  TracingRequest,
} from '../protocol/gen/distributed_pb.js';
import { MasterSession } from './master-session.js';
import { type LivingMember, living, type Member } from './member.js';
import { readPlacement } from './place-graph.js';

export interface MasterOptions {
  /** The workers; what nothing constrains runs on the first device of the first. */
  readonly members: readonly Member[];
  /** The ops that graphs may use; all of the library when left out. None may have effects on the host. */
  readonly ops?: Iterable<OpInfo> | undefined;
  /** Milliseconds after which a session of which nothing is heard is closed. */
  readonly timeToLiveMs?: number | undefined;
  /** Milliseconds that a call to a worker may take, where the client says nothing. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds since any beginning. */
  readonly clock?: () => number;
}

const masterName = '/job:master/replica:0/task:0';
const statusMs = 5000;

/** Takes graphs of clients, cuts them over the devices of the workers, and lets the workers run them. */
export class Master {
  readonly name = masterName;
  readonly handlers: Handlers<typeof MasterService>;
  private readonly options: MasterOptions;
  private readonly timeToLiveMs: number;
  private readonly timeoutMs: number;
  private readonly clock: () => number;
  private readonly sessions = new Map<string, { session: MasterSession; heard: number }>();

  constructor(options: MasterOptions) {
    this.options = options;
    this.timeToLiveMs = options.timeToLiveMs ?? 600_000;
    this.timeoutMs = options.timeoutMs ?? 300_000;
    this.clock = options.clock ?? (() => performance.now());
    this.handlers = this.named({
      createSession: ({ placement }) => this.create(readPlacement(placement)),
      closeSession: ({ session }) => this.end(session),
      listDevices: async ({ session }) => ({ devices: await this.devices(session) }),
      makeCallable: async (request) => done(this.session(request.session).make(request)),
      placeGraph: async (request) => ({
        devices: await this.session(request.session).place(request),
      }),
      runCallable: async (request, signal) => ({
        outputs: await this.session(request.session).run(request, signal),
      }),
      cancelRun: async ({ session, run }) => {
        this.sessions.get(session)?.session.cancel(run);
        return {};
      },
      releaseCallable: async ({ session, graphs }) => done(this.session(session).release(graphs)),
      updateState: async (request) => done(this.session(request.session).update(request)),
      readVariable: async ({ session, variable }) => this.session(session).read(variable),
      tracing: async (request) => ({ spans: await this.spans(request) }),
      reset: () => this.reset(),
    });
  }

  /** Lets the workers know that the sessions live, and closes those of which nothing was heard for too long. */
  async keepAlive(): Promise<void> {
    const oldest = this.clock() - this.timeToLiveMs;
    for (const [name, { heard }] of this.sessions) if (heard < oldest) await this.end(name);
    const sessions = [...this.sessions.keys()];
    if (sessions.length === 0) return;
    await Promise.allSettled(
      this.options.members.map(({ connection }) =>
        connection.calls.getStatus({ sessions }, { timeoutMs: statusMs }),
      ),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.sessions.keys()].map((name) => this.end(name)));
    for (const { connection } of this.options.members) connection.close();
  }

  private named(answers: Handlers<typeof MasterService>): Handlers<typeof MasterService> {
    const entries = Object.entries(answers).map(([method, answer]) => {
      const named = async (request: never, signal?: AbortSignal) => {
        try {
          return await answer(request, signal);
        } catch (error) {
          throw clusterError(error, masterName, method);
        }
      };
      return [method, named] as const;
    });
    return Object.fromEntries(entries) as unknown as Handlers<typeof MasterService>;
  }

  /** Errors: UNAVAILABLE where a worker can not be reached. */
  private async create(placement: CheckedPlacement) {
    const members = await this.living();
    const name = randomUUID();
    const peers = members.map(({ name: worker, address, incarnation, data }) => ({
      worker,
      address,
      incarnation,
      ...(data ? { data } : {}),
    }));
    await Promise.all(
      members.map(({ connection, incarnation }) =>
        connection.calls.createWorkerSession(
          { session: name, incarnation, peers },
          { timeoutMs: statusMs },
        ),
      ),
    );
    const ops = this.options.ops ?? allOps;
    const session = new MasterSession({ name, members, ops, placement, timeoutMs: this.timeoutMs });
    this.sessions.set(name, { session, heard: this.clock() });
    const { devices } = session;
    return { session: name, devices: [...devices], timeToLive: this.timeToLiveMs / 1000 };
  }

  private living(): Promise<LivingMember[]> {
    return Promise.all(this.options.members.map((member) => living(member, statusMs)));
  }

  private async devices(session: string): Promise<DeviceInfo[]> {
    if (session !== '') return [...this.session(session).devices];
    return (await this.living()).flatMap(({ devices }) => devices);
  }

  /** Of workers that can be reached. */
  private async spans(request: TracingRequest): Promise<Span[]> {
    this.session(request.session);
    const answers = await Promise.allSettled(
      this.options.members.map(({ connection }) =>
        connection.calls.tracing(request, { timeoutMs: statusMs }),
      ),
    );
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.spans : []));
  }

  private session(name: string): MasterSession {
    const found = this.sessions.get(name);
    if (!found) {
      throw new GraphError('ABORTED', 'session', {
        what: 'the master does not know this session: it was restarted or reset, or nothing was heard of the client for too long.',
        fix: 'make a new session and restore the last checkpoint.',
      });
    }
    found.heard = this.clock();
    return found.session;
  }

  private async end(name: string) {
    const found = this.sessions.get(name);
    this.sessions.delete(name);
    await found?.session.close();
    return {};
  }

  private async reset() {
    this.sessions.clear();
    await Promise.all(
      this.options.members.map(({ connection }) =>
        connection.calls.cleanupAll({}, { timeoutMs: statusMs }),
      ),
    );
    return {};
  }
}

async function done(task: Promise<void>) {
  await task;
  return {};
}
