import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisOf } from '../../graph/shape.js';
import { reshapeLike } from './reshape-like.js';

const attrs = z.strictObject({ axis: z.int().default(0) });

/** x with an axis of size 1 put in at `axis` of the result. Errors: ATTRIBUTE_INVALID. */
export const expandDims: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'expandDims',
  inputs: ['x'],
  attrs,
  infer({ x }, { axis }) {
    const place = axisOf(axis, x.rank + 1, 'expandDims');
    return { dtype: x.dtype, shape: [...x.shape.slice(0, place), 1, ...x.shape.slice(place)] };
  },
  grad: ({ x, dy }) => ({ x: reshapeLike(dy, x) }),
  lower: () => ({ kind: 'alias', input: 0 }),
});
