import { defineOp, type Op } from '../../graph/define-op.js';
import { poolMaxGradient } from './pool-max-gradient.js';
import { poolAttrs, poolCuts, pooledShape, poolGeometry } from './pool-shapes.js';

/** The elements of v where x has the first maximum of each window: the adjoint of poolMaxGradient in v. Shapes: x, v [n, ...size, c] -> [n, ...positions, c]. */
export const poolMaxSelect: Op<readonly ['x', 'v'], typeof poolAttrs> = /* @__PURE__ */ defineOp({
  name: 'poolMaxSelect',
  inputs: ['x', 'v'],
  attrs: poolAttrs,
  infer: ({ x, v }, attrs) => ({ dtype: v.dtype, shape: pooledShape(x, attrs, 'poolMaxSelect') }),
  grad: ({ x, dy }, attrs) => ({ x: null, v: poolMaxGradient(x, dy, attrs) }),
  lower: ({ inputs: { x }, attrs, output: { dtype, shape } }) => ({
    kind: 'template',
    template: { kind: 'maxPoolSelect', dtype, geometry: poolGeometry(x.shape, shape, attrs) },
  }),
  cuts: () => poolCuts(2),
});
