import { ClusterError } from '../protocol/cluster-error.js';
import type { LivingMember, Member } from './member.js';

interface Lease {
  /** Of its present life, as far as is known. */
  incarnation: string | undefined;
  expiry: number;
  /** Whether the last question came through; one that computes may not answer for long. */
  reached: boolean;
  asking: boolean;
  expired: boolean;
  /** Rises with every sign of life: an answer to an earlier question is old. */
  signs: number;
}

export interface MemberLeasesOptions {
  readonly members: readonly Member[];
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
    await Promise.all(this.options.members.map((member) => this.askOne(member, sessions)));
  }

  /** A worker has been heard of in one of its lives. */
  heard(name: string, incarnation: string): void {
    const { clock, leaseMs } = this.options;
    const lease = this.leaseOf(name);
    lease.signs++;
    Object.assign(lease, {
      incarnation,
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

  /** Why a worker is lost in the life that a session knows; undefined while nothing speaks against it. */
  lossOf({ name, address, incarnation }: LivingMember): ClusterError | undefined {
    const lease = this.leases.get(name);
    if (!lease) return undefined;
    if (lease.incarnation !== undefined && lease.incarnation !== incarnation) {
      return lost(name, 'the worker was restarted, and has lost its variables and graphs.');
    }
    if (!lease.expired) return undefined;
    return lost(name, `nothing was heard of it at ${address} for ${this.options.leaseMs} ms.`);
  }

  private async askOne({ name, connection }: Member, sessions: readonly string[]): Promise<void> {
    const { leaseMs: timeoutMs } = this.options;
    const lease = this.leaseOf(name);
    if (lease.asking) return;
    lease.asking = true;
    const { signs } = lease;
    try {
      const status = await connection.calls.getStatus({ sessions: [...sessions] }, { timeoutMs });
      if (status.worker === name && lease.signs === signs) this.heard(name, status.incarnation);
    } catch (error) {
      lease.reached = !(error instanceof ClusterError) || error.code !== 'WORKER_LOST';
    } finally {
      lease.asking = false;
    }
  }

  private leaseOf(name: string): Lease {
    const { clock, leaseMs } = this.options;
    const lease = this.leases.get(name) ?? {
      incarnation: undefined,
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

const lost = (worker: string, what: string): ClusterError =>
  new ClusterError('WORKER_LOST', worker, {
    what,
    fix: 'make a new session and restore the last checkpoint.',
    worker,
  });
