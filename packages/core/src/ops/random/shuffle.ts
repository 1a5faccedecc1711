import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { parseOptions } from '../../options.js';
import { gather } from '../indexing/gather.js';
import { sum } from '../reduction/sum.js';
import { argsort } from '../sorting/argsort.js';
import { ofShape, sample } from './sample.js';

const options = z.strictObject({ seed: z.int().min(0).optional() });

const permutation = (like: Tensor, seed: number | undefined): Tensor =>
  argsort(sample(like, { distribution: 'bits', parameters: [], dtype: 'int32', seed }));

/**
 * The numbers 0 to size - 1 in random order, int32: the order of `size` random words of 32 bits.
 * Errors: ATTRIBUTE_INVALID, SHAPE_INVALID.
 */
export function randomPermutation(given: {
  readonly size: number;
  readonly seed?: number;
}): Tensor {
  const { size, seed } = parseOptions(
    'randomPermutation',
    options.extend({ size: z.int() }),
    given,
  );
  return permutation(ofShape([size], 'randomPermutation'), seed);
}

/**
 * The slices of x along its first axis in random order. Shapes: x [n, ...] -> the same. Errors:
 * ATTRIBUTE_INVALID, SHAPE_MISMATCH.
 */
export function shuffle(x: TensorLike, given: z.input<typeof options> = {}): Tensor {
  const { seed } = parseOptions('shuffle', options, given);
  const value = constantOf(x, undefined, 'shuffle: x');
  if (value.rank === 0) {
    throw new GraphError('SHAPE_MISMATCH', 'shuffle', {
      what: 'a scalar has no axis to shuffle.',
      given: { x: value },
    });
  }
  const inner = value.shape.map((_, axis) => axis).slice(1);
  return gather(value, permutation(inner.length ? sum(value, { axis: inner }) : value, seed));
}
