import { setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, GraphError } from '@tenon/core';
import type { Connection } from '../protocol/call.js';
import type { MasterService } from '../protocol/gen/distributed_pb.js';

export interface WaitOptions {
  /** Milliseconds. */
  readonly waitMs: number;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

// What a cluster answers, or does not, while its processes start.
const notYet: ReadonlySet<ErrorCode> = new Set(['WORKER_LOST', 'UNAVAILABLE', 'DEADLINE_EXCEEDED']);
const pauseMs = 250;

/** A connection on which a session is asked for again until the master and all workers are there, or the time is over. */
export function waitingConnection(
  connection: Connection<typeof MasterService>,
  { waitMs, signal }: WaitOptions,
): Connection<typeof MasterService> {
  const { createSession, ...calls } = connection.calls;
  const patient: typeof createSession = async (request, options) => {
    const end = performance.now() + waitMs;
    for (;;) {
      try {
        return await createSession(request, options);
      } catch (error) {
        const code = error instanceof GraphError ? error.code : undefined;
        if (!code || !notYet.has(code) || performance.now() + pauseMs > end) throw error;
        // Who ends the wait gets the reason that it was for.
        await pause(pauseMs, undefined, { signal }).catch(() => Promise.reject(error));
      }
    }
  };
  return { ...connection, calls: { ...calls, createSession: patient } };
}
