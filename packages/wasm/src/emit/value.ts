import type { DType } from '@tenon/core';
import type { Code } from '../encoder/code.js';
import type { Local, ValueType } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { i32x4, v128 } from '../encoder/simd.js';

/**
 * How a value is computed: four lanes of f32 or i32, four lanes that are all ones or zeros, or one 64-bit scalar. Narrow dtypes
 * are computed in 32 bits.
 */
export type Kind = 'f32' | 'i32' | 'mask' | 'i64' | 'f64';

export interface Value {
  readonly kind: Kind;
  readonly code: Code;
}

const kinds = {
  float32: 'f32',
  float16: 'f32',
  bfloat16: 'f32',
  int32: 'i32',
  int8: 'i32',
  uint8: 'i32',
  bool: 'i32',
  int64: 'i64',
  float64: 'f64',
} as const satisfies Record<DType, Kind>;

export const kindOf = (dtype: DType): Exclude<Kind, 'mask'> => kinds[dtype];

export const typeOf = (kind: Kind): ValueType => (kind === 'i64' || kind === 'f64' ? kind : 'v128');

export const isHalf = (dtype: DType): dtype is 'float16' | 'bfloat16' =>
  dtype === 'float16' || dtype === 'bfloat16';

/** A mask as 0 and 1; other values as they are. */
export const unmasked = (value: Value): Value =>
  value.kind === 'mask' ? { kind: 'i32', code: v128.and(value.code, i32x4.const(1)) } : value;

/** Lane 0 of a 32-bit value as an i32. */
export const firstLane = (value: Value): Code => i32x4.extractLane(0, value.code);

/** A condition, an i32, in every lane of a mask. */
export const maskOf = (condition: Code): Code => i32x4.splat(i32.sub(i32.const(0), condition));

export const getter = (kind: Kind, local: Local): Value => ({ kind, code: local.get });
