import { type CumulativeOp, defineCumulative } from './define-cumulative.js';
import { extremeSoFarGradient } from './extreme-so-far.js';

/** Running minimum along an axis, `y[i] = min_{j <= i} x[j]`; from the first NaN on, NaN. Errors: ATTRIBUTE_INVALID. */
export const cummin: CumulativeOp = /* @__PURE__ */ defineCumulative({
  name: 'cummin',
  combine: 'min',
  grad: ({ x, dy }, attrs) =>
    extremeSoFarGradient({ extreme: cummin(x, { ...attrs, exclusive: false }), dy }, attrs),
});
