import { defineOp } from '../../graph/define-op.js';

/** x itself, through which no gradient flows. Shapes: x -> x. */
export const stopGradient = /* @__PURE__ */ defineOp({
  name: 'stopGradient',
  inputs: ['x'],
  infer: ({ x }) => ({ dtype: x.dtype, shape: x.shape }),
  grad: 'zero',
  expand: ({ x }) => x,
});
