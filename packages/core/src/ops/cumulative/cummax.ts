import { type CumulativeOp, defineCumulative } from './define-cumulative.js';
import { extremeSoFarGradient } from './extreme-so-far.js';

/** Running maximum along an axis, `y[i] = max_{j <= i} x[j]`; from the first NaN on, NaN. Errors: ATTRIBUTE_INVALID. */
export const cummax: CumulativeOp = /* @__PURE__ */ defineCumulative({
  name: 'cummax',
  combine: 'max',
  grad: ({ x, dy }, attrs) =>
    extremeSoFarGradient({ extreme: cummax(x, { ...attrs, exclusive: false }), dy }, attrs),
});
