import { z } from 'zod';
import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { isFloat } from '../../graph/dtype.js';
import { axisSize, type KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { parseOptions } from '../../options.js';
import { add } from '../arithmetic/add.js';
import { cast } from '../casting/cast.js';
import { log } from '../exponential/log.js';
import { argMax } from '../reduction/arg-max.js';
import { reshape } from '../shape/reshape.js';
import { randomLike } from './random-like.js';
import { ofShape } from './sample.js';
import { seedWords } from './seed.js';

const attrs = z.strictObject({
  numSamples: z.int().min(0),
  /** Whether the inputs are probabilities, instead of their logarithms up to a constant. */
  normalized: z.boolean().default(false),
  seed: z.tuple([z.int(), z.int()]).default(() => seedWords(undefined)),
});

/** `argmax(logits + gumbel)`, the Gumbel-max rule, once for each sample; see `multinomial`. */
export const categorical: Op<readonly ['logits'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'categorical',
  inputs: ['logits'],
  attrs,
  role: 'random',
  infer({ logits }, { numSamples }) {
    if (logits.rank === 0 || axisSize(logits, -1) === 0) {
      throw new GraphError('SHAPE_MISMATCH', 'multinomial', {
        what: 'there is nothing to choose from.',
        given: { logits },
        fix: 'the last axis holds one logit for each outcome.',
      });
    }
    return { dtype: 'int32', shape: [...logits.shape.slice(0, -1), numSamples] };
  },
  grad: 'zero',
  expand({ logits }, { numSamples, normalized, seed }) {
    const dtype = isFloat(logits.dtype) ? logits.dtype : 'float32';
    const batch = logits.shape.slice(0, -1) as KnownShape;
    const outcomes = logits.shape.at(-1) as number;
    const given = cast(logits, { dtype });
    const scores = reshape(normalized ? log(given) : given, { shape: [...batch, 1, outcomes] });
    const like = ofShape([...batch, numSamples, outcomes], 'multinomial');
    const noise = randomLike(like, { distribution: 'gumbel', dtype, seed });
    return cast(argMax(add(scores, noise), { axis: -1 }), { dtype: 'int32' });
  },
});

const options = z.strictObject({
  numSamples: z.int().min(0),
  normalized: z.boolean().default(false),
  seed: z.int().min(0).optional(),
});

/**
 * Outcomes drawn with probabilities `softmax(logits)`, or with the given ones if `normalized`, as
 * int32.
 * Shapes: logits [..., outcomes] -> [..., numSamples]. Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH.
 * Source: E. Gumbel, "Statistical theory of extreme values and some practical applications", 1954.
 */
export function multinomial(logits: TensorLike, given: z.input<typeof options>): Tensor {
  const { seed, ...rest } = parseOptions('multinomial', options, given);
  return categorical(logits, { ...rest, seed: seedWords(seed) });
}

/** `multinomial` under the name that other libraries use. */
export const randomCategorical = multinomial;
