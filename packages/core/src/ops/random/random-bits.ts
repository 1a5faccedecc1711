import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { sizeOf } from '../../graph/shape.js';
import { seedWords } from './seed.js';

const attrs = z.strictObject({
  shape: z.array(z.int().min(0)),
  /** The two words that tell this source from others; see `seedWords`. */
  seed: z.tuple([z.int(), z.int()]).default(() => seedWords(undefined)),
});

/**
 * Random bits, 32 for every element, as int32: Threefry-2x32 with a key from the seeds of the
 * session and of the op, counted by run and element. They depend on nothing else: not on the
 * device, the passes or what else is fetched.
 * Shapes: -> shape.
 */
export const randomBits: Op<readonly [], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'randomBits',
  inputs: [],
  attrs,
  role: 'random',
  infer: (_inputs, { shape }) => ({ dtype: 'int32', shape }),
  grad: 'zero',
  lower: ({ attrs: { shape, seed } }) => ({
    kind: 'template',
    template: { kind: 'randomBits', dtype: 'int32', seed, count: sizeOf(shape) },
  }),
});
