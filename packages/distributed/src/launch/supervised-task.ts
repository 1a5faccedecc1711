import { setTimeout as wait } from 'node:timers/promises';
import { GraphError } from '@tenon/core';
import { startTaskProcess, type TaskProcess, type TaskProcessOptions } from './task-process.js';

export interface SupervisedTaskOptions extends TaskProcessOptions {
  /** How often the task is started again within a minute; 0 leaves it ended. */
  readonly restartsPerMinute: number;
  /** Hears of every end. */
  readonly report: (message: string) => void;
}

const minute = 60_000;
// The port of a process that has just died may be taken for a moment.
const firstDelay = 50;

/** A task in a process of its own that is started again, at the same address, when the process has ended. */
export class SupervisedTask {
  private readonly options: SupervisedTaskOptions;
  private process: TaskProcess;
  private running: Promise<string>;
  private port = 0;
  private restarts: number[] = [];
  /** Rises when its end is wanted: who restarts an earlier life stops then. */
  private life = 0;

  constructor(options: SupervisedTaskOptions) {
    this.options = options;
    this.process = this.start();
    this.running = this.process.listening;
    void this.running.then(
      (address) => {
        this.port = Number(address.slice(address.lastIndexOf(':') + 1));
        this.watch();
      },
      () => {},
    );
  }

  get pid(): number {
    return this.process.pid;
  }

  /** `host:port`, when it listens again. Errors: RUN_FAILED where it did not start; UNAVAILABLE where it is not started again. */
  listening(): Promise<string> {
    return this.running;
  }

  signal(signal: NodeJS.Signals): Promise<void> {
    return this.process.signal(signal);
  }

  /** Ends it, if it has not ended, and starts it; this counts as no failure. */
  async restart(): Promise<void> {
    this.life++;
    await this.process.signal('SIGKILL');
    this.follow(this.startAgain());
    await this.running;
  }

  /** Asks it to end; it is not started again. */
  async end(): Promise<void> {
    this.life++;
    await this.process.signal('SIGTERM');
  }

  async close(): Promise<void> {
    this.life++;
    await this.process.signal('SIGKILL');
  }

  private start(): TaskProcess {
    const { settings, ...rest } = this.options;
    return startTaskProcess({ ...rest, settings: { ...settings, port: this.port } });
  }

  private startAgain(): Promise<string> {
    this.process = this.start();
    return this.process.listening;
  }

  private follow(running: Promise<string>): void {
    this.running = running;
    running.then(
      () => this.watch(),
      () => {},
    );
  }

  private watch(): void {
    const { process, life } = this;
    void process.ended.then((end) => {
      if (this.life === life && this.process === process) this.follow(this.supervised(end));
    });
  }

  /** Starts until it listens, as often as is allowed. */
  private async supervised(end: string): Promise<string> {
    const { options, life } = this;
    for (let attempt = 0, last = end; ; attempt++) {
      options.report(this.count(last));
      if (attempt > 0) await wait(firstDelay * 2 ** attempt);
      if (this.life !== life) throw this.lost('it was ended.');
      try {
        return await this.startAgain();
      } catch (error) {
        if (this.life !== life) throw error;
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
        `its process has ended (${end}) and is not started again: that has happened ${this.restarts.length} times within a minute.`,
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
