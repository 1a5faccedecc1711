import { GraphError } from '@tenon/core';
import { WorkerSession, type WorkerSessionOptions } from './worker-session.js';

export interface SessionTableOptions {
  readonly timeToLiveMs: number;
  /** Milliseconds since any beginning. */
  readonly clock: () => number;
}

/** The sessions on a worker. One of which nothing is heard for too long is deleted: its master has vanished. */
export class SessionTable {
  readonly timeToLiveMs: number;
  private readonly clock: () => number;
  private readonly sessions = new Map<string, { session: WorkerSession; heard: number }>();

  constructor({ timeToLiveMs, clock }: SessionTableOptions) {
    this.timeToLiveMs = timeToLiveMs;
    this.clock = clock;
  }

  create(options: WorkerSessionOptions): void {
    this.delete(options.name, 'the session was made again.');
    const session = new WorkerSession(options);
    this.sessions.set(options.name, { session, heard: this.clock() });
  }

  /** A session, which lives on by that. */
  find(name: string): WorkerSession | undefined {
    const found = this.sessions.get(name);
    if (found) found.heard = this.clock();
    return found?.session;
  }

  /** The same. Errors: ABORTED. */
  get(name: string): WorkerSession {
    const found = this.find(name);
    if (found) return found;
    throw new GraphError('ABORTED', name, {
      what: 'the worker does not know this session: it was closed, or nothing was heard of it for too long.',
      fix: 'make a new session and restore the last checkpoint.',
    });
  }

  /** Frees what a session has; who waits in it fails with RUN_ABORTED and the reason. */
  delete(name: string, reason: string): void {
    const found = this.sessions.get(name);
    this.sessions.delete(name);
    found?.session.free(new GraphError('RUN_ABORTED', name, { what: reason }));
  }

  deleteAll(reason: string): void {
    for (const name of [...this.sessions.keys()]) this.delete(name, reason);
  }

  sweep(): void {
    const oldest = this.clock() - this.timeToLiveMs;
    for (const [name, { session, heard }] of this.sessions) {
      if (heard < oldest && !session.busy) this.delete(name, 'nothing was heard of its master.');
    }
  }

  /** What all sessions hold. */
  counts() {
    const sessions = [...this.sessions.values()].map(({ session }) => session);
    const total = (count: (session: WorkerSession) => number) =>
      sessions.reduce((sum, session) => sum + count(session), 0);
    return {
      sessions: sessions.length,
      graphs: total(({ graphCount }) => graphCount),
      variables: total(({ variables }) => variables.size),
    };
  }
}
