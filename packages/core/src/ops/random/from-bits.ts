import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { dtypeNames } from '../../graph/dtype.js';
import { stridesOf } from '../../graph/shape.js';
import { cast, mapKernel } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import {
  type Distribution,
  distributionNames,
  distributions,
} from './distributions/distributions.js';

export const sampleAttrs = {
  distribution: z.enum(distributionNames),
  parameters: z.array(z.number()).default([]),
  dtype: z.enum(dtypeNames).default('float32'),
};

const attrs = z.strictObject(sampleAttrs);

type Load = Extract<Expression, { kind: 'load' }>;

/**
 * One number of a distribution for every group of random words. Shapes: bits [..., words] -> [...].
 */
export const fromBits: Op<readonly ['bits'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'fromBits',
  inputs: ['bits'],
  attrs,
  infer: ({ bits }, { dtype }) => ({ dtype, shape: bits.shape.slice(0, -1) }),
  grad: 'zero',
  lower({ inputs: { bits }, output, attrs: { distribution, parameters } }) {
    const { value }: Distribution = distributions[distribution];
    const words = bits.shape.at(-1) as number;
    return mapKernel({
      output,
      inputs: [bits],
      views: [{ strides: stridesOf(bits.shape).slice(0, -1) }],
      value([first]) {
        const { index, ...load } = first as Load;
        const word = (_: unknown, i: number): Expression => ({
          ...load,
          index: { ...index, offset: index.offset + i },
        });
        return cast(
          value(Array.from({ length: words }, word), output.dtype, parameters),
          output.dtype,
        );
      },
    });
  },
  cuts: ({ bits }) => bits.shape.slice(0, -1).map((_, axis) => ({ inputs: [axis], output: axis })),
});
