import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { isFloat } from '../../graph/dtype.js';
import { shapesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { cast } from '../casting/cast.js';
import { greaterEqual } from '../comparison/greater-equal.js';
import { lessEqual } from '../comparison/less-equal.js';
import { floatLike } from '../elementwise.js';
import { logicalAnd } from '../logical/logical-and.js';
import { where } from '../logical/where.js';
import { ceil } from '../rounding/ceil.js';
import { floor } from '../rounding/floor.js';
import { expandDims } from '../shape/expand-dims.js';
import { reshape } from '../shape/reshape.js';
import { slice } from '../slicing/slice.js';
import { alongAxis, checkImages } from './images.js';
import { pixelsAt } from './pixels.js';

const attrs = z.strictObject({
  /** Height and width of the crops. */
  cropSize: z.tuple([z.int().min(1), z.int().min(1)]),
  method: z.enum(['bilinear', 'nearest']).default('bilinear'),
  /** Value of pixels outside the image. */
  extrapolationValue: z.number().default(0),
});

const name = 'cropAndResize';

function checkBoxes(boxes: Tensor, boxInd: Tensor): void {
  if (!shapesAgree(boxes.shape, [boxInd.shape[0] ?? null, 4]) || boxInd.rank !== 1) {
    throw new GraphError('SHAPE_MISMATCH', name, {
      what: 'boxes must be [boxes, 4] (y1, x1, y2, x2) with one image number for each.',
      given: { boxes, boxInd },
    });
  }
  if (isFloat(boxInd.dtype)) {
    throw new GraphError('DTYPE_MISMATCH', name, {
      what: 'image numbers are integers.',
      given: { boxInd },
    });
  }
}

/** Where the samples along one side of each box lie in the image, in pixels. -> [boxes, count] */
function samples(
  boxes: Tensor,
  side: 0 | 1,
  { count, size }: { count: number; size: number },
): Tensor {
  const edge = (column: number): Tensor => slice(boxes, { begin: [0, column], size: [-1, 1] });
  const [from, to] = [edge(side), edge(side + 2)];
  if (count === 1) return mul(mul(add(from, to), 0.5), size - 1);
  const step = mul(sub(to, from), (size - 1) / (count - 1));
  const numbers = Array.from({ length: count }, (_, i) => i);
  return add(
    mul(from, size - 1),
    mul(step, alongAxis(numbers, { rank: 2, axis: 1, dtype: boxes.dtype })),
  );
}

const inside = (at: Tensor, size: number): Tensor =>
  logicalAnd(greaterEqual(at, 0), lessEqual(at, size - 1));

/** Between the pixels around each place, or the nearest one. -> [boxes, ...cropSize, c] */
function sampled(
  image: Tensor,
  { batch, y, x }: { batch: Tensor; y: Tensor; x: Tensor },
  method: 'bilinear' | 'nearest',
): Tensor {
  const at = (row: Tensor, column: Tensor): Tensor => pixelsAt(image, { batch, row, column });
  // Halves are rounded up, whatever side of an even number they lie on.
  if (method === 'nearest') return at(floor(add(y, 0.5)), floor(add(x, 0.5)));
  const [top, bottom, left, right] = [floor(y), ceil(y), floor(x), ceil(x)];
  const across = expandDims(sub(x, left), { axis: -1 });
  const mix = (a: Tensor, b: Tensor, part: Tensor): Tensor => add(a, mul(sub(b, a), part));
  const upper = mix(at(top, left), at(top, right), across);
  const lower = mix(at(bottom, left), at(bottom, right), across);
  return mix(upper, lower, expandDims(sub(y, top), { axis: -1 }));
}

/**
 * Boxes cut out of images and brought to one size; boxes are given in parts of height and width.
 * Shapes: image [n, h, w, c], boxes [b, 4], boxInd integers [b] -> [b, ...cropSize, c].
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run for an image that is not there.
 */
export const cropAndResize: Op<readonly ['image', 'boxes', 'boxInd'], typeof attrs> =
  /* @__PURE__ */ defineOp({
    name,
    inputs: ['image', 'boxes', 'boxInd'],
    integer: ['boxInd'],
    attrs,
    infer({ image, boxes, boxInd }, { cropSize }) {
      checkImages(image, name, [4]);
      checkBoxes(boxes, boxInd);
      return {
        dtype: floatLike(image).dtype,
        shape: [boxes.shape[0] ?? null, ...cropSize, image.shape[3] ?? null],
      };
    },
    grad: 'expand',
    expand({ image, boxes, boxInd }, { cropSize, method, extrapolationValue }) {
      const [, height, width] = image.shape as [number, number, number];
      const count = boxes.shape[0] as number;
      const { dtype } = floatLike(boxes);
      const corners = cast(boxes, { dtype });
      const rows = samples(corners, 0, { count: cropSize[0], size: height });
      const columns = samples(corners, 1, { count: cropSize[1], size: width });
      const y = reshape(rows, { shape: [count, cropSize[0], 1] });
      const x = reshape(columns, { shape: [count, 1, cropSize[1]] });
      const batch = reshape(cast(boxInd, { dtype: 'int32' }), { shape: [count, 1, 1] });
      const pixels = sampled(
        cast(image, { dtype: floatLike(image).dtype }),
        { batch, y, x },
        method,
      );
      const seen = expandDims(logicalAnd(inside(y, height), inside(x, width)), { axis: -1 });
      return cast(where(seen, pixels, extrapolationValue), { dtype: floatLike(image).dtype });
    },
  });
