import { readCredentials } from '../../cluster/credentials.js';
import { ClusterError } from '../../protocol/cluster-error.js';
import { isAlive, type Life } from './is-alive.js';
import type { LivingMember, Member } from './member.js';

interface Lease {
  /** Of its present life, as far as is known. */
  incarnation: string | undefined;
  heartbeatPort: number;
  expiry: number;
  /** Whether the last question came through; one that computes may not answer for long. */
  reached: boolean;
  asking: boolean;
  expired: boolean;
  /** Rises with every sign of life: an answer to an earlier question is old. */
  signs: number;
}

export interface MemberLeasesOptions {
  /** Those that the cluster has now. */
  readonly members: () => readonly Member[];
  /** Milliseconds for which a worker that answers is taken to live. */
  readonly leaseMs: number;
  readonly clock: () => number;
  /** Whether a worker runs a step now: the deadline of the step bounds its silence then. */
  readonly busy: (worker: string) => boolean;
}

/** Which workers live: each answer is a lease, which runs out unless the next one comes in time. */
export class MemberLeases {
  private readonly options: MemberLeasesOptions;
  private readonly leases = new Map<string, Lease>();

  constructor(options: MemberLeasesOptions) {
    this.options = options;
  }

  /** Asks all workers who they are, and lets them know which sessions live; settles when they have answered or are late. */
  async ask(sessions: readonly string[]): Promise<void> {
    await Promise.all(this.options.members().map((member) => this.askOne(member, sessions)));
  }

  /** A worker has been heard of in one of its lives. */
  heard({ name, incarnation, heartbeatPort }: Omit<Life, 'address' | 'connection'>): void {
    const { clock, leaseMs } = this.options;
    const lease = this.leaseOf(name);
    lease.signs++;
    Object.assign(lease, {
      incarnation,
      heartbeatPort,
      expiry: clock() + leaseMs,
      reached: true,
      expired: false,
    });
  }

  /** Ends leases that have run out. */
  expire(): void {
    const now = this.options.clock();
    for (const [name, lease] of this.leases) {
      const silent = now >= lease.expiry;
      lease.expired = silent && (!lease.reached || !this.options.busy(name));
    }
  }

  /** Whether nothing is heard of a worker. */
  silent(worker: string): boolean {
    return this.leases.get(worker)?.expired ?? false;
  }

  /** Why a worker is lost in the life that a session knows; undefined while nothing speaks against it. */
  lossOf({ name, address, incarnation }: LivingMember): ClusterError | undefined {
    const lease = this.leases.get(name);
    if (!lease) return undefined;
    if (lease.incarnation !== undefined && lease.incarnation !== incarnation) {
      return new ClusterError('ABORTED', name, {
        what: 'the worker was restarted, and has lost its variables and graphs.',
        fix: 'make a new session and restore the last checkpoint.',
        worker: name,
      });
    }
    if (!lease.expired) return undefined;
    return new ClusterError('UNAVAILABLE', name, {
      what: `nothing was heard of it at ${address} for ${this.options.leaseMs} ms.`,
      fix: 'see that the process runs, and that its machine can be reached.',
      worker: name,
    });
  }

  private async askOne(member: Member, sessions: readonly string[]): Promise<void> {
    const { name } = member;
    const lease = this.leaseOf(name);
    if (lease.asking) return;
    lease.asking = true;
    const { signs } = lease;
    try {
      const life = await this.lifeOf(member, lease, sessions);
      if (life && lease.signs === signs) this.heard(life);
    } catch (error) {
      lease.reached = !(error instanceof ClusterError) || error.code !== 'UNAVAILABLE';
    } finally {
      lease.asking = false;
    }
  }

  /** The life that a worker is in, if it is that worker. One that computes is silent: its heartbeat speaks for it. */
  private async lifeOf(
    member: Member,
    { incarnation, heartbeatPort }: Lease,
    sessions: readonly string[],
  ): Promise<Life | undefined> {
    const timeoutMs = this.options.leaseMs / 2;
    try {
      const { calls } = member.connection;
      const status = await calls.getStatus({ sessions: [...sessions] }, { timeoutMs });
      return status.worker === member.name ? { ...member, ...status } : undefined;
    } catch (error) {
      const security = readCredentials(process.env);
      const last = { ...member, incarnation: incarnation ?? '', heartbeatPort };
      if (heartbeatPort > 0 && (await isAlive(last, { timeoutMs, security }))) return last;
      throw error;
    }
  }

  private leaseOf(name: string): Lease {
    const { clock, leaseMs } = this.options;
    const lease = this.leases.get(name) ?? {
      incarnation: undefined,
      heartbeatPort: 0,
      expiry: clock() + leaseMs,
      reached: true,
      asking: false,
      expired: false,
      signs: 0,
    };
    this.leases.set(name, lease);
    return lease;
  }
}
