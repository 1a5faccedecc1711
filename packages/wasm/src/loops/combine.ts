import type { Combine, DType, ScalarFunction } from '@tenon/core';
import { constant } from '../emit/body-values.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { laneFunction } from '../emit/lane-functions.js';
import { scalarFunction64 } from '../emit/scalar-functions.js';
import { getter, isHalf, kindOf, typeOf, unmasked, type Value } from '../emit/value.js';
import { type Code, seq } from '../encoder/code.js';
import { i8x16, v128 } from '../encoder/simd.js';

const functions = {
  sum: 'add',
  prod: 'mul',
  max: 'max',
  min: 'min',
} as const satisfies Record<Combine, ScalarFunction>;

interface Extremes {
  readonly least: number | bigint;
  readonly most: number | bigint;
}

const endless: Extremes = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };

const extremes: Record<DType, Extremes> = {
  float32: endless,
  float16: endless,
  bfloat16: endless,
  float64: endless,
  int32: { least: -(2 ** 31), most: 2 ** 31 - 1 },
  int8: { least: -128, most: 127 },
  uint8: { least: 0, most: 255 },
  bool: { least: 0, most: 1 },
  int64: { least: -(2n ** 63n), most: 2n ** 63n - 1n },
};

/** What changes nothing when it is combined. */
export function identityOf(combine: Combine, dtype: DType): number | bigint {
  const { least, most } = extremes[dtype];
  const number = (value: number) => (dtype === 'int64' ? BigInt(value) : value);
  const table: Record<Combine, number | bigint> = {
    sum: number(0),
    prod: number(1),
    max: least,
    min: most,
  };
  return table[combine];
}

export const identityValue = (combine: Combine, dtype: DType): Value =>
  constant({ kind: 'const', dtype, value: identityOf(combine, dtype) });

/** The dtype in which values of a dtype are accumulated: those of half precision are rounded only when they are stored. */
export const accumulated = (dtype: DType): DType => (isHalf(dtype) ? 'float32' : dtype);

interface Accumulation {
  readonly combine: Combine;
  readonly dtype: DType;
}

/** `sum = combine(sum, value)`, where the value is computed once. */
export function accumulate(
  k: KernelFunction,
  { combine, dtype }: Accumulation,
  sum: { get: Code; set(value: Code): Code },
  value: Value,
): Code {
  const kind = kindOf(dtype);
  const held = k.f.local(typeOf(kind));
  const operands: Value[] = [{ kind, code: sum.get }, getter(kind, held)];
  const fn = functions[combine];
  const result =
    kind === 'f64' || kind === 'i64'
      ? scalarFunction64(k, fn, operands)
      : laneFunction(k, { fn, dtype: accumulated(dtype) }, operands);
  return seq(held.set(unmasked(value).code), sum.set(result.code));
}

const turned = (code: Code, order: readonly number[]): Code =>
  i8x16.shuffle(
    code,
    code,
    order.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
  );

/** Combines the four lanes of a vector in a fixed tree; every lane holds the result. */
export function foldLanes(
  k: KernelFunction,
  given: Accumulation,
  vector: { get: Code; set(value: Code): Code },
): Code {
  const kind = kindOf(given.dtype);
  return seq(
    accumulate(k, given, vector, { kind, code: turned(vector.get, [2, 3, 0, 1]) }),
    accumulate(k, given, vector, { kind, code: turned(vector.get, [1, 0, 3, 2]) }),
  );
}

/** The value in the first lanes, and what changes nothing in the others. */
export function onlyFirst(count: number, value: Value, otherwise: Value): Value {
  const mask = Int32Array.from({ length: 4 }, (_, lane) => (lane < count ? -1 : 0));
  const bytes = [...new Uint8Array(mask.buffer)];
  const { kind, code } = unmasked(value);
  return { kind, code: v128.bitselect(code, otherwise.code, v128.const(bytes)) };
}
