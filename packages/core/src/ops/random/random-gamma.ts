import { z } from 'zod';
import type { Tensor } from '../../graph/tensor.js';
import { parseOptions } from '../../options.js';
import { checkFloat, ofShape, sample, sourceOptions } from './sample.js';

const options = z.strictObject({
  ...sourceOptions,
  shape: z.array(z.int()),
  /** Shape of the distribution. */
  alpha: z.number().positive(),
  /** Its rate: the mean is alpha / beta. */
  beta: z.number().positive().default(1),
});

/**
 * Independent numbers with density proportional to `x^(alpha - 1) e^(-beta x)`, computed in
 * float32.
 * Errors: ATTRIBUTE_INVALID, DTYPE_MISMATCH.
 */
export function randomGamma(given: z.input<typeof options>): Tensor {
  const { shape, alpha, beta, dtype, seed } = parseOptions('randomGamma', options, given);
  checkFloat('randomGamma', dtype);
  return sample(ofShape(shape, 'randomGamma'), {
    distribution: 'gamma',
    parameters: [alpha, beta],
    dtype,
    seed,
  });
}
