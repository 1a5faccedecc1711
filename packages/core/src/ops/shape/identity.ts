import { defineOp, type Op } from '../../graph/define-op.js';

/** x itself, `y = x`, as a node of its own. */
export const identity: Op<readonly ['x']> = /* @__PURE__ */ defineOp({
  name: 'identity',
  inputs: ['x'],
  infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
  grad: ({ dy }) => ({ x: dy }),
  lower: () => ({ kind: 'alias', input: 0 }),
  simplify: ({ x }) => x,
});
