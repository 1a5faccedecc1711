import type { DType } from '../../graph/dtype.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { fill } from './fill.js';

/** A tensor of zeros. Errors: ATTRIBUTE_INVALID. */
export const zeros = ({ shape, dtype }: { shape: KnownShape; dtype?: DType }): Tensor =>
  fill({ shape, value: 0, dtype });
