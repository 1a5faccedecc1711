import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import { sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { parseOptions } from '../../options.js';
import { mul } from '../arithmetic/mul.js';
import { sum } from '../reduction/sum.js';
import { checkFloat, sample } from './sample.js';

const options = z.strictObject({
  /** Part of the elements that become 0. */
  rate: z.number().min(0).lt(1),
  /** Shape of the mask: null is the size of x, 1 shares one draw along the axis. */
  noiseShape: z.array(z.int().nullable()).optional(),
  seed: z.int().min(0).optional(),
});

/** A tensor that has the shape of the mask; only its shape is used. */
function maskLike(x: Tensor, noiseShape: readonly (number | null)[] | undefined): Tensor {
  if (!noiseShape) return x;
  const fits =
    noiseShape.length === x.rank &&
    noiseShape.every(
      (size, axis) => size === 1 || sizesAgree(size, x.shape[axis] as number | null),
    );
  if (!fits) {
    throw new GraphError('SHAPE_MISMATCH', 'dropout', {
      what: `a mask of shape [${noiseShape.map((size) => size ?? 'null')}] can not be broadcast to x.`,
      given: { x },
      fix: 'each size of noiseShape must be 1, null or the size of x.',
    });
  }
  const axis = noiseShape.map((_, i) => i).filter((i) => noiseShape[i] === 1);
  return axis.length ? sum(x, { axis, keepDims: true }) : x;
}

/**
 * Each element set to 0 with probability rate, the others divided by 1 - rate, so that the mean
 * stays.
 * Shapes: x any -> the same. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH, DTYPE_MISMATCH.
 * Source: N. Srivastava and others, "Dropout: a simple way to prevent neural networks from
 * overfitting", 2014.
 */
export function dropout(x: TensorLike, given: z.input<typeof options>): Tensor {
  const { rate, noiseShape, seed } = parseOptions('dropout', options, given);
  const value = constantOf(x, undefined, 'dropout: x');
  checkFloat('dropout', value.dtype);
  const like = maskLike(value, noiseShape);
  if (rate === 0) return value;
  return mul(
    value,
    sample(like, { distribution: 'dropout', parameters: [rate], dtype: value.dtype, seed }),
  );
}
