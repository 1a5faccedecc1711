export interface Deadline {
  readonly timeoutMs: number;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** The error of a wait that took too long. */
  readonly late: () => Error;
}

/** What a promise gives, unless it takes too long or is cancelled. */
export function withDeadline<T>(promise: Promise<T>, deadline: Deadline): Promise<T> {
  const { timeoutMs, signal, late } = deadline;
  return new Promise<T>((resolve, reject) => {
    const cancel = () => reject(signal?.reason);
    const timer = setTimeout(() => reject(late()), timeoutMs);
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    });
  });
}
