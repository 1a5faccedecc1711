import { GraphError } from '../../errors.js';
import { type DType, isFloat } from '../../graph/dtype.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { cast } from '../casting/cast.js';
import { iota } from './iota.js';

export interface RangeOptions {
  readonly start?: number;
  readonly stop: number;
  /** 1, or -1 when stop is below start, also where 1 is given. */
  readonly step?: number;
  readonly dtype?: DType;
}

/** Numbers from start up to stop without it, `y[i] = start + i step`; none when step leads away from stop. Errors: ATTRIBUTE_INVALID. */
export function range({ start = 0, stop, step = 1, dtype = 'float32' }: RangeOptions): Tensor {
  if (step === 0 || ![start, stop, step].every(Number.isFinite)) {
    throw new GraphError('ATTRIBUTE_INVALID', 'range', {
      what: `no range goes from ${start} to ${stop} by steps of ${step}.`,
      fix: 'give finite numbers and a step that is not 0.',
    });
  }
  const stride = stop < start && step === 1 ? -1 : step;
  const count = Math.max(0, Math.ceil((stop - start) / stride));
  // Positions beyond 2048 are no numbers of half precision, so the steps are counted in float32.
  const wide =
    dtype === 'float16' ||
    dtype === 'bfloat16' ||
    (!isFloat(dtype) && !Number.isInteger(start * step))
      ? 'float32'
      : dtype;
  return cast(add(mul(iota({ shape: [count], dtype: wide }), stride), start), { dtype });
}
