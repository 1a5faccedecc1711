import { GraphError } from '../../errors.js';
import { defineOp } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { elementwise } from '../../lower/kernel-builder.js';
import { elementwiseCuts } from '../../sharding/cut.js';
import type { UnaryOp } from '../elementwise.js';

/** `not x`, of a bool tensor. Errors: DTYPE_MISMATCH. */
export const logicalNot: UnaryOp = /* @__PURE__ */ defineOp({
  name: 'logicalNot',
  inputs: ['x'],
  infer({ x }) {
    if (x.dtype === 'bool') return { dtype: 'bool', shape: x.shape };
    throw new GraphError('DTYPE_MISMATCH', 'logicalNot', {
      what: 'takes bool tensors only.',
      given: { x },
      fix: "cast the input, for example cast(x, { dtype: 'bool' }).",
    });
  },
  grad: null,
  lower: ({ inputs: { x }, output }) => elementwise('not', [x], output),
  cuts: ({ x }) => elementwiseCuts([x], x.shape as KnownShape),
});
