import { GraphError } from '../errors.js';
import type { Session } from './session.js';

/** Whether an error says that processes are gone, with what the session had there: a new beginning from a checkpoint can help. */
export const isStateLost = (error: unknown): error is GraphError =>
  error instanceof GraphError && (error.code === 'ABORTED' || error.code === 'UNAVAILABLE');

export interface RenewOptions {
  /** Milliseconds for which what is gone may stay away. */
  readonly timeoutMs: number;
}

const firstPause = 50;
const longestPause = 2000;

/**
 * Begins a session anew and restores its variables, again and again until the processes that are gone are back. Errors: that of the
 * last attempt when the time is over, and at once those that no new beginning can mend.
 */
export async function renewUntilRestored<T>(
  session: Session,
  restore: () => Promise<T>,
  { timeoutMs }: RenewOptions,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (let pause = firstPause; ; pause = Math.min(longestPause, 2 * pause)) {
    try {
      await session.renew();
      return await restore();
    } catch (error) {
      if (!isStateLost(error) || performance.now() + pause > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
