import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { dtypeNames } from '../../graph/dtype.js';
import { axisOf } from '../../graph/shape.js';
import { cast, mapKernel } from '../../lower/kernel-builder.js';

const attrs = z.strictObject({
  shape: z.array(z.int().min(0)),
  axis: z.int().default(-1),
  dtype: z.enum(dtypeNames).default('int32'),
});

/** Positions along an axis, `y[..., i, ...] = i`. Errors: ATTRIBUTE_INVALID, DTYPE_MISMATCH (bool). */
export const iota: Op<readonly [], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'iota',
  inputs: [],
  attrs,
  infer(_inputs, { shape, axis, dtype }) {
    axisOf(axis, shape.length, 'iota');
    if (dtype !== 'bool') return { dtype, shape };
    throw new GraphError('DTYPE_MISMATCH', 'iota', {
      what: 'positions are numbers, not bool.',
      fix: 'leave dtype out for int32.',
    });
  },
  grad: () => ({}),
  lower: ({ attrs: { axis }, output }) =>
    mapKernel({
      output,
      inputs: [],
      views: [],
      value: (_loads, index) =>
        cast(index(axisOf(axis, output.shape.length, 'iota')), output.dtype),
    }),
});
