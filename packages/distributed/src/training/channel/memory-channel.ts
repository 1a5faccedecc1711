import type { HostTensor } from '@tenon/core';
import type { Channel, Listener } from './channel.js';

/** One end of a channel between two parts of one process; tensors are handed over as they are. */
class MemoryChannel implements Channel {
  readonly watched = true;
  peer!: MemoryChannel;
  private listener: Listener | undefined;
  private open = true;

  send(body: object, tensors: readonly HostTensor[] = []): void {
    if (!this.open) return;
    const { peer } = this;
    // As between processes, an answer never comes before what is sent next.
    setImmediate(() => {
      if (peer.open) peer.listener?.packet({ body, tensors });
    });
  }

  listen(listener: Listener): void {
    this.listener = listener;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    const { peer } = this;
    setImmediate(() => peer.end());
  }

  private end(): void {
    if (!this.open) return;
    this.open = false;
    this.listener?.closed();
  }
}

/** Both ends of a channel inside of one process. */
export function channelPair(): readonly [Channel, Channel] {
  const [one, other] = [new MemoryChannel(), new MemoryChannel()];
  one.peer = other;
  other.peer = one;
  return [one, other];
}

/** A channel to nobody. */
export function closedChannel(): Channel {
  const [one, other] = channelPair();
  other.close();
  return one;
}
