import type { VirtualClock } from '../../simulate/virtual-clock.js';
import type { Host } from './host.js';

// As large as what fits into a few packets, which do not wait for the streams beside them.
const smallMessage = 4096;

/**
 * Carries messages between hosts. A large one is a stream that shares the interfaces of both ends, and their time to
 * move bytes, with the other streams there; it has arrived when the slowest of these is done with it.
 */
export class Wire {
  readonly #clock: VirtualClock;
  readonly #latency: number;
  /** Messages carried. */
  messages = 0;
  /** Bytes carried. */
  bytes = 0;
  /** Messages that have not arrived yet. */
  underway = 0;

  constructor(clock: VirtualClock, latency: number) {
    this.#clock = clock;
    this.#latency = latency;
  }

  carry(message: unknown, bytes: number, { from, to }: { from: Host; to: Host }): void {
    this.messages++;
    this.underway++;
    this.bytes += bytes;
    const departure = from.write();
    if (bytes > smallMessage) {
      this.#clock.schedule(departure, () => this.#stream(message, bytes, { from, to }));
      return;
    }
    const time = bytes / Math.min(from.bandwidth, to.bandwidth);
    this.#clock.schedule(departure + this.#latency + time, () => this.#arrive(message, to));
  }

  #stream(message: unknown, bytes: number, { from, to }: { from: Host; to: Host }): void {
    const resources = [from.sending, to.receiving];
    for (const { moving } of [from, to]) if (moving) resources.push(moving);
    let left = resources.length;
    for (const resource of resources) {
      resource.add(bytes, () => {
        left--;
        if (left === 0) this.#clock.schedule(this.#latency, () => this.#arrive(message, to));
      });
    }
  }

  #arrive(message: unknown, to: Host): void {
    this.underway--;
    to.deliver(message);
  }
}
