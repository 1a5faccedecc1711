import { defineOp, type Op } from '../../graph/define-op.js';
import { type KnownShape, sizeOf } from '../../graph/shape.js';
import { crop } from '../slicing/crop.js';
import { reshape } from './reshape.js';

/**
 * Zeros with x on the diagonal, `y[i..., i...] = x[i...]`. Shapes: x [...] -> [..., ...].
 * Errors: SHAPE_INVALID where the rank gets too high.
 */
export const diag: Op<readonly ['x']> = /* @__PURE__ */ defineOp({
  name: 'diag',
  inputs: ['x'],
  infer: ({ x }) => ({ dtype: x.dtype, shape: [...x.shape, ...x.shape] }),
  grad: 'expand',
  // n zeros behind each element put element i at i (n + 1), which is the diagonal of n rows.
  expand({ x }) {
    const shape = x.shape as KnownShape;
    const n = sizeOf(shape);
    const spread = crop(reshape(x, { shape: [n, 1] }), { begin: [0, 0], size: [n, n + 1] });
    const square = crop(reshape(spread, { shape: [n * (n + 1)] }), { begin: [0], size: [n * n] });
    return reshape(square, { shape: [...shape, ...shape] });
  },
});
