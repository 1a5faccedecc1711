import type { Clock } from '../../rendezvous/index.js';
import type { Limits } from '../limits.js';

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'heartbeat' | 'silence'>;
  /** Whether something is waited for. */
  readonly busy: () => boolean;
  readonly ping: () => void;
  /** Told the milliseconds of silence. */
  readonly dead: (silent: number) => void;
}

/** Finds a connection that is open on this side only: while something is waited for, the peer must be heard from. */
export class Heartbeat {
  private readonly options: HeartbeatOptions;
  private last = 0;
  private stopTimer: (() => void) | undefined;

  constructor(options: HeartbeatOptions) {
    this.options = options;
  }

  /** Begins to watch, unless it does. */
  start(): void {
    if (this.stopTimer) return;
    this.last = this.options.clock.now();
    this.next();
  }

  heard(): void {
    this.last = this.options.clock.now();
  }

  stop(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  private next(): void {
    const { clock, limits } = this.options;
    this.stopTimer = clock.after(limits.heartbeat, () => this.beat());
  }

  private beat(): void {
    const { busy, clock, dead, limits, ping } = this.options;
    this.stopTimer = undefined;
    if (!busy()) return;
    const silent = Math.round(clock.now() - this.last);
    if (silent >= limits.silence) {
      dead(silent);
      return;
    }
    ping();
    this.next();
  }
}
