import type { Code } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';

/** Where bytes lie: at an address, or where a local says. Places in different spaces never overlap. */
export type Place =
  | { readonly kind: 'fixed'; readonly address: number }
  | { readonly kind: 'given'; readonly local: Local };

export const fixed = (address: number): Place => ({ kind: 'fixed', address });
export const given = (local: Local): Place => ({ kind: 'given', local });

export const addressOf = (place: Place): Code =>
  place.kind === 'fixed' ? i32.const(place.address) : place.local.get;

/** Bytes of a place, as hazards compare them. */
export interface Range {
  /** -1: the memory as a whole; else the number of the local. */
  readonly space: number;
  readonly from: number;
  readonly to: number;
  /** Of so many equal rows each thread touches only its own: see `KernelFunction.shareRows`. */
  readonly rows?: number;
}

export function rangeOf(place: Place, bytes: number, rows?: number): Range {
  const shared = rows === undefined ? {} : { rows };
  return place.kind === 'fixed'
    ? { space: -1, from: place.address, to: place.address + bytes, ...shared }
    : { space: place.local.index, from: 0, to: bytes, ...shared };
}
