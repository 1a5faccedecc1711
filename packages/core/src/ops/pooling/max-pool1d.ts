import { definePool, type PoolOp } from './define-pool.js';

/**
 * Maximum of each window, `y[n, p, c] = max_t x[n, p s + t d - before, c]`; its gradient goes to the first maximum.
 * Shapes: x [n, w, c] -> [n, w', c]; the batch axis may be missing. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const maxPool1d: PoolOp = /* @__PURE__ */ definePool({
  name: 'maxPool1d',
  spatial: 1,
  mode: 'max',
});
