import { constant } from '../../graph/constant.js';
import type { DType } from '../../graph/dtype.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { broadcastTo } from '../shape/broadcast-to.js';

/** A tensor of one value, held as a single element until it is computed. */
export const filled = (value: number | bigint, dtype: DType, shape: KnownShape): Tensor =>
  broadcastTo(constant(value, { dtype }), { shape: [...shape] });
