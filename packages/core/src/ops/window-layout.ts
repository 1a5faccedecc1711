import { z } from 'zod';
import { GraphError } from '../errors.js';
import type { KnownShape, Shape } from '../graph/shape.js';
import type { Tensor } from '../graph/tensor.js';
import { reshape } from './shape/reshape.js';
import { transpose } from './shape/transpose.js';
import { type Pair, roundingModes, type Slide, type Triple } from './window-geometry.js';

/** How many spatial axes an op works on. */
export type SpatialRank = 1 | 2 | 3;

const formats = {
  1: ['NWC', 'NCW'],
  2: ['NHWC', 'NCHW'],
  3: ['NDHWC', 'NCDHW'],
} as const;

const positive = z.int().min(1);
const pair = z.tuple([z.int().min(0), z.int().min(0)]);

/** One number for all spatial axes, or one for each. */
export const perAxis = (spatial: SpatialRank) =>
  z.union([positive, z.array(positive).length(spatial)]);

/** Options that every op with a sliding window takes. */
export const windowOptions = (spatial: SpatialRank) => ({
  /** 'same' pads so that stride 1 keeps the size; a number pads both ends; pairs give [before, after] for each spatial axis. */
  padding: z
    .union([z.enum(['valid', 'same']), z.int().min(0), z.array(pair).length(spatial)])
    .default('valid'),
  dilations: perAxis(spatial).default(1),
  dataFormat: z.enum(formats[spatial]).default(formats[spatial][0] as never),
  dimRoundingMode: roundingModes.default('floor'),
});

type PerAxis = number | readonly number[];

/** One number for each spatial axis. */
export const listed = (value: PerAxis, spatial: SpatialRank): number[] =>
  typeof value === 'number' ? new Array<number>(spatial).fill(value) : [...value];

/** Three numbers, the leading ones 1. */
export function tripled(value: PerAxis, spatial: SpatialRank): Triple {
  return [...new Array<number>(3 - spatial).fill(1), ...listed(value, spatial)] as Triple;
}

interface WindowOptions {
  readonly strides: PerAxis;
  readonly dilations: PerAxis;
  readonly padding: 'valid' | 'same' | number | readonly (readonly [number, number])[];
  readonly dimRoundingMode: Slide['dimRoundingMode'];
}

/** The options over three spatial axes. */
export function slideOf(
  { strides, dilations, padding, dimRoundingMode }: WindowOptions,
  spatial: SpatialRank,
): Slide {
  const slide = {
    strides: tripled(strides, spatial),
    dilations: tripled(dilations, spatial),
    dimRoundingMode,
  };
  if (typeof padding === 'string') return { ...slide, padding };
  const pairs = typeof padding === 'number' ? new Array(spatial).fill([padding, padding]) : padding;
  const none = new Array(3 - spatial).fill([0, 0]);
  return { ...slide, padding: [...none, ...pairs] as [Pair, Pair, Pair] };
}

/** A tensor of images, sequences or volumes: where its axes are. */
export interface Layout {
  readonly spatial: SpatialRank;
  readonly channelsFirst: boolean;
  readonly batched: boolean;
}

/** Reads where the axes of x are; the batch axis may be missing. Errors: SHAPE_MISMATCH. */
export function layoutOf(
  x: Tensor,
  dataFormat: string,
  { spatial, where }: { spatial: SpatialRank; where: string },
): Layout {
  if (x.rank !== spatial + 1 && x.rank !== spatial + 2) {
    throw new GraphError('SHAPE_MISMATCH', where, {
      what: `x has ${x.rank} axes; it must have ${spatial + 2} (${dataFormat}), or ${spatial + 1} without a batch.`,
      given: { x },
      fix: 'reshape x, or use the op for its number of spatial axes.',
    });
  }
  return { spatial, channelsFirst: dataFormat.startsWith('NC'), batched: x.rank === spatial + 2 };
}

export interface ImageSizes {
  /** null while unknown; 1 without a batch axis. */
  readonly batch: number | null;
  /** Three sizes, the leading ones 1. */
  readonly sizes: readonly (number | null)[];
  readonly channels: number | null;
}

/** The sizes of a shape under a layout. */
export function readSizes(shape: Shape, { spatial, channelsFirst, batched }: Layout): ImageSizes {
  const inner = batched ? shape.slice(1) : shape;
  const channels = (channelsFirst ? inner[0] : inner.at(-1)) ?? null;
  const sizes = channelsFirst ? inner.slice(1) : inner.slice(0, -1);
  const ones = new Array<number>(3 - spatial).fill(1);
  return { batch: batched ? (shape[0] ?? null) : 1, sizes: [...ones, ...sizes], channels };
}

/** The shape that has these sizes under a layout. */
export function writeSizes(
  { batch, sizes, channels }: ImageSizes,
  { spatial, channelsFirst, batched }: Layout,
): Shape {
  const own = sizes.slice(3 - spatial);
  const inner = channelsFirst ? [channels, ...own] : [...own, channels];
  return batched ? [batch, ...inner] : inner;
}

/** x as the primitives take it: [batch, depth, height, width, channels]. Its shape must be known. */
export function toVolumes(x: Tensor, layout: Layout): Tensor {
  const { batch, sizes, channels } = readSizes(x.shape, layout);
  const shape = [batch, ...sizes, channels] as number[];
  return reshape(layout.channelsFirst ? transpose(x, { perm: channelsLast(layout) }) : x, {
    shape,
  });
}

/** The result of a primitive under the layout that its input had. */
export function fromVolumes(y: Tensor, layout: Layout): Tensor {
  const [batch, ...rest] = y.shape as KnownShape;
  const sizes: ImageSizes = {
    batch: batch as number,
    sizes: rest.slice(0, 3),
    channels: rest[3] as number,
  };
  const last = reshape(y, {
    shape: [...(writeSizes(sizes, { ...layout, channelsFirst: false }) as KnownShape)],
  });
  return layout.channelsFirst ? transpose(last, { perm: channelsFirst(layout) }) : last;
}

function channelsLast({ spatial, batched }: Layout): number[] {
  const inner = [...Array.from({ length: spatial }, (_, axis) => axis + 1), 0];
  return batched ? [0, ...inner.map((axis) => axis + 1)] : inner;
}

function channelsFirst({ spatial, batched }: Layout): number[] {
  const inner = [spatial, ...Array.from({ length: spatial }, (_, axis) => axis)];
  return batched ? [0, ...inner.map((axis) => axis + 1)] : inner;
}
