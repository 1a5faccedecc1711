import { defineOp, type Op } from '../../graph/define-op.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { cast } from '../casting/cast.js';
import { floatLike } from '../elementwise.js';
import { gather } from '../indexing/gather.js';
import { alongAxis, checkImages, resizedShape, rowAxis } from './images.js';
import { type ResizeAttrs, resizeAttrs, stepOf } from './resize-attrs.js';

/** Between which two elements each new one lies, and how far on the way. */
function places(from: number, to: number, attrs: ResizeAttrs) {
  const step = stepOf(from, to, attrs);
  const low: number[] = [];
  const high: number[] = [];
  const fraction: number[] = [];
  for (let i = 0; i < to; i++) {
    const at = attrs.halfPixelCenters ? step * (i + 0.5) - 0.5 : step * i;
    low.push(Math.min(Math.max(Math.floor(at), 0), from - 1));
    high.push(Math.max(Math.min(Math.ceil(at), from - 1), 0));
    fraction.push(at - (low[i] as number));
  }
  return { low, high, fraction };
}

/** x with `size` elements along an axis, each between the two nearest. */
function stretched(
  x: Tensor,
  axis: number,
  { size, attrs }: { size: number; attrs: ResizeAttrs },
): Tensor {
  const { low, high, fraction } = places(x.shape[axis] as number, size, attrs);
  const [before, behind] = [gather(x, low, { axis }), gather(x, high, { axis })];
  return add(
    before,
    mul(sub(behind, before), alongAxis(fraction, { rank: x.rank, axis, dtype: x.dtype })),
  );
}

/**
 * Images in another size, each pixel between its four neighbours: first between columns, then between rows.
 * Shapes: x [n, h, w, c] -> [n, ...size, c]; the batch axis may be missing. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const resizeBilinear: Op<readonly ['x'], typeof resizeAttrs> = /* @__PURE__ */ defineOp({
  name: 'resizeBilinear',
  inputs: ['x'],
  attrs: resizeAttrs,
  infer({ x }, { size }) {
    checkImages(x, 'resizeBilinear');
    return { dtype: floatLike(x).dtype, shape: resizedShape(x, size) };
  },
  grad: 'expand',
  expand({ x }, attrs) {
    const [height, width] = attrs.size;
    const wide = stretched(cast(x, { dtype: floatLike(x).dtype }), rowAxis(x) + 1, {
      size: width,
      attrs,
    });
    return stretched(wide, rowAxis(x), { size: height, attrs });
  },
});
