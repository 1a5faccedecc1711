import { defineOp, type Op } from '../../graph/define-op.js';
import { poolMaxSelect } from './pool-max-select.js';
import { poolAttrs, poolCuts, poolGeometry } from './pool-shapes.js';

/** Adjoint of poolMax: each v goes to the first maximum of its window of x. Shapes: x [n, ...size, c], v [n, ...positions, c] -> that of x. */
export const poolMaxGradient: Op<readonly ['x', 'v'], typeof poolAttrs> = /* @__PURE__ */ defineOp({
  name: 'poolMaxGradient',
  inputs: ['x', 'v'],
  attrs: poolAttrs,
  infer: ({ x, v }) => ({ dtype: v.dtype, shape: x.shape }),
  // Where the maximum lies changes nowhere but at ties, so x has no part in the gradient.
  grad: ({ x, dy }, attrs) => ({ x: null, v: poolMaxSelect(x, dy, attrs) }),
  lower: ({ inputs: { x, v }, attrs, output: { dtype } }) => ({
    kind: 'template',
    template: { kind: 'maxPoolGradient', dtype, geometry: poolGeometry(x.shape, v.shape, attrs) },
  }),
  cuts: () => poolCuts(2),
});
