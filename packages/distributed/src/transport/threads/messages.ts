import type { DType, KnownShape, TypedArray } from '@tenon/core';
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
  | {
      readonly kind: 'tensor';
      readonly request: number;
      readonly dtype: DType;
      readonly shape: KnownShape;
      /** Shared memory; left out where the values are in `into` already. */
      readonly values?: TypedArray;
    }
  | { readonly kind: 'failure'; readonly request: number; readonly failure: WireFailure };

export const isShared = (array: TypedArray): boolean => array.buffer instanceof SharedArrayBuffer;

/** The same values in shared memory; a copy only where they are not. */
export function shared(array: TypedArray): TypedArray {
  if (isShared(array)) return array;
  const copy = new (array.constructor as new (memory: SharedArrayBuffer) => TypedArray)(
    new SharedArrayBuffer(array.byteLength),
  );
  (copy as Float32Array).set(array as Float32Array);
  return copy;
}

const [open, taken] = [0, 1];

/** A word of shared memory that both threads may claim once: the sender to write into the receiver's memory, the receiver to take it back. */
export const newClaim = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

/** Whether the caller was first. */
export const wins = (claim: Int32Array): boolean =>
  Atomics.compareExchange(claim, 0, open as number, taken as number) === open;
