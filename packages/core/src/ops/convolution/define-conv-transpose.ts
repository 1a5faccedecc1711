import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { type Shape, sizesAgree } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { type Slide, slidSizes, spanOf, type Triple } from '../window-geometry.js';
import {
  fromVolumes,
  type ImageSizes,
  type Layout,
  layoutOf,
  readSizes,
  type SpatialRank,
  slideOf,
  toVolumes,
  writeSizes,
} from '../window-layout.js';
import { convInputGradient } from './conv-input-gradient.js';
import { convDType } from './conv-shapes.js';
import { checkFilterRank, convOptions, filterVolume } from './define-conv.js';

const transposeOptions = (spatial: SpatialRank) =>
  convOptions(spatial).extend({
    /**
     * The shape of the result. Sizes of -1, or all when left out, are worked out: the batch and channels as they must be,
     * space as the smallest that x covers ('same': size times stride).
     */
    outputShape: z.array(z.int().min(-1)).optional(),
  });

type TransposeOptions = z.output<ReturnType<typeof transposeOptions>>;
export type ConvTransposeOp = Op<readonly ['x', 'filter'], ReturnType<typeof transposeOptions>>;

/** The least size of y along an axis that leaves nothing of the windows out. */
function coveredSize(
  size: number,
  axis: number,
  { window, slide }: { window: number; slide: Slide },
): number {
  const stride = slide.strides[axis] as number;
  if (slide.padding === 'same') return size * stride;
  const [before, after] =
    slide.padding === 'valid' ? [0, 0] : (slide.padding[axis] as [number, number]);
  const span = spanOf(window, slide.dilations[axis] as number);
  return Math.max(
    (size - 1) * stride +
      Math.max(span, slide.padding === 'valid' ? stride : span) -
      before -
      after,
    0,
  );
}

const given = (size: number | null | undefined): number | null =>
  size === undefined || size === -1 ? null : size;

/** Spatial sizes of the result: those asked for, otherwise worked out. */
function outputSizes(
  x: ImageSizes,
  asked: readonly (number | null)[] | null,
  { filter, slide, spatial }: Filter,
) {
  const window = [...new Array<number>(3 - spatial).fill(1), ...filter.shape.slice(0, spatial)];
  return x.sizes.map((size, axis) => {
    const wanted = given(asked?.[axis]);
    const length = window[axis] ?? null;
    if (wanted !== null || size === null || length === null) return wanted;
    return coveredSize(size, axis, { window: length, slide });
  });
}

interface Filter {
  readonly filter: Tensor;
  readonly slide: Slide;
  readonly spatial: SpatialRank;
}

interface Wanted {
  readonly layout: Layout;
  readonly slide: Slide;
  readonly where: string;
}

function resultSizes(
  x: Tensor,
  filter: Tensor,
  { attrs, wanted }: { attrs: TransposeOptions; wanted: Wanted },
): ImageSizes {
  const { layout, slide, where } = wanted;
  if (attrs.outputShape && attrs.outputShape.length !== x.rank) {
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: `outputShape [${attrs.outputShape}] must have the ${x.rank} axes of x.`,
      given: { x },
    });
  }
  const asked = attrs.outputShape ? readSizes(attrs.outputShape, layout) : null;
  const own = readSizes(x.shape, layout);
  const inner = filter.shape.at(-2) ?? null;
  const result = {
    batch: own.batch ?? given(asked?.batch),
    sizes: outputSizes(own, asked?.sizes ?? null, { filter, slide, spatial: layout.spatial }),
    channels: inner === null ? null : inner * attrs.groups,
  };
  checkAsked(asked, result, { wanted, x });
  return result;
}

function checkAsked(
  asked: ImageSizes | null,
  { batch, channels }: ImageSizes,
  { wanted, x }: { wanted: Wanted; x: Tensor },
): void {
  if (!asked) return;
  const fits = !wanted.layout.batched || sizesAgree(given(asked.batch), batch);
  if (fits && sizesAgree(given(asked.channels), channels)) return;
  throw new GraphError('SHAPE_MISMATCH', wanted.where, {
    what: 'outputShape differs from x in the batch, or from the filter in its channels.',
    given: { x },
    fix: 'give -1 for sizes that are to be worked out.',
  });
}

// Sliding over the result must give as many positions as x has.
function checkPositions(
  x: Shape,
  result: ImageSizes,
  { filter, wanted }: { filter: Tensor; wanted: Wanted },
): void {
  const { layout, slide, where } = wanted;
  const window = [
    ...new Array<number>(3 - layout.spatial).fill(1),
    ...filter.shape.slice(0, layout.spatial),
  ];
  const positions = slidSizes(result.sizes, window, { slide, where });
  const own = readSizes(x, layout).sizes;
  if (positions.every((size, axis) => sizesAgree(size, own[axis] as number | null))) return;
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: `a result of spatial size [${result.sizes.slice(3 - layout.spatial)}] belongs to an x of [${positions.slice(3 - layout.spatial)}].`,
    given: { x: { dtype: filter.dtype, shape: x }, filter },
    fix: 'give another outputShape, or leave it out.',
  });
}

/** A transposed convolution over a number of spatial axes. */
export function defineConvTranspose(name: string, spatial: SpatialRank): ConvTransposeOp {
  const setting = (x: Tensor, attrs: TransposeOptions): Wanted => ({
    layout: layoutOf(x, attrs.dataFormat, { spatial, where: name }),
    slide: slideOf(attrs, spatial),
    where: name,
  });
  return defineOp({
    name,
    inputs: ['x', 'filter'],
    attrs: transposeOptions(spatial),
    infer({ x, filter }, attrs) {
      const wanted = setting(x, attrs);
      checkFilterRank(filter, spatial, name);
      checkInputs(x, filter, wanted);
      const result = resultSizes(x, filter, { attrs, wanted });
      checkPositions(x.shape, result, { filter, wanted });
      return { dtype: convDType(x, filter), shape: writeSizes(result, wanted.layout) };
    },
    grad: 'expand',
    expand({ x, filter }, attrs) {
      const wanted = setting(x, attrs);
      const size = resultSizes(x, filter, { attrs, wanted }).sizes as Triple;
      const y = convInputGradient(toVolumes(x, wanted.layout), filterVolume(filter), {
        ...wanted.slide,
        groups: attrs.groups,
        size,
      });
      return fromVolumes(y, wanted.layout);
    },
  }) as ConvTransposeOp;
}

function checkInputs(x: Tensor, filter: Tensor, { layout, where }: Wanted): void {
  if (sizesAgree(readSizes(x.shape, layout).channels, filter.shape.at(-1) ?? null)) return;
  throw new GraphError('SHAPE_MISMATCH', where, {
    what: 'the last axis of the filter must be the channels of x.',
    given: { x, filter },
  });
}
