import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { type KnownShape, sizeOf } from '../../graph/shape.js';
import { reshape } from '../shape/reshape.js';
import { window } from '../slicing/window.js';

const least = (m: number | null, n: number | null): number | null =>
  m === null || n === null ? null : Math.min(m, n);

/** Main diagonal of matrices, `y[..., i] = x[..., i, i]`. Shapes: x [..., m, n] -> [..., min(m, n)]. Errors: SHAPE_MISMATCH. */
export const diagPart: Op<readonly ['x']> = /* @__PURE__ */ defineOp({
  name: 'diagPart',
  inputs: ['x'],
  infer({ x }) {
    if (x.rank < 2) {
      throw new GraphError('SHAPE_MISMATCH', 'diagPart', {
        what: 'a matrix has at least 2 axes.',
        given: { x },
        fix: 'give the axes of a matrix last.',
      });
    }
    const [m, n] = x.shape.slice(-2) as [number | null, number | null];
    return { dtype: x.dtype, shape: [...x.shape.slice(0, -2), least(m, n)] };
  },
  grad: 'expand',
  // Along the diagonal, elements lie n + 1 apart.
  expand({ x }) {
    const shape = x.shape as KnownShape;
    const [batch, [m, n]] = [shape.slice(0, -2), shape.slice(-2) as [number, number]];
    const rows = reshape(x, { shape: [sizeOf(batch), m * n] });
    const size = Math.min(m, n);
    return reshape(
      window(rows, { begin: [0, 0], strides: [1, n + 1], size: [sizeOf(batch), size] }),
      { shape: [...batch, size] },
    );
  },
});
