import type { VirtualClock } from '../../simulate/virtual-clock.js';
import { SharedRate } from './shared-rate.js';

export interface HostOptions {
  readonly clock: VirtualClock;
  /** Of its network interface, each way, in bytes per second. */
  readonly bandwidth: number;
  /** Time of the main thread for each message that it sends or receives. */
  readonly requestTime: number;
  /** Time for each byte of a stream, in or out. */
  readonly transferTimePerByte: number;
  readonly receive: (message: unknown) => void;
}

/** The machine of one process: a main thread that does one thing after the other, and a network interface. */
export class Host {
  readonly sending: SharedRate;
  readonly receiving: SharedRate;
  /** Moves the bytes of streams in both directions; undefined where that costs nothing. */
  readonly moving: SharedRate | undefined;
  readonly bandwidth: number;
  readonly #options: HostOptions;
  #inbox: unknown[] = [];
  #taken = 0;
  #serving = false;
  #free = 0;
  #busy = 0;

  constructor(options: HostOptions) {
    const { clock, bandwidth, transferTimePerByte } = options;
    this.#options = options;
    this.bandwidth = bandwidth;
    this.sending = new SharedRate(clock, bandwidth);
    this.receiving = new SharedRate(clock, bandwidth);
    if (transferTimePerByte > 0) this.moving = new SharedRate(clock, 1 / transferTimePerByte);
  }

  /** Whether no message waits for its main thread, or is in its hands. */
  get idle(): boolean {
    return !this.#serving;
  }

  /** Seconds of work that its main thread was given. */
  get busy(): number {
    return this.#busy;
  }

  /** Gives the main thread work; what it sends afterwards leaves later. Returns the seconds until it is done. */
  work(seconds: number): number {
    const { now } = this.#options.clock;
    this.#free = Math.max(this.#free, now) + seconds;
    this.#busy += seconds;
    return this.#free - now;
  }

  /** The main thread writes a message. Returns the seconds until it leaves. */
  write(): number {
    return this.work(this.#options.requestTime);
  }

  /** A message has arrived; the main thread takes one at a time, in order of arrival. */
  deliver(message: unknown): void {
    this.#inbox.push(message);
    if (!this.#serving) this.#serve();
  }

  #serve(): void {
    const { clock, requestTime, receive } = this.#options;
    this.#serving = this.#taken < this.#inbox.length;
    if (!this.#serving) return;
    if (this.#free <= clock.now) {
      const message = this.#inbox[this.#taken++];
      if (this.#taken === this.#inbox.length) {
        this.#inbox = [];
        this.#taken = 0;
      }
      this.work(requestTime);
      receive(message);
    }
    clock.scheduleAt(this.#free, () => this.#serve());
  }
}
