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
import { MasterSession, type MasterSessionOptions } from './master-session.js';
import { type LivingMember, living, type Member } from './members/member.js';
import { MemberLeases } from './members/member-leases.js';
import { connectWorker, membership } from './members/membership.js';
import { Roster, type RosterOptions } from './members/roster.js';
import { readPlacement } from './place-graph.js';
import { membersOfRecord, type SessionRecord } from './session-record.js';
import { SessionStore } from './session-store.js';

export interface MasterOptions {
  /** The workers; what nothing constrains runs on the first device of the first. */
  readonly members: readonly Member[];
  /** The ops that graphs may use; all of the library when left out. None may have effects on the host. */
  readonly ops?: Iterable<OpInfo> | undefined;
  /** Milliseconds after which a session of which nothing is heard is closed. */
  readonly timeToLiveMs?: number | undefined;
  /** Milliseconds that a call to a worker may take, where the client says nothing. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds for which a worker that has answered is taken to live. */
  readonly leaseMs?: number | undefined;
  /** Directory for what another life of the master needs to go on with its sessions, and with workers that have joined; it forgets them when left out. */
  readonly state?: string | undefined;
  /** Reaches a worker that joins; over gRPC, with what the environment names, when left out. */
  readonly connect?: RosterOptions['connect'] | undefined;
  /** Milliseconds of silence after which a worker that has joined is no longer one of the cluster. Default 60,000. */
  readonly absenceMs?: number | undefined;
  /** Milliseconds since any beginning. */
  readonly clock?: () => number;
}

const masterName = '/job:master/replica:0/task:0';
const statusMs = 5000;

/** Takes graphs of clients, cuts them over the devices of the workers, and lets the workers run them. */
export class Master {
  readonly name = masterName;
  readonly handlers: Handlers<typeof MasterService>;
  /** Its workers. */
  readonly roster: Roster;
  private readonly options: MasterOptions;
  private readonly timeToLiveMs: number;
  private readonly timeoutMs: number;
  private readonly clock: () => number;
  private readonly leaseMs: number;
  private readonly sessions = new Map<string, { session: MasterSession; heard: number }>();
  private readonly leases: MemberLeases;
  private readonly store: SessionStore | undefined;
  /** Settles when the sessions of an earlier life are there. */
  private readonly adopting: Promise<void>;

  constructor(options: MasterOptions) {
    this.options = options;
    this.timeToLiveMs = options.timeToLiveMs ?? 600_000;
    this.timeoutMs = options.timeoutMs ?? 300_000;
    this.leaseMs = options.leaseMs ?? 5000;
    this.clock = options.clock ?? (() => performance.now());
    const { members: listed, state, connect = connectWorker, absenceMs = 60_000 } = options;
    const { leaseMs, clock } = this;
    this.roster = new Roster({ listed, connect, state, absenceMs, statusMs, clock });
    this.leases = new MemberLeases({
      members: () => this.roster.members,
      leaseMs,
      clock,
      busy: (worker) => [...this.sessions.values()].some(({ session }) => session.uses(worker)),
    });
    this.store = state === undefined ? undefined : new SessionStore(state);
    this.adopting = this.adoptAll();
    this.adopting.catch(() => {});
    this.handlers = this.named({
      createSession: ({ placement }) => this.create(readPlacement(placement)),
      closeSession: ({ session }) => this.end(session),
      listDevices: async ({ session }) => ({ devices: await this.devices(session) }),
      makeCallable: async (request) => done((await this.session(request.session)).make(request)),
      placeGraph: async (request) => ({
        devices: await (await this.session(request.session)).place(request),
      }),
      runCallable: async (request, signal) => ({
        outputs: await (await this.session(request.session)).run(request, signal),
      }),
      cancelRun: async ({ session, run }) => {
        this.sessions.get(session)?.session.cancel(run);
        return {};
      },
      releaseCallable: async ({ session, graphs }) =>
        done((await this.session(session)).release(graphs)),
      updateState: async (request) => done((await this.session(request.session)).update(request)),
      readVariable: async ({ session, variable }) => (await this.session(session)).read(variable),
      tracing: async (request) => ({ spans: await this.spans(request) }),
      reset: () => this.reset(),
      ...membership(this.roster, () => this.endLost()),
    });
  }

