import type { DType } from '@tenon/core';
import type { Code } from '../encoder/code.js';
import { choose, type FunctionBuilder, type Local } from '../encoder/function.js';
import { i32, i64 } from '../encoder/scalar.js';

/** Indices of an integer dtype, one after the other. */
export interface IndexReader {
  readonly bytes: number;
  /** Reads one. */
  read(address: Code): Code;
  /** Whether the one that was read is in 0..size - 1. */
  inside(size: number): Code;
  /** Whether it is below 0, or at least a size. */
  readonly below: Code;
  beyond(size: number): Code;
  /** It as an i32; one that does not fit is the nearest that does. */
  readonly value: Code;
}

const loads = {
  int32: [i32.load, 4],
  int8: [i32.load8s, 1],
  uint8: [i32.load8u, 1],
  bool: [i32.load8u, 1],
} as const;

const mostInt = 2 ** 31 - 1;

export function indexReader(f: FunctionBuilder, dtype: DType): IndexReader {
  if (dtype === 'int64') return longReader(f.local('i64'));
  const [load, bytes] = loads[dtype as keyof typeof loads];
  const index = f.i32();
  return {
    bytes,
    read: (address) => index.set(load(address)),
    inside: (size) => i32.ltU(index.get, i32.const(Math.min(size, 2 ** 31))),
    below: i32.ltS(index.get, i32.const(0)),
    beyond: (size) => (size > mostInt ? i32.const(0) : i32.geS(index.get, i32.const(size))),
    value: index.get,
  };
}

function longReader(index: Local): IndexReader {
  const [least, most] = [i64.const(-mostInt - 1), i64.const(mostInt)];
  const notAbove = choose(i64.ltS(index.get, most), index.get, most);
  return {
    bytes: 8,
    read: (address) => index.set(i64.load(address)),
    inside: (size) => i64.ltU(index.get, i64.const(size)),
    below: i64.ltS(index.get, i64.const(0)),
    beyond: (size) => i64.geS(index.get, i64.const(size)),
    value: i32.wrapI64(choose(i64.gtS(index.get, least), notAbove, least)),
  };
}
