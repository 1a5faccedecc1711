import type { TensorLike } from '../../graph/constant.js';
import { axesOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { square } from '../arithmetic/square.js';
import { sub } from '../arithmetic/sub.js';
import { cast } from '../casting/cast.js';
import { floatLike } from '../elementwise.js';
import { identity } from '../shape/identity.js';
import { squeeze } from '../shape/squeeze.js';
import { mean } from './mean.js';

export interface MomentsOptions {
  /** Which axes to reduce; all when left out. */
  readonly axis?: number | readonly number[];
  readonly keepDims?: boolean;
}

export interface Moments {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * Mean and variance over axes, `mean = (1 / n) sum_i x[i]`, `variance = (1 / n) sum_i (x[i] - mean)^2`, from deviations, so
 * that a large mean costs no digits. Errors: ATTRIBUTE_INVALID.
 */
export function moments(
  value: TensorLike,
  { axis, keepDims = false }: MomentsOptions = {},
): Moments {
  const given = identity(value);
  const x = cast(given, { dtype: floatLike(given).dtype });
  const axes = axesOf(axis, x.rank, 'moments');
  const kept = mean(x, { axis: axes, keepDims: true });
  const variance = mean(square(sub(x, kept)), { axis: axes, keepDims });
  return { mean: keepDims || axes.length === 0 ? kept : squeeze(kept, { axis: axes }), variance };
}
