import { broadcastLike } from '../shape/broadcast-like.js';
import { keptLike } from './kept-like.js';
import { countable, defineReduce, type ReduceOp } from './reduce.js';

/** Sum over axes, `y = sum_i x[i]`; bool is counted as int32. Errors: ATTRIBUTE_INVALID. */
export const sum: ReduceOp = /* @__PURE__ */ defineReduce({
  name: 'sum',
  combine: 'sum',
  start: () => 0,
  result: countable,
  grad: ({ x, dy }, attrs) => ({ x: broadcastLike(keptLike(dy, x, attrs), x) }),
});
