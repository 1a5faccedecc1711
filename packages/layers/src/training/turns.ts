/**
 * When training lets other tasks of the process run: `auto` every 12 ms, a number every so many milliseconds, `batch` after each
 * execution of steps, `epoch` after each epoch, `never` not at all.
 */
export type YieldEvery = 'auto' | 'batch' | 'epoch' | 'never' | number;

// Timers, sockets and frames of 60 Hz are served in time, and a turn costs a few microseconds.
const autoEvery = 12;

// Steps of a microsecond would spend more time on asking for the time than on anything else.
const lookEvery = 1;
const mostUnseen = 64;

/** Gives other tasks of the process a turn now and then: steps that run on this thread never would. */
export class Turns {
  private readonly every: number;
  private readonly afterEpochs: boolean;
  private last = performance.now();
  private looked = this.last;
  /** Executions between two looks at the clock, and how many of them are left. */
  private unseen = 0;
  private left = 0;

  constructor(yieldEvery: YieldEvery = 'auto') {
    this.every = milliseconds(yieldEvery);
    this.afterEpochs = yieldEvery === 'epoch' || yieldEvery === 'batch';
  }

  /** Whether it is time to look at the clock: about once in a millisecond, or after each execution that takes longer. */
  looks(): boolean {
    if (this.left > 0) {
      this.left--;
      return false;
    }
    const now = performance.now();
    const quick = now - this.looked < lookEvery && this.every >= autoEvery;
    this.unseen = quick ? Math.min(mostUnseen, 2 * this.unseen + 1) : this.unseen >> 1;
    this.left = this.unseen;
    this.looked = now;
    return true;
  }

  /** What to wait for; undefined if the last turn was not long ago. */
  take(): Promise<void> | undefined {
    return this.looked - this.last < this.every ? undefined : this.turn();
  }

  /** What to wait for after an epoch. */
  takeAfterEpoch(): Promise<void> | undefined {
    this.looked = performance.now();
    return this.afterEpochs ? this.turn() : this.take();
  }

  private async turn(): Promise<void> {
    await new Promise<void>(nextTask);
    this.last = performance.now();
  }
}

function milliseconds(yieldEvery: YieldEvery): number {
  if (typeof yieldEvery === 'number') return yieldEvery;
  return {
    auto: autoEvery,
    batch: 0,
    epoch: Number.POSITIVE_INFINITY,
    never: Number.POSITIVE_INFINITY,
  }[yieldEvery];
}

// Timers wait for a millisecond at least, in browsers for four: too long to wait for nothing.
const nextTask: (done: () => void) => void =
  typeof setImmediate === 'function' ? setImmediate : throughChannel;

function throughChannel(done: () => void): void {
  const { port1, port2 } = new MessageChannel();
  const arrived = () => {
    port1.close();
    done();
  };
  port1.addEventListener('message', arrived, { once: true });
  port1.start();
  port2.postMessage(null);
}
