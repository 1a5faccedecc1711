import { defineUnary, type UnaryOp } from '../elementwise.js';

/** Negation, `y = -x`. */
export const neg: UnaryOp = /* @__PURE__ */ defineUnary({
  name: 'neg',
  fn: 'neg',
  result: 'same',
  grad: ({ dy }) => ({ x: neg(dy) }),
  simplify: (x) => (x.node.op === neg ? (x.node.inputs[0] ?? null) : null),
});
