import { countable } from '../reduction/reduce.js';
import { type CumulativeOp, defineCumulative } from './define-cumulative.js';

/** Running sum along an axis, `y[i] = sum_{j <= i} x[j]`; bool is counted as int32. Errors: ATTRIBUTE_INVALID. */
export const cumsum: CumulativeOp = /* @__PURE__ */ defineCumulative({
  name: 'cumsum',
  combine: 'sum',
  result: countable,
  grad: ({ dy }, { reverse, ...attrs }) => ({ x: cumsum(dy, { ...attrs, reverse: !reverse }) }),
});
