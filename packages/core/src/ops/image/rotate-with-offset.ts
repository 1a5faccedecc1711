import { z } from 'zod';
import { constant } from '../../graph/constant.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import { gather } from '../indexing/gather.js';
import { where } from '../logical/where.js';
import { reshape } from '../shape/reshape.js';
import { checkImages } from './images.js';

const attrs = z.strictObject({
  /** Angle, counter-clockwise. */
  radians: z.number(),
  /** Value of pixels from outside: one for all channels, or one for each of the first three; a fourth is then 255. */
  fillValue: z.union([z.number(), z.array(z.number()).min(1)]).default(0),
  /** The centre in parts of width and height. */
  center: z.union([z.number(), z.tuple([z.number(), z.number()])]).default(0.5),
});

/** For each pixel of the result, the flat number of the pixel that comes there, or -1. */
function sources(
  [height, width]: readonly [number, number],
  { radians, center }: z.output<typeof attrs>,
): number[] {
  const [partX, partY] = typeof center === 'number' ? [center, center] : center;
  const [centerX, centerY] = [width * partX, height * partY];
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  return Array.from({ length: height * width }, (_, pixel) => {
    const [dx, dy] = [(pixel % width) - centerX, Math.floor(pixel / width) - centerY];
    const column = Math.round(dx * cosine - dy * sine + centerX);
    const row = Math.round(dx * sine + dy * cosine + centerY);
    return column >= 0 && column < width && row >= 0 && row < height ? row * width + column : -1;
  });
}

const opaque = 255;

/**
 * Images turned about a point by the nearest pixel. Shapes: x [n, h, w, c] -> x. Errors: SHAPE_MISMATCH.
 */
export const rotateWithOffset: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'rotateWithOffset',
  inputs: ['x'],
  attrs,
  infer({ x }) {
    checkImages(x, 'rotateWithOffset', [4]);
    return { dtype: x.dtype, shape: x.shape };
  },
  grad: 'expand',
  expand({ x }, given) {
    const [batch, height, width, channels] = x.shape as KnownShape as [
      number,
      number,
      number,
      number,
    ];
    if (height * width === 0) return x;
    const from = sources([height, width], given);
    const pixels = gather(
      reshape(x, { shape: [batch, height * width, channels] }),
      from.map((i) => Math.max(i, 0)),
      { axis: 1 },
    );
    const { fillValue } = given;
    const fill = Array.from({ length: channels }, (_, c) => {
      if (typeof fillValue === 'number') return fillValue;
      return c === 3 ? opaque : (fillValue[c] ?? 0);
    });
    const seen = constant(
      from.map((i) => i >= 0),
      { dtype: 'bool', shape: [height * width, 1] },
    );
    const turned = where(seen, pixels, constant(fill, { dtype: x.dtype, shape: [channels] }));
    return reshape(turned, { shape: [batch, height, width, channels] });
  },
});
