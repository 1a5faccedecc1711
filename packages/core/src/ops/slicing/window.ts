import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { sameShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { copyView } from '../../lower/kernel-builder.js';
import { type Cut, withSize } from '../../sharding/cut.js';
import { placeLike } from './place-like.js';
import { checkPlaces, stridedView } from './strided-view.js';

const attrs = z.strictObject({
  begin: z.array(z.int().min(0)),
  /** Steps between elements, also negative ones. */
  strides: z.array(z.int()),
  size: z.array(z.int().min(0)),
});

/**
 * Elements at regular places, `y[i] = x[begin + i * strides]` on every axis, with the shape `size`.
 * Errors: ATTRIBUTE_INVALID, INDEX_OUT_OF_RANGE.
 */
export const window: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'window',
  inputs: ['x'],
  attrs,
  infer({ x }, places) {
    checkPlaces(x, places, 'window');
    return { dtype: x.dtype, shape: places.size };
  },
  grad: ({ x, dy }, { begin, strides }) => ({ x: placeLike(dy, x, { begin, strides }) }),
  lower: ({ inputs: { x }, output, attrs: places }) =>
    copyView(x, output, stridedView(x.shape, places)),
  simplify: ({ x }, { size, strides }) =>
    sameShape(x.shape, size) && strides.every((stride) => stride === 1) ? x : null,
  // On an axis that is taken whole and in order.
  cuts: ({ x }, { begin, strides, size }) =>
    size.flatMap((extent, axis): Cut[] =>
      extent !== x.shape[axis] || strides[axis] !== 1
        ? []
        : [
            {
              inputs: [axis],
              output: axis,
              piece: ([part], range) =>
                window(part as Tensor, { begin, strides, size: withSize(size, axis, range.size) }),
            },
          ],
    ),
  takes({ x }, { begin, strides, size }) {
    const cut = size.flatMap((extent, axis) => (extent === x.shape[axis] ? [] : [axis]));
    const [axis] = cut;
    if (cut.length !== 1 || axis === undefined || strides.some((stride) => stride !== 1))
      return null;
    return { axis, begin: begin[axis] as number, size: size[axis] as number };
  },
});
