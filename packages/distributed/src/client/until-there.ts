import { setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, GraphError } from '@tenon/core';
import { readCount } from '../cluster/environment.js';

export interface WaitOptions {
  /** Milliseconds. */
  readonly waitMs: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which a warning says, once, what is waited for. Default 10,000. */
  readonly warnMs?: number;
}

/** The seconds of TENON_WAIT, in milliseconds; 0 where it is not set. Errors: CLUSTER_INVALID. */
export const environmentWaitMs = (): number => 1000 * (readCount(process.env, 'TENON_WAIT') ?? 0);

// What a cluster answers, or does not, while its processes start.
const notYet: ReadonlySet<ErrorCode> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED']);
const pauseMs = 250;

/** Asks again until the master and all workers are there, or the time is over. Errors: those of the last answer. */
export async function untilThere<T>(
  ask: () => Promise<T>,
  { waitMs, signal, warnMs = 10_000 }: WaitOptions,
): Promise<T> {
  const start = performance.now();
  const end = start + waitMs;
  let warned = false;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const code = error instanceof GraphError ? error.code : undefined;
      if (!code || !notYet.has(code) || performance.now() + pauseMs > end) throw error;
      if (!warned && performance.now() >= start + warnMs) {
        warned = true;
        process.emitWarning(`waiting for the cluster: ${(error as GraphError).message}`);
      }
      // Who ends the wait gets the reason that it was for.
      await pause(pauseMs, undefined, signal ? { signal } : {}).catch(() => Promise.reject(error));
    }
  }
}
