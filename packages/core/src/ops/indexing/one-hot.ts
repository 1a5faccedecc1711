import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { dtypeNames } from '../../graph/dtype.js';
import { stridesOf } from '../../graph/shape.js';
import { call, cast, literal, mapKernel, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { checkIndices } from './check-indices.js';
import { widened } from './flat-index.js';

const attrs = z.strictObject({
  depth: z.int().min(1),
  onValue: z.number().default(1),
  offValue: z.number().default(0),
  dtype: z.enum(dtypeNames).default('int32'),
});

/**
 * A new last axis that says which index it was, `y[..., j] = indices[...] == j ? onValue :
 * offValue`; an index outside 0..depth-1 gives offValue everywhere. Shapes: indices [...] -> [...,
 * depth]. Errors:
 * ATTRIBUTE_INVALID, DTYPE_MISMATCH.
 */
export const oneHot: Op<readonly ['indices'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'oneHot',
  inputs: ['indices'],
  integer: ['indices'],
  attrs,
  infer({ indices }, { depth, dtype }) {
    checkIndices('oneHot', { indices });
    return { dtype, shape: [...indices.shape, depth] };
  },
  grad: 'zero',
  lower: ({ inputs: { indices }, output, attrs: { onValue, offValue } }) =>
    mapKernel({
      output,
      inputs: [indices],
      views: [{ strides: [...stridesOf(indices.shape), 0] }],
      value([given], position) {
        const index = widened(given as Expression);
        const here = call('equal', index, cast(position(indices.shape.length), index.dtype));
        return select(here, literal(onValue, output.dtype), literal(offValue, output.dtype));
      },
    }),
});
