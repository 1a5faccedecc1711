import { GraphError } from '../../errors.js';
import { type DType, isFloat } from '../../graph/dtype.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { cast } from '../casting/cast.js';
import { equal } from '../comparison/equal.js';
import { where } from '../logical/where.js';
import { iota } from './iota.js';

export interface LinspaceOptions {
  readonly start: number;
  readonly stop: number;
  /** How many, at least 1. */
  readonly num: number;
  readonly dtype?: DType;
}

/** Evenly spaced numbers, both ends included: `y[i] = start + i (stop - start) / (num - 1)`. Errors: ATTRIBUTE_INVALID. */
export function linspace({ start, stop, num, dtype = 'float32' }: LinspaceOptions): Tensor {
  if (!Number.isInteger(num) || num < 1 || !isFloat(dtype)) {
    throw new GraphError('ATTRIBUTE_INVALID', 'linspace', {
      what: `num is ${num} and dtype ${dtype}.`,
      fix: 'num must be a positive integer, dtype one of floats.',
    });
  }
  const wide = dtype === 'float64' ? dtype : 'float32';
  const position = iota({ shape: [num], dtype: wide });
  const step = num === 1 ? 0 : (stop - start) / (num - 1);
  const even = add(mul(position, step), start);
  // The last one is stop itself, whatever rounding does to the steps.
  return cast(num === 1 ? even : where(equal(position, num - 1), stop, even), { dtype });
}
