import type { DType } from '../../graph/dtype.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { fill } from './fill.js';

/** A tensor of ones. Errors: ATTRIBUTE_INVALID. */
export const ones = ({ shape, dtype }: { shape: KnownShape; dtype?: DType }): Tensor =>
  fill({ shape, value: 1, dtype });
