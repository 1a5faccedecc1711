import { defineOp, type Op } from '../../graph/define-op.js';
import { poolMaxGradient } from './pool-max-gradient.js';
import { poolAttrs, poolCuts, pooledShape, poolGeometry } from './pool-shapes.js';

/**
 * Maximum of each window over three spatial axes, `y[n, p, c] = max_t x[n, p s + t d - before, c]`; NaN wins.
 * Shapes: x [n, ...size, c] -> [n, ...positions, c]. Errors: SHAPE_MISMATCH.
 */
export const poolMax: Op<readonly ['x'], typeof poolAttrs> = /* @__PURE__ */ defineOp({
  name: 'poolMax',
  inputs: ['x'],
  attrs: poolAttrs,
  infer: ({ x }, attrs) => ({ dtype: x.dtype, shape: pooledShape(x, attrs, 'poolMax') }),
  grad: ({ x, dy }, attrs) => ({ x: poolMaxGradient(x, dy, attrs) }),
  lower: ({ inputs: { x }, attrs, output: { dtype, shape } }) => ({
    kind: 'template',
    template: {
      kind: 'pool',
      mode: 'max',
      countPadding: false,
      dtype,
      geometry: poolGeometry(x.shape, shape, attrs),
    },
  }),
  cuts: () => poolCuts(1),
});
