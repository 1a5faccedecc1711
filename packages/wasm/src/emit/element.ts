import { type DType, dtypes } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import type { FunctionBuilder } from '../encoder/function.js';
import { f64, i32, i64 } from '../encoder/scalar.js';
import { i8x16, i16x8, i32x4, v128 } from '../encoder/simd.js';
import { halfLanes } from './half.js';

export const bytesOf = (dtype: DType): number => dtypes[dtype].bytes;

/** How elements of a dtype come from memory into lanes and go back. Offsets are constant and not negative. */
export interface Element {
  readonly bytes: number;
  /** Four elements side by side. */
  load(address: Code, offset: number): Code;
  /** One element in every lane; of 64-bit dtypes the scalar. */
  loadOne(address: Code, offset: number): Code;
  /** One element into one lane of a vector that holds `loadLane`s so far; `finish` makes values of them. */
  loadLane(lane: number, address: Code, vector: Code, offset: number): Code;
  finish(lanes: Code): Code;
  store(address: Code, value: Code, offset: number): Code;
  /** Makes of a value what `storeLane` takes. */
  prepare(value: Code): Code;
  storeLane(lane: number, address: Code, prepared: Code, offset: number): Code;
}

const same = (value: Code): Code => value;

const word: Element = {
  bytes: 4,
  load: v128.load,
  loadOne: v128.load32Splat,
  loadLane: v128.load32Lane,
  finish: same,
  store: v128.store,
  prepare: same,
  storeLane: v128.store32Lane,
};

/** A byte in each 32-bit lane. */
const byte = (signed: boolean): Element => {
  const load = signed ? i32.load8s : i32.load8u;
  const widen = signed
    ? (bytes: Code) => i32x4.extendLowI16x8S(i16x8.extendLowI8x16S(bytes))
    : (bytes: Code) => i32x4.extendLowI16x8U(i16x8.extendLowI8x16U(bytes));
  return {
    bytes: 1,
    load: (address, offset) => widen(v128.load32Zero(address, offset)),
    loadOne: (address, offset) => i32x4.splat(load(address, offset)),
    loadLane: (lane, address, vector, offset) =>
      i32x4.replaceLane(lane, vector, load(address, offset)),
    finish: same,
    store: (address, value, offset) => v128.store32Lane(0, address, narrowed(value), offset),
    prepare: same,
    storeLane: (lane, address, value, offset) =>
      i32.store8(address, i32x4.extractLane(lane, value), offset),
  };
};

/** The low bytes of four lanes in the first four bytes. */
const narrowed = (value: Code): Code =>
  i8x16.shuffle(value, value, [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12]);

function half(dtype: 'float16' | 'bfloat16', f: FunctionBuilder): Element {
  const { decode, encode } = halfLanes[dtype](f);
  return {
    bytes: 2,
    load: (address, offset) => decode(v128.load16x4U(address, offset)),
    loadOne: (address, offset) => decode(i32x4.splat(i32.load16u(address, offset))),
    loadLane: (lane, address, vector, offset) =>
      i32x4.replaceLane(lane, vector, i32.load16u(address, offset)),
    finish: decode,
    store(address, value, offset) {
      const bits = f.v128();
      const pairs = [0, 1, 4, 5, 8, 9, 12, 13];
      return seq(
        bits.set(encode(value)),
        v128.store64Lane(
          0,
          address,
          i8x16.shuffle(bits.get, bits.get, [...pairs, ...pairs]),
          offset,
        ),
      );
    },
    prepare: encode,
    storeLane: (lane, address, bits, offset) =>
      i32.store16(address, i32x4.extractLane(lane, bits), offset),
  };
}

const scalar = (ops: typeof i64 | typeof f64): Element => ({
  bytes: 8,
  load: ops.load,
  loadOne: ops.load,
  loadLane: (_lane, address, _vector, offset) => ops.load(address, offset),
  finish: same,
  store: ops.store,
  prepare: same,
  storeLane: (_lane, address, value, offset) => ops.store(address, value, offset),
});

const table: Record<DType, (f: FunctionBuilder) => Element> = {
  float32: () => word,
  int32: () => word,
  int8: () => byte(true),
  uint8: () => byte(false),
  bool: () => byte(false),
  float16: (f) => half('float16', f),
  bfloat16: (f) => half('bfloat16', f),
  int64: () => scalar(i64),
  float64: () => scalar(f64),
};

export const elementOf = (dtype: DType, f: FunctionBuilder): Element => table[dtype](f);
