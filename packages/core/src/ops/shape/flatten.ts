import { defineOp, type Op } from '../../graph/define-op.js';
import { isKnown, sizeOf } from '../../graph/shape.js';
import { reshapeLike } from './reshape-like.js';

/** All elements in row-major order. Shapes: x any -> [number of elements]. */
export const flatten: Op<readonly ['x']> = /* @__PURE__ */ defineOp({
  name: 'flatten',
  inputs: ['x'],
  infer: ({ x }) => ({ dtype: x.dtype, shape: [isKnown(x.shape) ? sizeOf(x.shape) : null] }),
  grad: ({ x, dy }) => ({ x: reshapeLike(dy, x) }),
  lower: () => ({ kind: 'alias', input: 0 }),
});
