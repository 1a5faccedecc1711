import { type HostTensor, hostTensor } from '@tenon/core';
import { formatKey, RendezvousTables } from '../../src/rendezvous/index.js';
import type { Limits } from '../../src/transport/limits.js';
import type { ReceiveRequest, Transport } from '../../src/transport/transport.js';

export const worker = '/job:ps/replica:0/task:0';
export const incarnation = '17';
export const self = { worker, incarnation };

/** One sender and one receiver. */
export interface Pair {
  readonly transport: Transport;
  /** Of the sender. */
  readonly tables: RendezvousTables;
  /** Ends the sender without a word. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface PairOptions {
  readonly limits?: Partial<Limits>;
  /** Another life than the receiver expects. */
  readonly incarnation?: string;
}

export const newTables = (life = incarnation): RendezvousTables =>
  new RendezvousTables({ worker, incarnation: life });

export const keyOf = (edge: string, life = incarnation): string =>
  formatKey({
    sourceDevice: `${worker}/device:js:0`,
    sourceIncarnation: life,
    destinationDevice: '/job:worker/replica:0/task:0/device:js:0',
    edge,
    frame: 0,
    iteration: 0,
  });

export const requestOf = (edge: string, options: Partial<ReceiveRequest> = {}): ReceiveRequest => ({
  worker,
  step: '1',
  key: keyOf(edge),
  deadline: Date.now() + 10_000,
  ...options,
});

export const scalar = (value: number): HostTensor => hostTensor(value, { shape: [] });

/** Values that tell each place from its neighbours. */
export function ramp(length: number): HostTensor {
  const data = new Float32Array(length);
  for (let i = 0; i < length; i++) data[i] = i % 1013;
  return hostTensor(data);
}

/** Turns of the event loop until something holds; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
