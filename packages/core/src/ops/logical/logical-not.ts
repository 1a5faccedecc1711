import { GraphError } from '../../errors.js';
import { defineOp } from '../../graph/define-op.js';
import { elementwise } from '../../lower/kernel-builder.js';

/** The opposite. Shapes: x bool -> bool. Errors: DTYPE_MISMATCH. */
export const logicalNot = /* @__PURE__ */ defineOp({
  name: 'logicalNot',
  inputs: ['x'],
  infer({ x }) {
    if (x.dtype === 'bool') return x;
    throw new GraphError('DTYPE_MISMATCH', 'logicalNot', { what: 'takes bool tensors only.', given: { x }, fix: "cast(x, { dtype: 'bool' })." });
  },
  grad: 'zero',
  lower: ({ inputs: { x }, output }) => elementwise('not', [x], output),
});
