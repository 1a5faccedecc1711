import { definePool, type PoolOp } from './define-pool.js';

/**
 * Mean of the part of each window that lies inside x, `y[n, p, c] = (1 / k) sum_t x[n, p s + t d - before, c]`.
 * Shapes: x [n, w, c] -> [n, w', c]; the batch axis may be missing. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const avgPool1d: PoolOp = /* @__PURE__ */ definePool({
  name: 'avgPool1d',
  spatial: 1,
  mode: 'average',
});
