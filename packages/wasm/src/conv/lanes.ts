import type { DType } from '@tenon/core';
import type { Code } from '../encoder/code.js';
import { choose, type FunctionBuilder, type ValueType } from '../encoder/function.js';
import { f32, f64, i32, i64 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { halfCodec } from './half-codec.js';

type Binary = (a: Code, b: Code) => Code;

/**
 * How a kernel computes on elements of one dtype that lie side by side: four at once, or one. Arguments may be evaluated more
 * than once. A mask is `maskType`; integers have no `unordered`.
 */
export interface Lanes {
  /** Elements of one value. */
  readonly count: number;
  /** Bytes in memory of one element. */
  readonly bytes: number;
  readonly type: ValueType;
  readonly maskType: ValueType;
  load(address: Code, offset?: number): Code;
  store(address: Code, value: Code, offset?: number): Code;
  const(value: number): Code;
  /** An i32 in every lane. */
  fromI32(value: Code): Code;
  readonly add: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly greater: Binary;
  /** b where it is greater, else a; what it gives for NaN is open. */
  readonly larger: Binary;
  readonly equal: Binary;
  /** Where a is NaN. */
  readonly unordered?: (a: Code) => Code;
  readonly or: Binary;
  /** a and not b, of masks */
  readonly andnot: Binary;
  select(mask: Code, whenTrue: Code, whenFalse: Code): Code;
  readonly none: Code;
  /** The least value of the dtype. */
  readonly least: Code;
}

/** Four lanes of float32. */
export const vectorLanes: Lanes = {
  count: 4,
  bytes: 4,
  type: 'v128',
  maskType: 'v128',
  load: v128.load,
  store: v128.store,
  const: f32x4.const,
  fromI32: (value) => f32x4.splat(f32.convertI32S(value)),
  add: f32x4.add,
  mul: f32x4.mul,
  div: f32x4.div,
  greater: f32x4.gt,
  larger: f32x4.pmax,
  equal: f32x4.eq,
  unordered: (a) => f32x4.ne(a, a),
  or: v128.or,
  andnot: v128.andnot,
  select: (mask, whenTrue, whenFalse) => v128.bitselect(whenTrue, whenFalse, mask),
  none: f32x4.const(0),
  least: f32x4.const(Number.NEGATIVE_INFINITY),
};

const scalarMasks = {
  count: 1,
  maskType: 'i32',
  or: i32.or,
  andnot: (a: Code, b: Code) => i32.and(a, i32.eqz(b)),
  select: choose,
  none: i32.const(0),
} as const;

const floating = (ops: typeof f32 | typeof f64) => ({
  ...scalarMasks,
  fromI32: ops.convertI32S,
  load: ops.load,
  store: ops.store,
  const: ops.const,
  add: ops.add,
  mul: ops.mul,
  div: ops.div,
  greater: ops.gt,
  larger: (a: Code, b: Code) => choose(ops.gt(b, a), b, a),
  equal: ops.eq,
  unordered: (a: Code) => ops.ne(a, a),
  least: ops.const(Number.NEGATIVE_INFINITY),
});

const integral = (ops: typeof i32 | typeof i64) => ({
  ...scalarMasks,
  load: ops.load,
  store: ops.store,
  const: ops.const,
  add: ops.add,
  mul: ops.mul,
  div: ops.divS,
  greater: ops.gtS,
  larger: (a: Code, b: Code) => choose(ops.gtS(b, a), b, a),
  equal: ops.eq,
});

const single = { ...floating(f32), bytes: 4, type: 'f32' } as const satisfies Lanes;
const int = { ...integral(i32), type: 'i32', fromI32: (value: Code) => value } as const;
const bytes = { ...int, bytes: 1, store: i32.store8 } as const;

const scalars: Record<DType, (f: FunctionBuilder) => Lanes> = {
  float32: () => single,
  float64: () => ({ ...floating(f64), bytes: 8, type: 'f64' }),
  float16: (f) => half(f, 'float16'),
  bfloat16: (f) => half(f, 'bfloat16'),
  int64: () => ({
    ...integral(i64),
    bytes: 8,
    type: 'i64',
    fromI32: i64.extendI32S,
    least: i64.const(-(2n ** 63n)),
  }),
  int32: () => ({ ...int, bytes: 4, least: i32.const(-(2 ** 31)) }),
  int8: () => ({ ...bytes, load: i32.load8s, least: i32.const(-128) }),
  uint8: () => ({ ...bytes, load: i32.load8u, least: i32.const(0) }),
  bool: () => ({ ...bytes, load: i32.load8u, least: i32.const(0) }),
};

function half(f: FunctionBuilder, dtype: 'float16' | 'bfloat16'): Lanes {
  const codec = halfCodec[dtype](f);
  return {
    ...single,
    bytes: 2,
    load: (address, offset) => codec.decode(i32.load16u(address, offset)),
    store: (address, value, offset) => i32.store16(address, codec.encode(value), offset),
  };
}

/** One element at a time of any dtype; half precision is computed in float32 and rounded when it is stored. */
export const scalarLanes = (dtype: DType, f: FunctionBuilder): Lanes => scalars[dtype](f);

/** The lanes that together pass over `count` elements side by side: as many vectors as there are, then single elements. */
export function lanesFor(
  dtype: DType,
  count: number,
  f: FunctionBuilder,
): { readonly lanes: Lanes; readonly from: number; readonly to: number }[] {
  const whole = dtype === 'float32' ? count - (count % 4) : 0;
  const parts = [
    { lanes: vectorLanes, from: 0, to: whole },
    { lanes: scalarLanes(dtype, f), from: whole, to: count },
  ];
  return parts.filter(({ from, to }) => to > from);
}
