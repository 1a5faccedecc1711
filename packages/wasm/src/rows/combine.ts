import type { DType } from '@tenon/core';
import type { Code } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import type { RowLanes } from './lanes.js';

export type Combine = 'sum' | 'prod' | 'max' | 'min';

interface Rank {
  readonly value: Code;
  readonly than: Code;
}

/** Where a value is more extreme than another. NaN is more extreme than any number, and nothing is more extreme than NaN. */
export function outranks(lanes: RowLanes, mode: 'max' | 'min', { value, than }: Rank): Code {
  const further = mode === 'max' ? lanes.greater(value, than) : lanes.greater(than, value);
  if (!lanes.unordered) return further;
  return lanes.or(further, lanes.andnot(lanes.unordered(value), lanes.unordered(than)));
}

/** a and b combined; of equal extremes it is a. */
export function combined(lanes: RowLanes, combine: Combine, [a, b]: readonly [Local, Local]): Code {
  if (combine === 'sum') return lanes.add(a.get, b.get);
  if (combine === 'prod') return lanes.mul(a.get, b.get);
  return lanes.select(outranks(lanes, combine, { value: b.get, than: a.get }), b.get, a.get);
}

interface Range {
  readonly least: number | bigint;
  readonly most: number | bigint;
}

const real: Range = { least: -Infinity, most: Infinity };
const ranges: Record<DType, Range> = {
  float16: real,
  bfloat16: real,
  float32: real,
  float64: real,
  int8: { least: -128, most: 127 },
  uint8: { least: 0, most: 255 },
  int32: { least: -(2 ** 31), most: 2 ** 31 - 1 },
  int64: { least: -(2n ** 63n), most: 2n ** 63n - 1n },
  bool: { least: 0, most: 1 },
};

/** What changes no value that it is combined with. */
export function neutral(lanes: RowLanes, combine: Combine, dtype: DType): Code {
  const { least, most } = ranges[dtype];
  return lanes.const({ sum: 0, prod: 1, max: least, min: most }[combine]);
}
