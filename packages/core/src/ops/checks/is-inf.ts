import { call } from '../../lower/kernel-builder.js';
import type { Expression } from '../../lower/loop-ir.js';
import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Whether x is positive or negative infinity; never of integers. */
export const isInf: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'isInf',
  fn: (x) =>
    call('not', call('or', call('isFinite', x as Expression), call('isNaN', x as Expression))),
  result: 'bool',
  grad: null,
});
