import { definePool, type PoolOp } from './define-pool.js';

/**
 * Mean of the part of each window that lies inside x, `y[n, p, c] = (1 / k) sum_t x[n, p s + t d - before, c]`.
 * Shapes: x [n, h, w, c] -> [n, h', w', c]; the batch axis may be missing. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const avgPool: PoolOp = /* @__PURE__ */ definePool({
  name: 'avgPool',
  spatial: 2,
  mode: 'average',
});
