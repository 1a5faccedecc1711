import type { Range } from './place.js';

export interface Access {
  readonly reads: readonly Range[];
  readonly writes: readonly Range[];
  /** Whether the first thread does it alone. */
  readonly solo: boolean;
}

/** Whether a thread may meet in one range what another touches in the other. */
const meet = (a: Range, b: Range): boolean => {
  if (a.space !== b.space || a.to <= b.from || b.to <= a.from) return false;
  const sameRows = a.rows !== undefined && a.rows === b.rows && a.from === b.from && a.to === b.to;
  return !sameRows;
};

/**
 * Which kernels must wait for those before them. Threads run through the kernels on their own; a barrier is needed where a
 * kernel touches what another has written since the last barrier, or writes what another has touched. What one thread did
 * alone is in order for what it does alone, and so is what each thread does in its own rows.
 */
export class Hazards {
  private since: Access[] = [];

  /** Whether a barrier must come before; the access is noted as done after it. */
  follows(access: Access): boolean {
    const waits = this.since.some((before) => conflict(before, access));
    if (waits) this.since = [];
    this.since.push(access);
    return waits;
  }

  /** A barrier was passed. */
  clear(): void {
    this.since = [];
  }
}

/** Whether threads may do both at once, in any order and with what others do of them. */
export function conflict(before: Access, after: Access): boolean {
  if (before.solo && after.solo) return false;
  const meets = (a: readonly Range[], b: readonly Range[]) =>
    a.some((one) => b.some((other) => meet(one, other)));
  return (
    meets(before.writes, after.reads) ||
    meets(before.writes, after.writes) ||
    meets(before.reads, after.writes)
  );
}
