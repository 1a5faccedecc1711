import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { sizeOf } from '../../graph/shape.js';
import { type Cut, withSize } from '../../sharding/cut.js';
import { reshape } from '../shape/reshape.js';
import { window } from '../slicing/window.js';
import { seedWords } from './seed.js';

const attrs = z.strictObject({
  shape: z.array(z.int().min(0)),
  /** The two words that tell this source from others; see `seedWords`. */
  seed: z.tuple([z.int(), z.int()]).default(() => seedWords(undefined)),
  /** Number of the first element among those of the source; even, as two come from one block. */
  first: z.int().min(0).multipleOf(2).default(0),
});

/** A range of the first axis that has several elements lies in one row of numbers: it is drawn alone. */
function drawnAlone({ shape, seed, first }: z.output<typeof attrs>): Cut[] {
  const output = shape.findIndex((size) => size > 1);
  if (output < 0) return [];
  const inner = sizeOf(shape.slice(output + 1));
  return [
    {
      inputs: [],
      output,
      piece(_inputs, { begin, size }) {
        const [from, count] = [first + begin * inner, size * inner];
        const before = from % 2;
        const bits = randomBits({ shape: [before + count], seed, first: from - before });
        const own = window(bits, { begin: [before], strides: [1], size: [count] });
        return reshape(own, { shape: withSize(shape, output, size) });
      },
    },
  ];
}

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
  lower: ({ attrs: { shape, seed, first } }) => ({
    kind: 'template',
    template: { kind: 'randomBits', dtype: 'int32', seed, first, count: sizeOf(shape) },
  }),
  cuts: (_inputs, given) => drawnAlone(given),
});
