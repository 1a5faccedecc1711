import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { promote } from '../../graph/dtype.js';
import { type KnownShape, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { add } from '../arithmetic/add.js';
import { greater } from '../comparison/greater.js';
import { where as choose } from '../logical/where.js';
import { reshape } from '../shape/reshape.js';
import { pad } from '../slicing/pad.js';
import { window } from '../slicing/window.js';
import { slidSizes, spanOf, type Triple, windowGeometry } from '../window-geometry.js';
import {
  layoutOf,
  perAxis,
  readSizes,
  slideOf,
  windowOptions,
  writeSizes,
} from '../window-layout.js';

const { padding, dilations } = windowOptions(2);
const attrs = z.strictObject({ strides: perAxis(2).default(1), padding, dilations });
type Options = z.output<typeof attrs>;

const where = 'dilation2d';
const slide = (options: Options) => slideOf({ ...options, dimRoundingMode: 'floor' }, 2);
const layout = (x: Tensor) => layoutOf(x, 'NHWC', { spatial: 2, where });

/** x with enough of minus infinity around it that every window lies inside. */
function surrounded(
  x: Tensor,
  positions: KnownShape,
  { filter, options }: { filter: Tensor; options: Options },
): Tensor {
  const [, height, width] = x.shape as Triple;
  const [kh, kw] = filter.shape as Triple;
  const shapes = { x: [0, 1, height, width], y: [0, 1, ...positions] };
  const {
    padBefore,
    strides,
    dilations: gaps,
  } = windowGeometry(shapes.x, shapes.y, { window: [1, kh, kw], slide: slide(options) });
  const [rows, columns] = [height, width].map((size, i) => {
    const before = padBefore[i + 1] as number;
    const last =
      ((positions[i] as number) - 1) * (strides[i + 1] as number) +
      spanOf([kh, kw][i] as number, gaps[i + 1] as number);
    return [before, Math.max(last - before - size, 0)] as [number, number];
  }) as [[number, number], [number, number]];
  return pad(x, { paddings: [[0, 0], rows, columns, [0, 0]], value: Number.NEGATIVE_INFINITY });
}

/** For each element of the window, x at its place and the filter's element: the candidates of the maximum. */
function candidates(
  x: Tensor,
  positions: KnownShape,
  { filter, options }: { filter: Tensor; options: Options },
): Tensor[] {
  const padded = surrounded(x, positions, { filter, options });
  const [kh, kw, channels] = filter.shape as Triple;
  const { strides, dilations: gaps } = slide(options);
  const size = [x.shape[0] as number, ...positions, channels];
  return Array.from({ length: kh * kw }, (_, tap) => {
    const [row, column] = [Math.floor(tap / kw), tap % kw];
    const begin = [0, row * gaps[1], column * gaps[2], 0];
    const seen = window(padded, { begin, strides: [1, strides[1], strides[2], 1], size });
    return add(
      seen,
      window(filter, { begin: [row, column, 0], strides: [1, 1, 1], size: [1, 1, channels] }),
    );
  });
}

/**
 * Greyscale dilation, `y[n, p, c] = max_t (x[n, p s + t d - before, c] + f[t, c])`; its gradient goes to the first maximum.
 * Shapes: x [n, h, w, c], filter [kh, kw, c] -> [n, h', w', c]. Errors: SHAPE_MISMATCH.
 */
export const dilation2d: Op<readonly ['x', 'filter'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: where,
  inputs: ['x', 'filter'],
  attrs,
  infer({ x, filter }, options) {
    const { batch, sizes, channels } = readSizes(x.shape, layout(x));
    if (filter.rank !== 3 || !sizesAgree(filter.shape[2] ?? null, channels)) {
      throw new GraphError('SHAPE_MISMATCH', where, {
        what: 'the filter must have the axes [height, width, channels of x].',
        given: { x, filter },
      });
    }
    const positions = slidSizes(sizes, [1, ...filter.shape.slice(0, 2)], {
      slide: slide(options),
      where,
    });
    return {
      dtype: promote(x.dtype, filter.dtype),
      shape: writeSizes({ batch, sizes: positions, channels }, layout(x)),
    };
  },
  grad: 'expand',
  expand({ x, filter }, options) {
    const from = layout(x);
    const { batch, sizes, channels } = readSizes(x.shape, from);
    const [, ...positions] = slidSizes(sizes, [1, ...filter.shape.slice(0, 2)], {
      slide: slide(options),
      where,
    }) as Triple;
    const images = reshape(x, { shape: [batch, ...sizes.slice(1), channels] as number[] });
    const y = candidates(images, positions, { filter, options }).reduce((best, next) =>
      choose(greater(next, best), next, best),
    );
    return reshape(y, {
      shape: [...(writeSizes({ batch, sizes: [1, ...positions], channels }, from) as KnownShape)],
    });
  },
});
