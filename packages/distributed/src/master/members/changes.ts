import { randomUUID } from 'node:crypto';

/** Counts changes of something, and wakes those that wait for the next. */
export class Changes {
  // Another life of the process counts anew.
  private readonly life = randomUUID();
  private readonly waiting = new Set<() => void>();
  private count = 0;

  get version(): string {
    return `${this.life}.${this.count}`;
  }

  /** There was one. */
  tell(): void {
    this.count++;
    this.wake();
  }

  /** Lets all go that wait. */
  wake(): void {
    for (const end of [...this.waiting]) end();
  }

  /** Settles when the version is another, or the time is over. */
  async since(
    version: string,
    { waitMs, signal }: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    if (version !== this.version || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        this.waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, waitMs);
      timer.unref();
      signal?.addEventListener('abort', end, { once: true });
      this.waiting.add(end);
    });
  }
}
