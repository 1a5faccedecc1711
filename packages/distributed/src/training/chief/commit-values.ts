import type { HostTensor } from '@tenon/core';
import { type Commit, pushKey, type Update } from '../../coordinator/commit.js';

type Values = readonly HostTensor[];

// A replica waits for the answer to its commit, and for the end of its round: others were lost, or can not count.
const most = 8;

/** What came with the last commits of each replica, until they are part of an update. */
export class CommitValues {
  private readonly replicas = new Map<number, Map<string, Values>>();

  keep(commit: Commit, values: Values): void {
    const own = this.replicas.get(commit.worker) ?? new Map<string, Values>();
    this.replicas.set(commit.worker, own.set(pushKey(commit), values));
    const [oldest] = own.keys();
    if (own.size > most && oldest !== undefined) own.delete(oldest);
  }

  /** What came with the members of an update, in their order. */
  take({ members }: Update): Values[] {
    return members.map((member) => {
      const own = this.replicas.get(member.worker);
      const values = own?.get(pushKey(member)) ?? [];
      own?.delete(pushKey(member));
      return values;
    });
  }
}
