import { greater } from '../comparison/greater.js';
import { type BinaryOp, defineBinary } from '../elementwise.js';
import { log } from '../exponential/log.js';
import { where } from '../logical/where.js';
import { mul } from './mul.js';
import { sub } from './sub.js';

/** Power, `y = a^b`. Shapes: a, b broadcast. Errors: SHAPE_MISMATCH. */
export const pow: BinaryOp = /* @__PURE__ */ defineBinary({
  name: 'pow',
  fn: 'pow',
  result: 'same',
  // ln a is taken as 0 for a <= 0, where the derivative by b is not defined.
  grad: ({ a, b, y, dy }) => ({
    a: mul(dy, mul(b, pow(a, sub(b, 1)))),
    b: mul(dy, mul(y, where(greater(a, 0), log(where(greater(a, 0), a, 1)), 0))),
  }),
});
