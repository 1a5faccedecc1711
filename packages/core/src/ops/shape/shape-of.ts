import { constant } from '../../graph/constant.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';

/** The sizes of the axes of x as an int32 vector. Shapes: x any -> [rank]. */
export const shapeOf: Op<readonly ['x']> = /* @__PURE__ */ defineOp({
  name: 'shapeOf',
  inputs: ['x'],
  shapeOnly: ['x'],
  infer: ({ x }) => ({ dtype: 'int32', shape: [x.rank] }),
  grad: 'zero',
  expand: ({ x }) => constant(Int32Array.from(x.shape as KnownShape)),
});
