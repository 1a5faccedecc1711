import type { DType } from '@tenon/core';
import { scalarLanes, vectorLanes } from '../conv/lanes.js';
import type { Code } from '../encoder/code.js';
import { choose, type FunctionBuilder, type ValueType } from '../encoder/function.js';
import { f32, f64 } from '../encoder/scalar.js';
import { f32x4, f64x2, i32x4, v128 } from '../encoder/simd.js';

type Binary = (a: Code, b: Code) => Code;
type Three = readonly [Code, Code, Code];

/** How a kernel folds elements that lie side by side, one or several at once. Arguments may be evaluated more than once. */
export interface RowLanes {
  /** Elements of one value. */
  readonly count: number;
  /** Bytes in memory of one element. */
  readonly bytes: number;
  readonly type: ValueType;
  load(address: Code, offset?: number): Code;
  store(address: Code, value: Code, offset?: number): Code;
  const(value: number | bigint): Code;
  readonly add: Binary;
  readonly mul: Binary;
  readonly greater: Binary;
  /** Where a is NaN; integers have none. */
  readonly unordered?: (a: Code) => Code;
  readonly or: Binary;
  /** a and not b, of masks */
  readonly andnot: Binary;
  select(mask: Code, whenTrue: Code, whenFalse: Code): Code;
}

export interface LanePair {
  /** Several elements at once, where the dtype has that. */
  readonly vector?: RowLanes;
  readonly scalar: RowLanes;
}

const intVector: RowLanes = {
  count: 4,
  bytes: 4,
  type: 'v128',
  load: v128.load,
  store: v128.store,
  const: (value) => i32x4.const(Number(value)),
  add: i32x4.add,
  mul: i32x4.mul,
  greater: i32x4.gtS,
  or: v128.or,
  andnot: v128.andnot,
  select: (mask, whenTrue, whenFalse) => v128.bitselect(whenTrue, whenFalse, mask),
};

/** Elements in the precision that they are stored in; half precision as float32. */
export function lanesOf(dtype: DType, f: FunctionBuilder): LanePair {
  const scalar = scalarLanes(dtype, f);
  if (dtype === 'float32') return { vector: vectorLanes, scalar };
  return dtype === 'int32' ? { vector: intVector, scalar } : { scalar };
}

/** Two elements of float32 in memory as float64. */
const doubleVector = {
  ...vectorLanes,
  count: 2,
  load: (address: Code, offset?: number) => f64x2.promoteLowF32x4(v128.load64Zero(address, offset)),
  store: (address: Code, value: Code, offset?: number) =>
    v128.store64Lane(0, address, f32x4.demoteF64x2Zero(value), offset),
  const: (value: number | bigint) => f64x2.const(Number(value)),
  add: f64x2.add,
  mul: f64x2.mul,
} satisfies RowLanes;

/** Floats of any precision carried as float64. Only sums and products of several at once. */
export function doubleLanes(dtype: DType, f: FunctionBuilder): LanePair {
  const stored = scalarLanes(dtype, f);
  const double = scalarLanes('float64', f);
  if (dtype === 'float64') return { scalar: double };
  const scalar: RowLanes = {
    ...double,
    bytes: stored.bytes,
    load: (address, offset) => f64.promoteF32(stored.load(address, offset)),
    store: (address, value, offset) => stored.store(address, f32.demoteF64(value), offset),
  };
  return dtype === 'float32' ? { vector: doubleVector, scalar } : { scalar };
}

/** An i32 in every lane of an index that belongs to values of these lanes. */
export const splatIndex = ({ type }: RowLanes, value: Code): Code =>
  type === 'v128' ? i32x4.splat(value) : value;

/** One of two indices that belong to values of these lanes, by a mask of theirs. */
export const selectIndex = ({ type }: RowLanes, [mask, whenTrue, whenFalse]: Three): Code =>
  type === 'v128' ? v128.bitselect(whenTrue, whenFalse, mask) : choose(mask, whenTrue, whenFalse);
