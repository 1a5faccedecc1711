import { GraphError } from '@tenon/core';
import type { Connection } from '../../protocol/call.js';
import { ClusterError } from '../../protocol/cluster-error.js';
import type { WorkerService } from '../../protocol/gen/distributed_pb.js';
import { taskName } from '../../worker/worker.js';
import { Changes } from './changes.js';
import { type JoinRequest, mostJoined } from './join-request.js';
import { living, type Member } from './member.js';
import { type JoinedTask, MemberStore } from './member-store.js';

export interface RosterOptions {
  /** The workers on the list of the cluster, which stay whether they live or not. */
  readonly listed: readonly Member[];
  /** Reaches a worker that joins. */
  readonly connect: (task: Pick<Member, 'name' | 'address'>) => Connection<typeof WorkerService>;
  /** Directory of the master's state. */
  readonly state: string | undefined;
  /** Milliseconds of silence after which a worker that has joined is taken off again. */
  readonly absenceMs: number;
  /** Milliseconds within which a worker that joins must answer. */
  readonly statusMs: number;
  readonly clock: () => number;
}

interface Joined extends JoinedTask {
  readonly member: Member;
  /** When it was last known to live. */
  seen: number;
}

/** Which workers a cluster has: those on its list, and those that have joined it at other addresses. */
export class Roster {
  /** Settles when the workers that had joined an earlier life of the master are known. */
  readonly loaded: Promise<void>;
  /** Workers that come and go. */
  readonly changes = new Changes();
  private readonly options: RosterOptions;
  private readonly store: MemberStore | undefined;
  private readonly joined = new Map<string, Joined>();
  /** Names given out to workers that are not there yet, and until when. */
  private readonly promised = new Map<string, number>();
  /** Workers that have gone while sessions may still hold them. */
  private readonly departed = new Set<Member>();

  constructor(options: RosterOptions) {
    this.options = options;
    this.store = options.state === undefined ? undefined : new MemberStore(options.state);
    this.loaded = this.load();
    this.loaded.catch(() => {});
  }

  /** All of them; parameter servers come last, since what nothing constrains runs on the first. */
  get members(): readonly Member[] {
    const { listed } = this.options;
    if (this.joined.size === 0) return listed;
    const joined = [...this.joined.values()].sort((a, b) => a.task - b.task);
    const all = [...listed, ...joined.map(({ member }) => member)];
    const last = ({ name }: Member) => Number(name.startsWith('/job:ps/'));
    return all.sort((a, b) => last(a) - last(b));
  }

  hasJoined(name: string): boolean {
    return this.joined.has(name);
  }

  /**
   * Takes in a worker that has its number, or knows it again; promises a number to one that has none: its former one where it comes
   * back to its address. Errors: NAME_TAKEN, STATE_INVALID where there are too many, UNAVAILABLE where it does not answer.
   */
  async join({ job, address, task }: JoinRequest): Promise<number> {
    const { listed, clock, connect, statusMs } = this.options;
    const owner = address !== '' && listed.find((member) => member.address === address);
    if (owner) throw taken(address, `it is on the list of the cluster, as ${owner.name}.`);
    const before = [...this.joined.values()].find((one) => one.address === address);
    if (task === undefined) return before?.job === job ? before.task : this.promise(job);
    const name = taskName(job, task);
    const held = this.joined.get(name);
    if (held && held === before) {
      held.seen = clock();
      return task;
    }
    if (held || listed.some((member) => member.name === name))
      throw taken(name, 'the number is that of another worker.');
    if (!this.promised.has(name)) this.checkCount();
    const member = { name, address, connection: connect({ name, address }) };
    try {
      await living(member, statusMs);
      if (this.joined.has(name)) throw taken(name, 'another worker has got the number meanwhile.');
    } catch (error) {
      member.connection.close();
      throw error;
    }
    await this.admit({ job, task, address }, member);
    return task;
  }

  /** The least number of a job that nobody has, kept for whoever asks. Errors: STATE_INVALID. */
  promise(job: string): number {
    const { listed, clock, absenceMs } = this.options;
    this.checkCount();
    const names = new Set([...listed.map(({ name }) => name), ...this.promised.keys()]);
    for (let task = 0; ; task++) {
      const name = taskName(job, task);
      if (names.has(name) || this.joined.has(name)) continue;
      this.promised.set(name, clock() + absenceMs);
      return task;
    }
  }

  /** Takes in a worker that answers; whoever else had its address is gone. */
  async admit(task: JoinedTask, member: Member): Promise<void> {
    const { name, address } = member;
    for (const [other, one] of this.joined)
      if (address !== '' && one.address === address) this.depart(other);
    this.promised.delete(name);
    this.joined.set(name, { ...task, member, seen: this.options.clock() });
    await this.changed();
  }

  /** A worker goes; nothing happens where another has its number or it has gone already. */
  async leave({ job, task, address }: JoinedTask): Promise<void> {
    const name = taskName(job, task);
    if (this.joined.get(name)?.address !== address) return;
    this.depart(name);
    await this.changed();
  }

  /** Takes off those of which nothing was heard for too long. */
  async sweep(silent: (name: string) => boolean): Promise<void> {
    const { clock, absenceMs } = this.options;
    const now = clock();
    for (const [name, end] of this.promised) if (end <= now) this.promised.delete(name);
    let gone = 0;
    for (const [name, one] of this.joined) {
      if (!silent(name)) one.seen = now;
      if (now - one.seen < absenceMs) continue;
      this.depart(name);
      gone++;
    }
    if (gone > 0) await this.changed();
  }

  /** Why a session can not have a worker any more. */
  lossOf({ name, connection }: Member): ClusterError | undefined {
    if (![...this.departed].some((member) => member.connection === connection)) return undefined;
    return new ClusterError('ABORTED', name, {
      what: 'the worker has left the cluster, with its variables and graphs.',
      fix: 'make a new session and restore the last checkpoint.',
      worker: name,
    });
  }

  /** Closes the connections to workers that have gone and that no session holds. */
  release(holds: (member: Member) => boolean): void {
    for (const member of this.departed) {
      if (holds(member)) continue;
      this.departed.delete(member);
      member.connection.close();
    }
  }

  close(): void {
    this.changes.wake();
    for (const { connection } of [...this.members, ...this.departed]) connection.close();
  }

  private depart(name: string): void {
    const one = this.joined.get(name);
    if (!one) return;
    this.joined.delete(name);
    this.departed.add(one.member);
  }

  private async changed(): Promise<void> {
    this.changes.tell();
    await this.store?.save(() =>
      [...this.joined.values()].map(({ job, task, address }) => ({ job, task, address })),
    );
  }

  private async load(): Promise<void> {
    const { connect, clock, listed } = this.options;
    for (const one of (await this.store?.load()) ?? []) {
      const name = taskName(one.job, one.task);
      const { address } = one;
      // The list may have grown since.
      if (listed.some((member) => member.name === name || member.address === address)) continue;
      const member = { name, address, connection: connect({ name, address }) };
      this.joined.set(name, { ...one, member, seen: clock() });
    }
  }

  private checkCount(): void {
    if (this.joined.size + this.promised.size < mostJoined) return;
    throw new GraphError('STATE_INVALID', 'join', {
      what: `${mostJoined} workers have joined, which are as many as a cluster takes in.`,
      fix: 'put workers on the list of the cluster.',
    });
  }
}

const taken = (where: string, what: string): GraphError =>
  new GraphError('NAME_TAKEN', where, {
    what,
    fix: 'ask for a number again, or start the process at another address.',
  });
