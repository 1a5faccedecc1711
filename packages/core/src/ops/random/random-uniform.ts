import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import { isFloat } from '../../graph/dtype.js';
import type { Tensor } from '../../graph/tensor.js';
import { parseOptions } from '../../options.js';
import { ofShape, sample, sourceOptions } from './sample.js';

const likeOptions = z.strictObject({
  ...sourceOptions,
  minval: z.number().default(0),
  maxval: z.number().default(1),
});
const options = likeOptions.extend({ shape: z.array(z.int()) });

function uniform(where: string, like: Tensor, given: z.output<typeof likeOptions>): Tensor {
  const { minval, maxval, dtype, seed } = given;
  const whole = !isFloat(dtype);
  const valid =
    maxval >= minval &&
    Number.isFinite(maxval - minval) &&
    (!whole || (Number.isInteger(minval) && Number.isInteger(maxval)));
  if (!valid) {
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: `[${minval}, ${maxval}) is not a range of ${dtype}.`,
      fix: 'give finite bounds, minval first; whole ones for integers.',
    });
  }
  return sample(like, {
    distribution: whole ? 'integers' : 'uniform',
    parameters: [minval, maxval],
    dtype,
    seed,
  });
}

/**
 * Independent numbers, each as likely as any other in [minval, maxval): multiples of 2^-24 of the
 * range in float32, of 2^-53 in float64, whole numbers in integer dtypes. Rounding can give maxval
 * where the range is small against its bounds. Errors: ATTRIBUTE_INVALID.
 */
export function randomUniform(given: z.input<typeof options>): Tensor {
  const { shape, ...rest } = parseOptions('randomUniform', options, given);
  return uniform('randomUniform', ofShape(shape, 'randomUniform'), rest);
}

/**
 * `randomUniform` in the shape of a tensor, which may be unknown until it is fed; its values are
 * not used.
 */
export const randomUniformLike = (
  like: TensorLike,
  given: z.input<typeof likeOptions> = {},
): Tensor =>
  uniform(
    'randomUniformLike',
    constantOf(like, undefined, 'randomUniformLike'),
    parseOptions('randomUniformLike', likeOptions, given),
  );

/** Whole numbers from minval to maxval - 1, int32. Errors: ATTRIBUTE_INVALID. */
export const randomUniformInt = (given: {
  shape: number[];
  minval: number;
  maxval: number;
  seed?: number;
}): Tensor => randomUniform({ ...given, dtype: 'int32' });
