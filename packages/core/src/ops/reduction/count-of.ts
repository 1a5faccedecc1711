import { z } from 'zod';
import { constant } from '../../graph/constant.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { dtypeNames } from '../../graph/dtype.js';
import { axesOf } from '../../graph/shape.js';

const attrs = z.strictObject({
  /** Which axes to count along; all when left out. */
  axis: z.union([z.int(), z.array(z.int())]).optional(),
  dtype: z.enum(dtypeNames).default('int32'),
});

/** How many elements a reduction over `axis` takes together: the product of the sizes, as a scalar. The values of x are not used. */
export const countOf: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'countOf',
  inputs: ['x'],
  shapeOnly: ['x'],
  attrs,
  infer({ x }, { axis, dtype }) {
    axesOf(axis, x.rank, 'countOf');
    return { dtype, shape: [] };
  },
  grad: 'zero',
  expand({ x }, { axis, dtype }) {
    const sizes = axesOf(axis, x.rank, 'countOf').map((i) => x.shape[i] as number);
    return constant(
      sizes.reduce((count, size) => count * size, 1),
      { dtype },
    );
  },
});
