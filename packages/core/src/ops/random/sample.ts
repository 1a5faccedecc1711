import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { type DType, dtypeNames, isFloat } from '../../graph/dtype.js';
import { checkedShape, type KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { filled } from '../indexing/filled.js';
import type { DistributionName } from './distributions/distributions.js';
import { randomLike } from './random-like.js';
import { seedWords } from './seed.js';

/** Options that every source of random numbers takes. */
export const sourceOptions = {
  /** Same seed, same numbers in every session of that seed; without one each source has its own. */
  seed: z.int().min(0).optional(),
  dtype: z.enum(dtypeNames).default('float32'),
};

/** A shape as a tensor of which only the shape is ever used. Errors: SHAPE_INVALID. */
export const ofShape = (shape: KnownShape, where: string): Tensor =>
  filled(0, 'bool', checkedShape(shape, where));

interface Sample {
  readonly distribution: DistributionName;
  readonly parameters: readonly number[];
  readonly dtype: DType;
  readonly seed: number | undefined;
}

/** Random numbers in the shape of `like`. */
export const sample = (like: Tensor, { parameters, seed, ...rest }: Sample): Tensor =>
  randomLike(like, { ...rest, parameters: [...parameters], seed: seedWords(seed) });

/** Refuses a dtype that holds no fractions. Errors: DTYPE_MISMATCH. */
export function checkFloat(where: string, dtype: DType): void {
  if (isFloat(dtype)) return;
  throw new GraphError('DTYPE_MISMATCH', where, {
    what: `${dtype} holds no fractions.`,
    fix: 'choose a float dtype and cast the result.',
  });
}
