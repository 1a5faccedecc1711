import { type DType, HostTensor, type KnownShape, type TypedArray } from '@tenon/core';
import type { LinkFormat } from '../collectives/index.js';
import type { WireFailure } from '../transport/failure.js';
import type { Peer } from '../transport/transport.js';

/** A host tensor as it goes from thread to thread or process to process. */
export interface PlainTensor {
  readonly dtype: DType;
  readonly shape: KnownShape;
  readonly data: TypedArray;
}

export const plain = ({ dtype, shape, data }: HostTensor): PlainTensor => ({ dtype, shape, data });

export const tensorOf = ({ dtype, shape, data }: PlainTensor): HostTensor =>
  new HostTensor(data, shape, dtype);

/** The step of a model for batches of one kind; see `ReplicatedGraph`. */
export interface GraphMessage {
  readonly bytes: Uint8Array;
  /** How many values are fed before `share` and `counts`. */
  readonly fed: number;
  readonly state: number;
  readonly totals: number;
  readonly seed: number;
}

/** All that a step changes. */
export interface StateMessage {
  readonly state: readonly PlainTensor[];
  readonly totals: readonly PlainTensor[];
  /** Runs so far, on which random numbers depend. */
  readonly runs: number;
}

export interface StepMessage {
  readonly values: readonly PlainTensor[];
  readonly share: number;
  readonly counts: 0 | 1;
}

/** A place in a ring. */
export interface PlaceMessage extends LinkFormat {
  readonly rank: number;
  readonly size: number;
  readonly deadline: number;
}

/** Shared memory of a replica's links and of the replicas that its frames wake; none where a pump moves the frames. */
export interface RingMemory {
  readonly incoming: SharedArrayBuffer;
  readonly outgoing: SharedArrayBuffer;
  readonly signal: SharedArrayBuffer;
  readonly before?: SharedArrayBuffer;
  readonly next?: SharedArrayBuffer;
}

/** What a replica is asked, and what it answers. */
export interface Requests {
  load: { ask: GraphMessage; answer: null };
  join: { ask: PlaceMessage & RingMemory; answer: null };
  write: { ask: StateMessage; answer: null };
  /** Answers with the totals after the step. */
  step: { ask: StepMessage; answer: readonly PlainTensor[] };
  read: { ask: null; answer: StateMessage };
  /** Answers with a digest of the state: replicas that agree have the same. */
  digest: { ask: null; answer: string };
  /** To the process of a replica: answers with where it listens. */
  listen: { ask: ListenMessage; answer: Peer };
  /** To the process of a replica, after all listen: from where frames come. */
  connect: { ask: ConnectMessage; answer: null };
}

export interface ListenMessage {
  readonly place: PlaceMessage;
  readonly name: string;
  /** Tells this ring from those before it. */
  readonly ring: string;
  readonly token: string;
}

export interface ConnectMessage {
  readonly before: Peer;
  /** Of the replica before. */
  readonly name: string;
}

export type RequestKind = keyof Requests;

export type ToReplica = {
  [K in RequestKind]: {
    readonly kind: K;
    readonly number: number;
    readonly ask: Requests[K]['ask'];
  };
}[RequestKind];

/** Ends the ring of a replica; it is not answered. */
export interface AbortMessage {
  readonly kind: 'abort';
  readonly failure: WireFailure;
}

export type FromReplica =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failure: WireFailure };