  /**
   * Asks the workers whether they live and lets them know which sessions do; ends runs whose workers are lost, and sessions of which
   * nothing was heard for too long.
   */
  async keepAlive(): Promise<void> {
    await this.adopting;
    const oldest = this.clock() - this.timeToLiveMs;
    for (const [name, { heard }] of this.sessions) if (heard < oldest) await this.end(name);
    this.endLost();
    await this.leases.ask([...this.sessions.keys()]);
    this.endLost();
    await this.roster.sweep((worker) => this.leases.silent(worker));
    this.roster.release((member) => this.holds(member));
  }

  /** Ends all sessions; those that are kept on disk stay for the next life of the master. */
  async close(): Promise<void> {
    await this.adopting.catch(() => {});
    if (!this.store) await Promise.all([...this.sessions.keys()].map((name) => this.end(name)));
    this.roster.close();
  }

  private holds(member: Member): boolean {
    return [...this.sessions.values()].some(({ session }) => session.holds(member));
  }

  private endLost(): void {
    this.leases.expire();
    for (const { session } of this.sessions.values()) session.endIfLost();
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

  /** Errors: UNAVAILABLE where a worker can not be reached, WRITE_FAILED. */
  private async create(placement: CheckedPlacement) {
    const members = await this.living();
    for (const member of members) this.leases.heard(member);
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
    const session = this.add({ name, members, placement });
    try {
      await session.keep();
    } catch (error) {
      await this.end(name);
      throw error;
    }
    const { devices } = session;
    return { session: name, devices: [...devices], timeToLive: this.timeToLiveMs / 1000 };
  }

  private add(
    own: Pick<MasterSessionOptions, 'name' | 'members' | 'placement'>,
    record?: SessionRecord,
  ): MasterSession {
    const { timeoutMs, leases, roster, store } = this;
    const { name } = own;
    const options = {
      ...own,
      ops: this.options.ops ?? allOps,
      timeoutMs,
      reconnectMs: this.leaseMs,
      lossOf: (member: LivingMember) => roster.lossOf(member) ?? leases.lossOf(member),
      save: async (kept: () => SessionRecord) => store?.save(name, kept),
    };
    const session = new MasterSession(options, record);
    this.sessions.set(name, { session, heard: this.clock() });
    return session;
  }

  /** Goes on with the sessions of an earlier life; those whose workers have lost them say so when they are called. */
  private async adoptAll(): Promise<void> {
    await this.roster.loaded;
    const records = (await this.store?.load()) ?? [];
    await Promise.allSettled(
      records.map(async (record) => {
        const members = membersOfRecord(record, this.roster.members);
        const { name, placement } = record;
        await this.add({ name, members, placement }, record).adopt();
      }),
    );
  }

  /** All workers of the list, and those of the others that are there. Errors: UNAVAILABLE. */
  private async living(): Promise<LivingMember[]> {
    await this.roster.loaded;
    const found = this.roster.members.map(async (member) => {
      if (!this.roster.hasJoined(member.name)) return [await living(member, statusMs)];
      if (this.leases.silent(member.name)) return [];
      return living(member, statusMs).then(
        (there) => [there],
        () => [],
      );
    });
    return (await Promise.all(found)).flat();
  }

  private async devices(session: string): Promise<DeviceInfo[]> {
    if (session !== '') return [...(await this.session(session)).devices];
    return (await this.living()).flatMap(({ devices }) => devices);
  }

  /** Of workers that can be reached. */
  private async spans(request: TracingRequest): Promise<Span[]> {
    await this.session(request.session);
    const answers = await Promise.allSettled(
      this.roster.members.map(({ connection }) =>
        connection.calls.tracing(request, { timeoutMs: statusMs }),
      ),
    );
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.spans : []));
  }

  private async session(name: string): Promise<MasterSession> {
    await this.adopting;
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
    await this.adopting;
    const found = this.sessions.get(name);
    this.sessions.delete(name);
    await found?.session.close();
    await this.store?.remove(name);
    return {};
  }

  private async reset() {
    await this.adopting;
    const names = [...this.sessions.keys()];
    this.sessions.clear();
    await Promise.all(names.map((name) => this.store?.remove(name)));
    await Promise.all(
      this.roster.members.map(({ connection }) =>
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
