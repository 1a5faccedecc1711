import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { axisSize, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { div } from '../arithmetic/div.js';
import { mul } from '../arithmetic/mul.js';
import { sub } from '../arithmetic/sub.js';
import { cast } from '../casting/cast.js';
import { equal } from '../comparison/equal.js';
import { greaterEqual } from '../comparison/greater-equal.js';
import { less } from '../comparison/less.js';
import { floatLike } from '../elementwise.js';
import { logicalAnd } from '../logical/logical-and.js';
import { where } from '../logical/where.js';
import { floor } from '../rounding/floor.js';
import { expandDims } from '../shape/expand-dims.js';
import { reshape } from '../shape/reshape.js';
import { slice } from '../slicing/slice.js';
import { broughtInside } from './fill-modes.js';
import { alongAxis, checkImages, resizedShape } from './images.js';
import { pixelsAt } from './pixels.js';

const attrs = z.strictObject({
  interpolation: z.enum(['nearest', 'bilinear']).default('nearest'),
  /** How the image goes on outside its edges. */
  fillMode: z.enum(['constant', 'reflect', 'wrap', 'nearest']).default('constant'),
  /** Value of pixels outside, where fillMode is 'constant'. */
  fillValue: z.number().default(0),
  /** Height and width of the result; those of the images when left out. */
  outputShape: z.tuple([z.int().min(1), z.int().min(1)]).optional(),
});

function checkTransforms(images: Tensor, transforms: Tensor): void {
  const [batch, count] = [axisSize(images, 0), axisSize(transforms, 0)];
  const fits = transforms.rank === 2 && sizesAgree(axisSize(transforms, 1), 8);
  if (fits && (count === 1 || sizesAgree(batch, count))) return;
  throw new GraphError('SHAPE_MISMATCH', 'transform', {
    what: 'transforms must be [1, 8] or [batch, 8].',
    given: { images, transforms },
  });
}

interface Places {
  readonly x: Tensor;
  readonly y: Tensor;
  /** Where the projection is not infinite. */
  readonly finite: Tensor;
}

/** Where each pixel of the result comes from. -> [1 or n, height, width] */
function projected(transforms: Tensor, [height, width]: readonly [number, number]): Places {
  const { dtype } = transforms;
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const column = alongAxis(numbers(width), { rank: 3, axis: 2, dtype });
  const row = alongAxis(numbers(height), { rank: 3, axis: 1, dtype });
  const term = (i: number): Tensor =>
    reshape(slice(transforms, { begin: [0, i], size: [-1, 1] }), {
      shape: [transforms.shape[0] as number, 1, 1],
    });
  const line = (i: number, last: Tensor | number): Tensor =>
    add(add(mul(term(i), column), mul(term(i + 1), row)), last);
  const projection = line(6, 1);
  const infinite = equal(projection, 0);
  const divisor = where(infinite, 1, projection);
  return {
    x: div(line(0, term(2)), divisor),
    y: div(line(3, term(5)), divisor),
    finite: equal(infinite, false),
  };
}

/** Pixels at whole places, with the fill value outside. */
function readPixels(images: Tensor, { x, y }: { x: Tensor; y: Tensor }, fill: number): Tensor {
  const [count, height, width] = images.shape as [number, number, number];
  const within = (at: Tensor, size: number): Tensor =>
    logicalAnd(greaterEqual(at, 0), less(at, size));
  const batch = alongAxis(
    Array.from({ length: count }, (_, i) => i),
    { rank: 3, axis: 0, dtype: 'int32' },
  );
  const seen = expandDims(logicalAnd(within(y, height), within(x, width)), { axis: -1 });
  return where(seen, pixelsAt(images, { batch, row: y, column: x }), fill);
}

function interpolated(images: Tensor, { x, y }: { x: Tensor; y: Tensor }, fill: number): Tensor {
  const [left, top] = [floor(x), floor(y)];
  const [right, bottom] = [add(left, 1), add(top, 1)];
  const part = (a: Tensor, b: Tensor): Tensor => expandDims(sub(a, b), { axis: -1 });
  const mix = (row: Tensor): Tensor =>
    add(
      mul(part(right, x), readPixels(images, { x: left, y: row }, fill)),
      mul(part(x, left), readPixels(images, { x: right, y: row }, fill)),
    );
  return add(mul(part(bottom, y), mix(top)), mul(part(y, top), mix(bottom)));
}

/**
 * Images seen through projections: the pixel (x, y) of the result comes from
 * `((a0 x + a1 y + a2) / k, (a3 x + a4 y + a5) / k)` with `k = a6 x + a7 y + 1`.
 * Shapes: images [n, h, w, c], transforms [n or 1, 8] -> [n, ...outputShape, c]. Errors: SHAPE_MISMATCH.
 */
export const transform: Op<readonly ['images', 'transforms'], typeof attrs> =
  /* @__PURE__ */ defineOp({
    name: 'transform',
    inputs: ['images', 'transforms'],
    attrs,
    infer({ images, transforms }, { outputShape }) {
      checkImages(images, 'transform', [4]);
      checkTransforms(images, transforms);
      const [, height = null, width = null] = images.shape;
      const shape = outputShape
        ? resizedShape(images, outputShape)
        : [images.shape[0] ?? null, height, width, images.shape[3] ?? null];
      return { dtype: floatLike(images).dtype, shape };
    },
    grad: 'expand',
    expand({ images, transforms }, { interpolation, fillMode, fillValue, outputShape }) {
      const [, height, width] = images.shape as [number, number, number];
      const { dtype } = floatLike(images);
      const from = projected(
        cast(transforms, { dtype: floatLike(transforms).dtype }),
        outputShape ?? [height, width],
      );
      const x = broughtInside(from.x, width, fillMode);
      const y = broughtInside(from.y, height, fillMode);
      const source = cast(images, { dtype });
      const nearest = { x: floor(add(x, 0.5)), y: floor(add(y, 0.5)) };
      const pixels =
        interpolation === 'bilinear'
          ? interpolated(source, { x, y }, fillValue)
          : readPixels(source, nearest, fillValue);
      return cast(where(expandDims(from.finite, { axis: -1 }), pixels, fillValue), { dtype });
    },
  });
