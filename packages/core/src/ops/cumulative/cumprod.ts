import { mul } from '../arithmetic/mul.js';
import { countable } from '../reduction/reduce.js';
import { shift } from '../slicing/shift.js';
import { type CumulativeOp, defineCumulative } from './define-cumulative.js';
import { linearRecurrence } from './linear-recurrence.js';

/**
 * Running product along an axis, `y[i] = prod_{j <= i} x[j]`; bool is taken as int32. The gradient divides by nothing, so
 * it holds where elements are zero. Errors: ATTRIBUTE_INVALID.
 */
export const cumprod: CumulativeOp = /* @__PURE__ */ defineCumulative({
  name: 'cumprod',
  combine: 'prod',
  result: countable,
  // dx[i] = (prod_{j < i} x[j]) s[i] with s[i] = dy[i] + x[i + 1] s[i + 1]; an exclusive dy belongs to the place before.
  grad({ x, dy }, { axis, exclusive, reverse }) {
    const next = { axis, by: reverse ? 1 : -1 };
    const flowing = linearRecurrence(exclusive ? shift(dy, next) : dy, shift(x, next), {
      axis,
      reverse: !reverse,
    });
    return { x: mul(cumprod(x, { axis, exclusive: true, reverse }), flowing) };
  },
});
