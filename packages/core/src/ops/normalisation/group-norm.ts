import type { TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import type { LayerNormOptions } from './layer-norm.js';
import { normalizeGroups } from './normalize-groups.js';

export interface GroupNormOptions extends Omit<LayerNormOptions, 'axis'> {
  /** Into how many groups the channels are split; 32 when left out. */
  readonly groups?: number;
}

/**
 * Groups of channels of each example normalised by their own moments, then `* scale + offset`; channels are last.
 * Shapes: x [n, ..., c] -> x; scale and offset broadcast to x. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH.
 * Source: Wu and He 2018, "Group normalization".
 */
export function groupNorm(x: TensorLike, options: GroupNormOptions = {}): Tensor {
  const { groups = 32, scale, offset, epsilon = 1e-3 } = options;
  const normal = normalizeGroups(x, { groups, epsilon });
  const scaled = scale === undefined ? normal : mul(normal, scale);
  return offset === undefined ? scaled : add(scaled, offset);
}
