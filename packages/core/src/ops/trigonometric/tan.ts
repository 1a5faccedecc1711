import { call } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Tangent of an angle in radians. */
export const tan: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'tan',
  fn: (x) => call('div', call('sin', x as Expression), call('cos', x as Expression)),
  result: 'float',
  grad: ({ y, dy }) => ({ x: mul(dy, add(mul(y, y), 1)) }),
});
