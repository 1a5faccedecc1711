import { z } from 'zod';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import { dtypeNames, isFloat } from '../../graph/dtype.js';
import type { Tensor } from '../../graph/tensor.js';
import { parseOptions } from '../../options.js';
import { cast } from '../casting/cast.js';
import { less } from '../comparison/less.js';
import { ofShape, sample } from './sample.js';

const options = z.strictObject({
  /** That of p when left out; p is broadcast to it. */
  shape: z.array(z.int()).optional(),
  dtype: z.enum(dtypeNames).default('bool'),
  seed: z.int().min(0).optional(),
});

/**
 * Draws of 1 (true) with probability p, to 2^-24, and else of 0.
 * Shapes: p any -> the same, or `shape`. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH.
 */
export function randomBernoulli(p: TensorLike, given: z.input<typeof options> = {}): Tensor {
  const { shape, dtype, seed } = parseOptions('randomBernoulli', options, given);
  const probability = constantOf(p, undefined, 'randomBernoulli: p');
  const like = shape ? ofShape(shape, 'randomBernoulli') : probability;
  const precision = isFloat(probability.dtype) ? probability.dtype : 'float32';
  return cast(
    less(
      sample(like, { distribution: 'uniform', parameters: [0, 1], dtype: precision, seed }),
      probability,
    ),
    { dtype },
  );
}
