import { type DType, dtypes, type HostTensor, type KnownShape, type TypedArray } from '@tenon/core';
import type { WireFailure } from '../failure.js';

/** From the thread that receives. */
export type ToSender =
  | {
      readonly kind: 'pull';
      readonly request: number;
      readonly step: string;
      readonly key: string;
      readonly deadline: number;
      /** Shared memory that the sender writes into. */
      readonly into?: TypedArray;
      /** Who has the last word on `into`; see `Claim`. */
      readonly claim?: Int32Array;
    }
  | { readonly kind: 'cancel'; readonly request: number };

/** From the thread that sends. */
export type ToReceiver =
  | ({ readonly kind: 'tensor'; readonly request: number } & PostedTensor)
  /** The values are in `into`. */
  | {
      readonly kind: 'written';
      readonly request: number;
      readonly dtype: DType;
      readonly shape: KnownShape;
    }
  | { readonly kind: 'failure'; readonly request: number; readonly failure: WireFailure };

export const isShared = (array: TypedArray): boolean => array.buffer instanceof SharedArrayBuffer;

/** A tensor as it goes through a port. */
export interface PostedTensor {
  readonly dtype: DType;
  readonly shape: KnownShape;
  readonly values: TypedArray;
}

/**
 * A tensor as it is posted, and the memory that is moved with it: values in shared memory stay where they are, others are copied. That
 * copy does not lie in shared memory of its own, of whose size garbage collection takes no notice.
 */
export function posted({ dtype, shape, data }: HostTensor): {
  readonly tensor: PostedTensor;
  readonly moved: readonly ArrayBuffer[];
} {
  if (isShared(data)) return { tensor: { dtype, shape, values: data }, moved: [] };
  const { buffer, byteOffset, byteLength } = data;
  const copy = new Uint8Array(buffer, byteOffset, byteLength).slice().buffer;
  return { tensor: { dtype, shape, values: new dtypes[dtype].host(copy) }, moved: [copy] };
}

const [open, taken] = [0, 1];

/** A word of shared memory that both threads may claim once: the sender to write into the receiver's memory, the receiver to take it back. */
export const newClaim = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

/** Whether the caller was first. */
export const wins = (claim: Int32Array): boolean =>
  Atomics.compareExchange(claim, 0, open as number, taken as number) === open;
