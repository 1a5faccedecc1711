import { GraphError } from '@tenon/core';
import type { Clock } from './clock.js';

/** How long a caller waits. */
export interface Wait {
  /** Milliseconds since the epoch; no end when left out. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whom and what is waited for, for the error that ends the wait. */
export interface Awaited {
  readonly worker: string;
  readonly key: string;
}

const told = ({ key, worker }: Awaited) => `${key} of worker ${worker}`;

/** The error of a wait that its deadline ended. */
export const deadlineExceeded = (awaited: Awaited, waited: number): GraphError =>
  new GraphError('DEADLINE_EXCEEDED', 'receive', {
    what: `${told(awaited)} did not arrive within ${Math.max(0, Math.round(waited))} ms.`,
    fix: 'see whether that worker runs and whether its part of the step failed; give a later deadline if the step is that long.',
  });

/** The error of a wait that its caller ended. */
export const cancelled = (awaited: Awaited, signal: AbortSignal): GraphError =>
  new GraphError('RUN_ABORTED', 'receive', {
    what: `the wait for ${told(awaited)} was cancelled.`,
    cause: signal.reason,
  });

/** Calls `end` with an error once the deadline passes or the signal is given; what it returns stops the watch. */
export function watch(
  wait: Wait & Awaited,
  clock: Clock,
  end: (error: GraphError) => void,
): () => void {
  const { deadline, signal } = wait;
  const started = clock.now();
  const stopTimer =
    deadline === undefined || deadline === Number.POSITIVE_INFINITY
      ? undefined
      : clock.after(deadline - started, () =>
          finish(deadlineExceeded(wait, clock.now() - started)),
        );
  const onAbort = () => finish(cancelled(wait, signal as AbortSignal));
  signal?.addEventListener('abort', onAbort, { once: true });
  const stop = () => {
    stopTimer?.();
    signal?.removeEventListener('abort', onAbort);
  };
  const finish = (error: GraphError) => {
    stop();
    end(error);
  };
  return stop;
}

/** Why a wait is over before it begins, if it is. */
export function overBefore(wait: Wait & Awaited, clock: Clock): GraphError | undefined {
  if (wait.signal?.aborted) return cancelled(wait, wait.signal);
  const { deadline } = wait;
  return deadline !== undefined && deadline <= clock.now() ? deadlineExceeded(wait, 0) : undefined;
}

/** The promise's value, unless the wait ends first. Errors: DEADLINE_EXCEEDED, RUN_ABORTED. */
export function within<T>(promise: Promise<T>, wait: Wait & Awaited, clock: Clock): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = watch(wait, clock, reject);
    promise.then(resolve, reject).finally(stop);
  });
}
