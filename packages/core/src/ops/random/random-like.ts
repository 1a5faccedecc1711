import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { distributions } from './distributions/distributions.js';
import { fromBits, sampleAttrs } from './from-bits.js';
import { randomBits } from './random-bits.js';
import { seedWords } from './seed.js';

const attrs = z.strictObject({
  ...sampleAttrs,
  seed: z.tuple([z.int(), z.int()]).default(() => seedWords(undefined)),
});

/**
 * Random numbers of a distribution in the shape of `like`, whose values are not used. Shapes: like
 * any -> the same.
 */
export const randomLike: Op<readonly ['like'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'randomLike',
  inputs: ['like'],
  shapeOnly: ['like'],
  attrs,
  role: 'random',
  infer: ({ like }, { dtype }) => ({ dtype, shape: like.shape }),
  grad: 'zero',
  expand({ like }, { seed, ...sample }) {
    const [single, double] = distributions[sample.distribution].words;
    const words = sample.dtype === 'float64' ? double : single;
    return fromBits(randomBits({ shape: [...(like.shape as KnownShape), words], seed }), sample);
  },
});
