import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { promote } from '../../graph/dtype.js';
import { axisOf, mergeShapes, shapesAgree } from '../../graph/shape.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { cast } from '../casting/cast.js';
import { shift } from '../slicing/shift.js';

const attrs = z.strictObject({
  axis: z.int().default(0),
  /** Start from the far end: `y[i] = x[i] + a[i] y[i + 1]`. */
  reverse: z.boolean().default(false),
});

/**
 * First-order linear recurrence along an axis, `y[i] = x[i] + a[i] y[i - 1]`, computed in about log2(n) steps over the
 * whole tensor. Shapes: x and a the same. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 * Source: Hillis and Steele 1986, "Data parallel algorithms".
 */
export const linearRecurrence: Op<readonly ['x', 'a'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'linearRecurrence',
  inputs: ['x', 'a'],
  attrs,
  infer({ x, a }, { axis }) {
    axisOf(axis, x.rank, 'linearRecurrence');
    if (!shapesAgree(x.shape, a.shape)) {
      throw new GraphError('SHAPE_MISMATCH', 'linearRecurrence', {
        what: 'x and a have different shapes.',
        given: { x, a },
        fix: 'broadcast the smaller one first.',
      });
    }
    return { dtype: promote(x.dtype, a.dtype), shape: mergeShapes(x.shape, a.shape) };
  },
  grad: 'expand',
  // After the step of distance d, y holds the recurrence over 2d elements and factor their product of a.
  expand({ x, a }, { axis, reverse }) {
    const size = x.shape[axisOf(axis, x.rank, 'linearRecurrence')] as number;
    const dtype = promote(x.dtype, a.dtype);
    let [y, factor] = [cast(x, { dtype }), cast(a, { dtype })];
    for (let d = 1; d < size; d *= 2) {
      const by = reverse ? -d : d;
      y = add(y, mul(factor, shift(y, { axis, by })));
      if (2 * d < size) factor = mul(factor, shift(factor, { axis, by }));
    }
    return y;
  },
});
