import { defineOp } from '../../graph/define-op.js';

/**
 * The value of a variable at this point of the run: under `controlDependencies([update])` the value that `update` sets,
 * otherwise that from before the run. Shapes: x -> x.
 */
export const read = /* @__PURE__ */ defineOp({
  name: 'read',
  role: 'read',
  inputs: ['x'],
  infer: ({ x }) => x,
  grad: ({ dy }) => ({ x: dy }),
  lower: () => ({ kind: 'alias', input: 0 }),
});
