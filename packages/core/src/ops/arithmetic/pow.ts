import { equal } from '../comparison/equal.js';
import { greater } from '../comparison/greater.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';
import { log } from '../exponential/log.js';
import { where } from '../logical/where.js';
import { mul } from './mul.js';
import { sub } from './sub.js';

/**
 * Power, `y = a^b`; NaN for a negative float to a fractional power. Of integers, the power is exact modulo the size of
 * the dtype, and a negative power truncates towards zero.
 * The gradient in b is 0 where a is not positive. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH.
 */
export const pow: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'pow',
  fn: 'pow',
  result: 'same',
  // Both guards keep 0 * infinity = NaN out: of 0^-1 where b is 0, and of ln 0.
  grad({ a, b, y, dy }) {
    const da = where(equal(b, 0), 0, mul(b, pow(a, sub(b, 1))));
    const positive = greater(a, 0);
    const db = where(positive, mul(y, log(where(positive, a, 1))), 0);
    return { a: mul(dy, da), b: mul(dy, db) };
  },
});
