import { definePool, type PoolOp } from './define-pool.js';

/**
 * Maximum of each window, `y[n, p, c] = max_t x[n, p s + t d - before, c]`; its gradient goes to the first maximum.
 * Shapes: x [n, d, h, w, c] -> [n, d', h', w', c]; the batch axis may be missing. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const maxPool3d: PoolOp = /* @__PURE__ */ definePool({
  name: 'maxPool3d',
  spatial: 3,
  mode: 'max',
});
