import { mul } from '../arithmetic/mul.js';
import { broadcastLike } from '../shape/broadcast-like.js';
import { keptLike } from './kept-like.js';
import { prodOfOthers } from './prod-of-others.js';
import { countable, defineReduce, type ReduceOp } from './reduce.js';

/** Product over axes, `y = prod_i x[i]`; bool is taken as int32. Errors: ATTRIBUTE_INVALID. */
export const prod: ReduceOp = /* @__PURE__ */ defineReduce({
  name: 'prod',
  combine: 'prod',
  start: () => 1,
  result: countable,
  grad: ({ x, dy }, { axis, keepDims }) => ({
    x: mul(broadcastLike(keptLike(dy, x, { axis, keepDims }), x), prodOfOthers(x, { axis })),
  }),
});
