import { setTimeout as wait } from 'node:timers/promises';
import { GraphError } from '@tenon/core';

/** A task from its start to its end, in a process or a thread of its own. */
export interface TaskLife {
  /** Its address, when it can be reached. Errors: RUN_FAILED where it ends before. */
  readonly listening: Promise<string>;
  /** How it has ended, when it has: `SIGKILL`, `status 1`. */
  readonly ended: Promise<string>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Asks it to end, and waits for it. */
  end(): Promise<void>;
}

export interface Supervision {
  /** How often the task is started again within a minute; 0 leaves it ended. */
  readonly restartsPerMinute: number;
  /** Hears of every end. */
  readonly report: (message: string) => void;
}

export interface SupervisedTaskOptions<Life extends TaskLife> extends Supervision {
  /** `worker/0`, for errors. */
  readonly name: string;
  /** Starts it, at the address that it had in its first life. */
  readonly start: (address: string | undefined) => Life;
}

const minute = 60_000;
// The port of a process that has just died may be taken for a moment.
const firstDelay = 50;

/** A task that is started again, at the same address, when it has ended. */
export class SupervisedTask<Life extends TaskLife = TaskLife> {
  private readonly options: SupervisedTaskOptions<Life>;
  private current: Life;
  private running: Promise<string>;
  private address: string | undefined;
  private restarts: number[] = [];
  /** Rises when its end is wanted: who restarts an earlier life stops then. */
  private wanted = 0;

  constructor(options: SupervisedTaskOptions<Life>) {
    this.options = options;
    this.current = options.start(undefined);
    this.running = this.current.listening;
    void this.running.then(
      (address) => {
        this.address = address;
        this.watch();
      },
      () => {},
    );
  }

  /** The last one. */
  get life(): Life {
    return this.current;
  }

  /** Its address, when it can be reached (again). Errors: RUN_FAILED where it did not start; UNAVAILABLE where it is not started again. */
  listening(): Promise<string> {
    return this.running;
  }

  /** Ends it, if it has not ended, and starts it; this counts as no failure. */
  async restart(): Promise<void> {
    this.wanted++;
    await this.current.kill();
    this.follow(this.startAgain());
    await this.running;
  }

  /** Asks it to end; it is not started again. */
  async end(): Promise<void> {
    this.wanted++;
    await this.current.end();
  }

  async close(): Promise<void> {
    this.wanted++;
    await this.current.kill();
  }

  private startAgain(): Promise<string> {
    this.current = this.options.start(this.address);
    return this.current.listening;
  }

  private follow(running: Promise<string>): void {
    this.running = running;
    running.then(
      () => this.watch(),
      () => {},
    );
  }

  private watch(): void {
    const { current, wanted } = this;
    void current.ended.then((end) => {
      if (this.wanted === wanted && this.current === current) this.follow(this.supervised(end));
    });
  }

  /** Starts until it listens, as often as is allowed. */
  private async supervised(end: string): Promise<string> {
    const { options, wanted } = this;
    for (let attempt = 0, last = end; ; attempt++) {
      options.report(this.count(last));
      if (attempt > 0) await wait(firstDelay * 2 ** attempt);
      if (this.wanted !== wanted) throw this.lost('it was ended.');
      try {
        return await this.startAgain();
      } catch (error) {
        if (this.wanted !== wanted) throw error;
        last = error instanceof Error ? error.message : `${options.name} does not start`;
      }
    }
  }

  /** One restart more, in words. Errors: UNAVAILABLE where it would be one too many. */
  private count(end: string): string {
    const { restartsPerMinute, name, report } = this.options;
    const now = performance.now();
    this.restarts = this.restarts.filter((time) => time > now - minute);
    if (this.restarts.length >= restartsPerMinute) {
      const error = this.lost(
        `it has ended (${end}) and is not started again: that has happened ${this.restarts.length} times within a minute.`,
      );
      report(error.message);
      throw error;
    }
    this.restarts.push(now);
    return `${name} has ended (${end}) and is started again: ${this.restarts.length} of at most ${restartsPerMinute} times within a minute.`;
  }

  private lost(what: string): GraphError {
    return new GraphError('UNAVAILABLE', this.options.name, {
      what,
      fix: 'see why it ends, then call restart, or allow more restartsPerMinute.',
    });
  }
}
