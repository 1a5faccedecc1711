import { defineOp } from '../../graph/define-op.js';

/** Runs all its inputs and gives an empty tensor: several updates as one fetch. Shapes: any -> [0]. */
export const group = /* @__PURE__ */ defineOp({
  name: 'group',
  inputs: ['...values'],
  effectsOnly: true,
  infer: () => ({ dtype: 'float32', shape: [0] }),
  grad: null,
  lower: () => ({ kind: 'nothing' }),
});
