import type { DType } from '../../../graph/dtype.js';

type Binary = (a: number, b: number) => number;

/** The binary operations of scatter and cumulative kernels, on the values that an array of a dtype holds. */
export type Combine = 'sum' | 'prod' | 'max' | 'min';

// Operators mean the same on bigint and on number, so one text serves int64 too.
const general: Record<Combine, Binary> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  // NaN wins on either side: the comparison fails for it. Number.isNaN is false for a bigint.
  max: (a, b) => (a >= b || Number.isNaN(a) ? a : b),
  min: (a, b) => (a <= b || Number.isNaN(a) ? a : b),
};

/** The operation for elements of `dtype`; products of integers are exact modulo 2^32. */
export function combiner(combine: Combine, dtype: DType): Binary {
  if (combine === 'prod' && (dtype === 'int32' || dtype === 'int8' || dtype === 'uint8'))
    return Math.imul;
  return general[combine];
}

interface Range {
  readonly least: number | bigint;
  readonly most: number | bigint;
}

const ranges: Record<DType, Range> = {
  float16: { least: -Infinity, most: Infinity },
  bfloat16: { least: -Infinity, most: Infinity },
  float32: { least: -Infinity, most: Infinity },
  float64: { least: -Infinity, most: Infinity },
  int8: { least: -128, most: 127 },
  uint8: { least: 0, most: 255 },
  int32: { least: -(2 ** 31), most: 2 ** 31 - 1 },
  int64: { least: -(2n ** 63n), most: 2n ** 63n - 1n },
  bool: { least: 0, most: 1 },
};

/** The value e with combine(e, x) = x. An int64 value is a bigint at run time. */
export function neutral(combine: Combine, dtype: DType): number {
  const { least, most } = ranges[dtype];
  if (combine === 'max') return least as number;
  if (combine === 'min') return most as number;
  const value = combine === 'sum' ? 0 : 1;
  return (dtype === 'int64' ? BigInt(value) : value) as number;
}
