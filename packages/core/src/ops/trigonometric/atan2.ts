import { call, literal, select } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { add } from '../arithmetic/add.js';
import { div } from '../arithmetic/div.js';
import { mul } from '../arithmetic/mul.js';
import { neg } from '../arithmetic/neg.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';

/** Whether the sign bit is set: below 0, or -0. */
function isNegative(x: Expression): Expression {
  const zero = literal(0, x.dtype);
  const minusZero = call('and', call('equal', x, zero), call('less', call('reciprocal', x), zero));
  return call('or', call('less', x, zero), minusZero);
}

/** The arc tangent of the smaller size over the larger, then mirrored into its eighth of the circle. */
function atan2Of(a: Expression, b: Expression): Expression {
  const number = (value: number) => literal(value, a.dtype);
  const [height, width] = [call('abs', a), call('abs', b)];
  const [most, least] = [call('max', height, width), call('min', height, width)];
  // 0 / 0 counts as 0 and infinity / infinity as 1.
  const none = call('equal', most, number(0));
  const both = call('and', call('equal', most, least), call('not', none));
  const ratio = select(none, number(0), select(both, number(1), call('div', least, most)));
  const eighth = call('atan', ratio);
  const quarter = select(
    call('less', width, height),
    call('sub', number(Math.PI / 2), eighth),
    eighth,
  );
  const half = select(isNegative(b), call('sub', number(Math.PI), quarter), quarter);
  return select(isNegative(a), call('neg', half), half);
}

/**
 * Angle of the point (b, a), in radians from -pi to pi: `tan y = a / b`, in the quadrant that the signs say.
 * Shapes: a, b broadcast. Errors: SHAPE_MISMATCH.
 */
export const atan2: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'atan2',
  fn: (a, b) => atan2Of(a as Expression, b as Expression),
  result: 'float',
  grad({ a, b, dy }) {
    const part = div(dy, add(mul(a, a), mul(b, b)));
    return { a: mul(b, part), b: neg(mul(a, part)) };
  },
});
