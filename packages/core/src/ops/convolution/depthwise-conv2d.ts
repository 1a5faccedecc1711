import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { type KnownShape, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { reshape } from '../shape/reshape.js';
import { slidSizes } from '../window-geometry.js';
import {
  fromVolumes,
  layoutOf,
  perAxis,
  readSizes,
  slideOf,
  toVolumes,
  windowOptions,
  writeSizes,
} from '../window-layout.js';
import { conv } from './conv.js';
import { convDType } from './conv-shapes.js';
import { checkFilterRank } from './define-conv.js';

const attrs = z.strictObject({ strides: perAxis(2).default(1), ...windowOptions(2) });
const where = 'depthwiseConv2d';

function checkChannels(x: Tensor, filter: Tensor, channels: number | null): void {
  if (sizesAgree(channels, filter.shape[2] ?? null)) return;
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: `x has ${channels} channels, the filter is for ${filter.shape[2]}.`,
    given: { x, filter },
    fix: 'the third axis of the filter must be the channels of x.',
  });
}

/**
 * A convolution of each channel by itself, `y[n, p, c m + j] = sum_t x[n, p s + t d - before, c] f[t, c, j]`.
 * Shapes: x [n, h, w, c], filter [kh, kw, c, m] -> [n, h', w', c m]. Errors: SHAPE_MISMATCH.
 */
export const depthwiseConv2d: Op<readonly ['x', 'filter'], typeof attrs> = /* @__PURE__ */ defineOp(
  {
    name: where,
    inputs: ['x', 'filter'],
    attrs,
    infer({ x, filter }, options) {
      const layout = layoutOf(x, options.dataFormat, { spatial: 2, where });
      checkFilterRank(filter, 2, where);
      const { batch, sizes, channels } = readSizes(x.shape, layout);
      checkChannels(x, filter, channels);
      const [height = null, width = null, inputs = null, multiplier = null] = filter.shape;
      const positions = slidSizes(sizes, [1, height, width], { slide: slideOf(options, 2), where });
      const outputs = inputs === null || multiplier === null ? null : inputs * multiplier;
      return {
        dtype: convDType(x, filter),
        shape: writeSizes({ batch, sizes: positions, channels: outputs }, layout),
      };
    },
    grad: 'expand',
    expand({ x, filter }, options) {
      const layout = layoutOf(x, options.dataFormat, { spatial: 2, where });
      const [height, width, inputs, multiplier] = filter.shape as KnownShape as [
        number,
        number,
        number,
        number,
      ];
      // Without channels there are no groups either: the filter is as empty as the result.
      const groups = Math.max(inputs, 1);
      const filters = reshape(filter, {
        shape: [1, height, width, Math.min(inputs, 1), inputs * multiplier],
      });
      return fromVolumes(
        conv(toVolumes(x, layout), filters, { ...slideOf(options, 2), groups }),
        layout,
      );
    },
  },
);
