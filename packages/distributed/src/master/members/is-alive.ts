import { parseAddress } from '../../cluster/address.js';
import { askHeartbeat } from '../../heartbeat/ask-heartbeat.js';
import type { Security } from '../../transport/security.js';
import type { LivingMember } from './member.js';

/** A life of a worker, and how it is asked. */
export type Life = Omit<LivingMember, 'devices' | 'timeToLiveMs' | 'data'>;

export interface AliveOptions {
  /** Milliseconds within which it must answer. */
  readonly timeoutMs: number;
  readonly security?: Security;
}

/**
 * Whether a worker still is in the life that it was seen in. Its heartbeat thread answers, so that a long kernel is not a death; a
 * worker without one is asked for its status.
 */
export async function isAlive(member: Life, options: AliveOptions): Promise<boolean> {
  const { name: worker, address, incarnation, heartbeatPort: port, connection } = member;
  const { timeoutMs } = options;
  try {
    const host = parseAddress(address)?.host;
    if (host && port > 0) await askHeartbeat({ ...options, worker, host, port, incarnation });
    else return (await connection.calls.getStatus({}, { timeoutMs })).incarnation === incarnation;
    return true;
  } catch {
    return false;
  }
}
