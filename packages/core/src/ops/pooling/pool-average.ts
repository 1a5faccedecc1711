import { defineOp, type Op } from '../../graph/define-op.js';
import { cast } from '../casting/cast.js';
import { floatLike } from '../elementwise.js';
import { poolAverageGradientLike } from './pool-average-gradient-like.js';
import { averageAttrs, poolCuts, pooledShape, poolGeometry } from './pool-shapes.js';

/**
 * Mean of each window over three spatial axes, `y[n, p, c] = (1 / k) sum_t x[n, p s + t d - before, c]`.
 * Shapes: x [n, ...size, c] -> [n, ...positions, c]. Errors: SHAPE_MISMATCH.
 */
export const poolAverage: Op<readonly ['x'], typeof averageAttrs> = /* @__PURE__ */ defineOp({
  name: 'poolAverage',
  inputs: ['x'],
  attrs: averageAttrs,
  infer: ({ x }, attrs) => ({
    dtype: floatLike(x).dtype,
    shape: pooledShape(x, attrs, 'poolAverage'),
  }),
  grad: ({ x, dy }, attrs) => ({ x: poolAverageGradientLike(dy, x, attrs) }),
  expand({ x }, attrs) {
    const { dtype } = floatLike(x);
    return x.dtype === dtype ? null : poolAverage(cast(x, { dtype }), attrs);
  },
  lower: ({ inputs: { x }, attrs, output: { dtype, shape } }) => ({
    kind: 'template',
    template: {
      kind: 'pool',
      mode: 'average',
      countPadding: attrs.countPadding,
      dtype,
      geometry: poolGeometry(x.shape, shape, attrs),
    },
  }),
  cuts: () => poolCuts(1),
});
