import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { KnownShape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { reshape } from '../shape/reshape.js';
import { slidSizes } from '../window-geometry.js';
import {
  fromVolumes,
  layoutOf,
  perAxis,
  readSizes,
  type SpatialRank,
  slideOf,
  toVolumes,
  windowOptions,
  writeSizes,
} from '../window-layout.js';
import { conv } from './conv.js';
import { checkChannels, convDType } from './conv-shapes.js';

export const convOptions = (spatial: SpatialRank) =>
  z.strictObject({
    strides: perAxis(spatial).default(1),
    ...windowOptions(spatial),
    /** Channels are split into this many groups that do not see each other. */
    groups: z.int().min(1).default(1),
  });

export type ConvOp = Op<readonly ['x', 'filter'], ReturnType<typeof convOptions>>;

/** Refuses a filter without one axis for each of the window's, one for inputs and one for outputs. Errors: SHAPE_MISMATCH. */
export function checkFilterRank(filter: Tensor, spatial: SpatialRank, where: string): void {
  if (filter.rank === spatial + 2) return;
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: `the filter has ${filter.rank} axes; it must have ${spatial + 2}: the window, input channels, output channels.`,
    given: { filter },
  });
}

/** A filter as the primitives take it, [depth, height, width, inputs, outputs]. */
export function filterVolume(filter: Tensor): Tensor {
  const shape = filter.shape as KnownShape;
  return reshape(filter, { shape: [...new Array<number>(5 - shape.length).fill(1), ...shape] });
}

/** A convolution over a number of spatial axes that images, sequences or volumes have. */
export function defineConv(name: string, spatial: SpatialRank): ConvOp {
  return defineOp({
    name,
    inputs: ['x', 'filter'],
    attrs: convOptions(spatial),
    infer({ x, filter }, attrs) {
      const layout = layoutOf(x, attrs.dataFormat, { spatial, where: name });
      checkFilterRank(filter, spatial, name);
      const { batch, sizes, channels } = readSizes(x.shape, layout);
      checkChannels(name, { channels, filter, groups: attrs.groups });
      const window = [...new Array<number>(3 - spatial).fill(1), ...filter.shape.slice(0, spatial)];
      const positions = slidSizes(sizes, window, { slide: slideOf(attrs, spatial), where: name });
      const shape = writeSizes(
        { batch, sizes: positions, channels: filter.shape.at(-1) ?? null },
        layout,
      );
      return { dtype: convDType(x, filter), shape };
    },
    grad: 'expand',
    expand({ x, filter }, attrs) {
      const layout = layoutOf(x, attrs.dataFormat, { spatial, where: name });
      const slide = slideOf(attrs, spatial);
      return fromVolumes(
        conv(toVolumes(x, layout), filterVolume(filter), { ...slide, groups: attrs.groups }),
        layout,
      );
    },
  }) as ConvOp;
}
