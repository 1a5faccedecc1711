import { defineOp, type Op } from '../../graph/define-op.js';
import { gather } from '../indexing/gather.js';
import { checkImages, resizedShape, rowAxis } from './images.js';
import { type ResizeAttrs, resizeAttrs, stepOf } from './resize-attrs.js';

function nearest(from: number, to: number, attrs: ResizeAttrs): number[] {
  const step = stepOf(from, to, attrs);
  return Array.from({ length: to }, (_, i) => {
    const at = attrs.halfPixelCenters ? step * (i + 0.5) : step * i;
    return Math.max(Math.min(from - 1, attrs.alignCorners ? Math.round(at) : Math.floor(at)), 0);
  });
}

/**
 * Images in another size, each pixel a copy of the nearest.
 * Shapes: x [n, h, w, c] -> [n, ...size, c]; the batch axis may be missing. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export const resizeNearestNeighbor: Op<readonly ['x'], typeof resizeAttrs> =
  /* @__PURE__ */ defineOp({
    name: 'resizeNearestNeighbor',
    inputs: ['x'],
    attrs: resizeAttrs,
    infer({ x }, { size }) {
      checkImages(x, 'resizeNearestNeighbor');
      return { dtype: x.dtype, shape: resizedShape(x, size) };
    },
    grad: 'expand',
    expand({ x }, attrs) {
      const rows = rowAxis(x);
      const [height, width] = attrs.size;
      const narrow = gather(x, nearest(x.shape[rows] as number, height, attrs), { axis: rows });
      return gather(narrow, nearest(x.shape[rows + 1] as number, width, attrs), { axis: rows + 1 });
    },
  });
