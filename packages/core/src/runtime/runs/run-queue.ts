import { GraphError } from '../../errors.js';

/** Lets the runs of a session follow each other, and frees its memory when it is closed and the last run has ended. */
export class RunQueue {
  /** Runs that were asked for and have not ended. */
  private pending = 0;
  /** Of these, runs that use memory now. */
  private active = 0;
  private closed = false;
  private last: Promise<unknown> = Promise.resolve();
  private readonly free: () => void;

  constructor(free: () => void) {
    this.free = free;
  }

  /** Whether a run could start now. */
  get idle(): boolean {
    return this.pending === 0;
  }

  /** Settles when the runs that were asked for have ended. */
  async settled(): Promise<void> {
    await this.last;
  }

  /** Starts a task when those before have ended. Errors: SESSION_CLOSED. */
  async inTurn<T>(task: () => T | Promise<T>): Promise<T> {
    this.checkOpen();
    this.pending++;
    const result = this.last.then(async () => {
      this.active++;
      try {
        this.checkOpen();
        return await task();
      } finally {
        this.leave();
      }
    });
    this.last = result.catch(() => {});
    return result;
  }

  /** Begins a run at once; `leave` or `leaveAfter` ends it. Errors: SESSION_CLOSED, STATE_INVALID. */
  enter(where: string): void {
    this.checkOpen();
    if (this.pending > 0) {
      throw new GraphError('STATE_INVALID', where, {
        what: 'another run of this session has not ended.',
        fix: 'await it before.',
      });
    }
    // A host function of this run may try to start another, in the same memory.
    this.pending++;
    this.active++;
  }

  leave(): void {
    this.pending--;
    this.active--;
    if (this.closed && this.active === 0) this.free();
  }

  leaveAfter<T>(run: Promise<T>): Promise<T> {
    const result = run.finally(() => this.leave());
    this.last = result.catch(() => {});
    return result;
  }

  /** Memory is freed now, or when the run that uses it has ended. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.active === 0) this.free();
  }

  checkOpen(): void {
    if (this.closed) {
      throw new GraphError('SESSION_CLOSED', 'Session', {
        what: 'the session is closed.',
        fix: 'make a new one: new Session().',
      });
    }
  }
}
