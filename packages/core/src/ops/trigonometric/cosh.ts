import { call, literal } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { mul } from '../arithmetic/mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';
import { sinh } from './sinh.js';

// By r = e^(|x|/2): r^2 / 2 overflows no earlier than the result.
function coshOf(x: Expression): Expression {
  const half = literal(0.5, x.dtype);
  const root = call('exp', call('mul', half, call('abs', x)));
  return call(
    'add',
    call('mul', call('mul', half, root), root),
    call('div', call('div', half, root), root),
  );
}

/** Hyperbolic cosine, `y = (e^x + e^-x) / 2`. */
export const cosh: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'cosh',
  fn: (x) => coshOf(x as Expression),
  result: 'float',
  grad: ({ x, dy }) => ({ x: mul(dy, sinh(x)) }),
});
