import { GraphError, type HostTensor, type TypedArray } from '@tenon/core';
import type { Pull, Sent } from '../rendezvous/index.js';

/** One tensor that a worker wants from another. */
export interface ReceiveRequest {
  /** The worker that sends: `/job:ps/replica:0/task:0`. */
  readonly worker: string;
  readonly step: string;
  /** Key of the rendezvous; see `formatKey`. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Memory for the values: an array of the dtype's host kind, as long as the tensor. It is not written once the call has ended. */
  readonly into?: TypedArray | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Moves tensors between workers: the receiver asks, the sender answers when it has the value. */
export interface Transport {
  /**
   * The value, in memory of its own or in `into`.
   * Errors: UNAVAILABLE (not reached, or the connection broke), ABORTED (another incarnation), DEADLINE_EXCEEDED, RUN_ABORTED
   * (cancelled, or the step has ended), UNAUTHENTICATED, FORMAT_INVALID (garbage, too large), SHAPE_MISMATCH (`into` does not fit), and
   * whatever the sender's step failed with.
   */
  receive(request: ReceiveRequest): Promise<HostTensor>;
  /** Ends all connections; who still waits gets UNAVAILABLE. */
  close(): Promise<void>;
}

/** What the sending side answers pulls from: the tables of a worker. */
export interface TensorSource {
  take(pull: Pull): Promise<Sent>;
}

/** Where a worker listens, and in which life it is expected to be. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  readonly incarnation: string;
}

/** Finds the address of a worker. Errors: NAME_UNKNOWN. */
export type PeerLookup = (worker: string) => Peer;

/** Who a worker is to its peers. */
export interface Self {
  readonly worker: string;
  readonly incarnation: string;
}

/** Refuses a worker that is not the one that was meant. Errors: UNAVAILABLE (another worker), ABORTED (another life of it). */
export function checkedIncarnation(self: Self, expected: Self): void {
  const { worker, incarnation } = expected;
  if (self.worker !== worker) {
    throw new GraphError('UNAVAILABLE', 'receive', {
      what: `worker ${worker} is not at its address; ${self.worker} is.`,
      fix: 'see whether the addresses of the cluster are right.',
    });
  }
  if (self.incarnation === incarnation) return;
  throw new GraphError('ABORTED', 'receive', {
    what: `worker ${worker} is in incarnation ${self.incarnation}, not ${incarnation}: it was probably restarted.`,
    fix: 'make a new session and restore the last checkpoint.',
  });
}
