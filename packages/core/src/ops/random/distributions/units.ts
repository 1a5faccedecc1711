import type { DType } from '../../../graph/dtype.js';
import { call, cast, literal } from '../../../lower/kernel-builder.js';
import type { Expression } from '../../../lower/loop-ir.js';
import type { ScalarFunction } from '../../../lower/scalar.js';

/** A scalar function of an expression and a number or another expression. */
export const apply = (fn: ScalarFunction, a: Expression, b: number | Expression): Expression =>
  call(fn, a, typeof b === 'number' ? literal(b, a.dtype) : b);

const shifted = (word: Expression, by: number, dtype: DType): Expression =>
  cast(call('shiftRightLogical', word, literal(by, 'int32')), dtype);

/**
 * Random bits that a dtype's numbers below 1 can all hold: more would be rounded, and could give 1.
 */
const precision: Partial<Record<DType, number>> = { float16: 11, bfloat16: 8 };

/** Evenly spaced in [0, 1): 24 bits in float32, 53 in float64. */
export function unit(bits: readonly Expression[], dtype: DType): Expression {
  if (dtype === 'float64') {
    const [high, low] = bits.map((word, i) => shifted(word, 5 + i, dtype)) as [
      Expression,
      Expression,
    ];
    return apply('mul', call('add', apply('mul', high, 2 ** 26), low), 2 ** -53);
  }
  const count = precision[dtype] ?? 24;
  return cast(
    apply('mul', shifted(bits[0] as Expression, 32 - count, 'float32'), 2 ** -count),
    dtype,
  );
}

/** In (0, 1), symmetric about a half: neither end occurs, so that its logarithm is finite. */
export function openUnit(bits: readonly Expression[], dtype: DType): Expression {
  if (dtype === 'float64')
    return apply('add', apply('mul', unit(bits, dtype), 1 - 2 ** -53), 2 ** -54);
  return apply('mul', apply('add', shifted(bits[0] as Expression, 9, dtype), 0.5), 2 ** -23);
}

/** The dtype of the computation: half precision is rounded once, at the end. */
export const working = (dtype: DType): DType => (dtype === 'float64' ? dtype : 'float32');

/**
 * `sqrt(-2 log u) cos(2 pi v)`. Source: G. Box, M. Muller, "A note on the generation of random
 * normal deviates", 1958.
 */
export function standardNormal(bits: readonly Expression[], dtype: DType): Expression {
  const half = bits.length / 2;
  const radius = call('sqrt', apply('mul', call('log', openUnit(bits.slice(0, half), dtype)), -2));
  return apply(
    'mul',
    radius,
    call('cos', apply('mul', unit(bits.slice(half), dtype), 2 * Math.PI)),
  );
}
