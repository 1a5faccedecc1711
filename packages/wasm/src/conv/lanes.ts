import type { DType } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { choose, type FunctionBuilder, type ValueType } from '../encoder/function.js';
import { f32, f64, i32, i64 } from '../encoder/scalar.js';
import { f32x4, i32x4, v128 } from '../encoder/simd.js';
import { loadFloats } from '../gemm/floats.js';
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
  /** Where a >= b */
  readonly atLeast: Binary;
  /** b where it is greater, else a; what it gives for NaN is open. */
  readonly larger: Binary;
  readonly equal: Binary;
  /** Where a is NaN. */
  readonly unordered?: (a: Code) => Code;
  readonly or: Binary;
  /** a and not b, of masks */
  readonly andnot: Binary;
  select(mask: Code, whenTrue: Code, whenFalse: Code): Code;
  /** The value where the mask holds, else 0. */
  only(mask: Code, value: Code): Code;
  readonly none: Code;
  /** Counters in each lane, of the type of masks: 0 where the mask holds, else one more; one less; where they are 0. */
  countUp(counter: Code, reset: Code): Code;
  countDown(counter: Code): Code;
  isZero(counter: Code): Code;
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
  atLeast: f32x4.ge,
  larger: f32x4.pmax,
  equal: f32x4.eq,
  unordered: (a) => f32x4.ne(a, a),
  or: v128.or,
  andnot: v128.andnot,
  select: (mask, whenTrue, whenFalse) => v128.bitselect(whenTrue, whenFalse, mask),
  only: v128.and,
  none: f32x4.const(0),
  countUp: (counter, reset) => v128.andnot(i32x4.sub(counter, i32x4.const(-1)), reset),
  countDown: (counter) => i32x4.add(counter, i32x4.const(-1)),
  isZero: (counter) => i32x4.eq(counter, i32x4.const(0)),
  least: f32x4.const(Number.NEGATIVE_INFINITY),
};

/** The first 1..3 lanes of float32; what the others hold is not stored. */
const firstLanes = (count: number): Lanes => ({
  ...vectorLanes,
  count,
  load: (address, offset) => loadFloats(address, count, offset),
  store: (address, value, offset = 0) => {
    if (count === 1) return v128.store32Lane(0, address, value, offset);
    const pair = v128.store64Lane(0, address, value, offset);
    return count === 2 ? pair : seq(pair, v128.store32Lane(2, address, value, offset + 8));
  },
});

const scalarMasks = {
  count: 1,
  maskType: 'i32',
  or: i32.or,
  andnot: (a: Code, b: Code) => i32.and(a, i32.eqz(b)),
  select: choose,
  none: i32.const(0),
  countUp: (counter: Code, reset: Code) =>
    choose(reset, i32.const(0), i32.add(counter, i32.const(1))),
  countDown: (counter: Code) => i32.sub(counter, i32.const(1)),
  isZero: i32.eqz,
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
  atLeast: ops.ge,
  larger: (a: Code, b: Code) => choose(ops.gt(b, a), b, a),
  equal: ops.eq,
  only: (mask: Code, value: Code) => choose(mask, value, ops.const(0)),
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
  atLeast: ops.geS,
  larger: (a: Code, b: Code) => choose(ops.gtS(b, a), b, a),
  equal: ops.eq,
  only: (mask: Code, value: Code) => choose(mask, value, ops.const(0)),
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

/** The lanes that together pass over `count` elements side by side: vectors of float32 as far as they go, else single elements. */
export function lanesFor(
  dtype: DType,
  count: number,
  f: FunctionBuilder,
): { readonly lanes: Lanes; readonly from: number; readonly to: number }[] {
  const whole = dtype === 'float32' ? count - (count % 4) : 0;
  const rest = dtype === 'float32' ? firstLanes(count - whole) : scalarLanes(dtype, f);
  const parts = [
    { lanes: vectorLanes, from: 0, to: whole },
    { lanes: rest, from: whole, to: count },
  ];
  return parts.filter(({ from, to }) => to > from);
}
