import { z } from 'zod';
import { constantOf, type TensorLike } from '../../graph/constant.js';
import type { Tensor } from '../../graph/tensor.js';
import { parseOptions } from '../../options.js';
import type { DistributionName } from './distributions/distributions.js';
import { checkFloat, ofShape, sample, sourceOptions } from './sample.js';

const likeOptions = z.strictObject({
  ...sourceOptions,
  mean: z.number().default(0),
  stdDev: z.number().min(0).default(1),
});
const options = likeOptions.extend({ shape: z.array(z.int()) });

type NormalOptions = z.input<typeof options>;

interface Shaped {
  readonly where: string;
  readonly distribution: DistributionName;
}

function normal(
  { where, distribution }: Shaped,
  like: Tensor,
  given: z.output<typeof likeOptions>,
): Tensor {
  const { mean, stdDev, dtype, seed } = given;
  checkFloat(where, dtype);
  return sample(like, { distribution, parameters: [mean, stdDev], dtype, seed });
}

function normalOf(kind: Shaped, given: NormalOptions): Tensor {
  const { shape, ...rest } = parseOptions(kind.where, options, given);
  return normal(kind, ofShape(shape, kind.where), rest);
}

/**
 * Independent normal numbers by the method of Box and Muller. In float32 they reach to 5.8 standard
 * deviations, since they come from 23 bits, in float64 to 8.6. Errors: ATTRIBUTE_INVALID,
 * DTYPE_MISMATCH.
 */
export const randomNormal = (given: NormalOptions): Tensor =>
  normalOf({ where: 'randomNormal', distribution: 'normal' }, given);

/**
 * `randomNormal` in the shape of a tensor, which may be unknown until it is fed; its values are not
 * used.
 */
export const randomNormalLike = (
  like: TensorLike,
  given: z.input<typeof likeOptions> = {},
): Tensor => {
  const where = 'randomNormalLike';
  return normal(
    { where, distribution: 'normal' },
    constantOf(like, undefined, where),
    parseOptions(where, likeOptions, given),
  );
};

/** `randomNormal` with mean 0 and standard deviation 1. */
export const randomStandardNormal = (given: Omit<NormalOptions, 'mean' | 'stdDev'>): Tensor =>
  randomNormal(given);

/**
 * Normal numbers of which none is further than two standard deviations from the mean; the rest of
 * the distribution keeps its form, so that their own standard deviation is 0.880 of `stdDev`.
 * Errors: ATTRIBUTE_INVALID, DTYPE_MISMATCH.
 */
export const truncatedNormal = (given: NormalOptions): Tensor =>
  normalOf({ where: 'truncatedNormal', distribution: 'truncatedNormal' }, given);
