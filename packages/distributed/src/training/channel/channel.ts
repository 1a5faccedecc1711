import type { HostTensor } from '@tenon/core';

/** What travels: an object that JSON can hold, and tensors beside it. */
export interface Packet {
  readonly body: unknown;
  readonly tensors: readonly HostTensor[];
}

export interface Listener {
  packet(packet: Packet): void;
  /** No packet follows. */
  closed(): void;
}

/** The line of two tasks to each other: packets arrive in order, or the channel closes. */
export interface Channel {
  /** Whether it closes at once when the other side has ended: while it is open, that one lives. */
  readonly watched: boolean;
  /** Nothing is sent once the channel is closed. The tensors must not change any more. */
  send(body: object, tensors?: readonly HostTensor[]): void;
  /** To be called once, before anything can arrive. */
  listen(listener: Listener): void;
  close(): void;
}

/** Opens a channel to a task; one that can not be reached closes soon. */
export type Dial = (address: string) => Channel;
