import { axesOf, type KnownShape } from '../../graph/shape.js';
import { broadcastLike } from '../shape/broadcast-like.js';
import { reshape } from '../shape/reshape.js';
import { keptLike } from './kept-like.js';
import { countable, defineReduce, type ReduceOp } from './reduce.js';

/** Sum over axes, `y = sum_i x[i]`; bool is counted as int32. Errors: ATTRIBUTE_INVALID. */
export const sum: ReduceOp = /* @__PURE__ */ defineReduce({
  name: 'sum',
  combine: 'sum',
  start: () => 0,
  result: countable,
  grad: ({ x, dy }, attrs) => ({ x: broadcastLike(keptLike(dy, x, attrs), x) }),
  total(rows, { axis, keepDims }) {
    const [, ...row] = rows.shape as KnownShape;
    const axes = axesOf(axis, row.length, 'sum');
    const whole = sum(rows, { axis: [0, ...axes.map((one) => one + 1)] });
    const kept = row.map((size, i) => (axes.includes(i) ? 1 : size));
    return keepDims ? reshape(whole, { shape: kept }) : whole;
  },
});
