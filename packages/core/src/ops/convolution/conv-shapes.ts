import { z } from 'zod';
import { GraphError } from '../../errors.js';
import { type DType, promote } from '../../graph/dtype.js';
import { type KnownShape, sizesAgree } from '../../graph/shape.js';
import type { Tensor, TensorSpec } from '../../graph/tensor.js';
import type { ConvGeometry } from '../../lower/template.js';
import { cast } from '../casting/cast.js';
import { floatLike } from '../elementwise.js';
import { slideAttrs, windowGeometry } from '../window-geometry.js';

export const convAttrs = z.strictObject({
  ...slideAttrs,
  /** Channels are split into this many groups; each sees a share of the inputs and gives a share of the outputs. */
  groups: z.int().min(1).default(1),
});

type ConvAttrs = z.output<typeof convAttrs>;

/** The dtype that a convolution of two tensors is computed in. */
export const convDType = (a: TensorSpec, b: TensorSpec): DType =>
  floatLike({ dtype: promote(a.dtype, b.dtype), shape: [] }).dtype;

/** Both tensors in the dtype of the convolution, or null where they are. */
export function evenDTypes(a: Tensor, b: Tensor): [Tensor, Tensor] | null {
  const dtype = convDType(a, b);
  if (a.dtype === dtype && b.dtype === dtype) return null;
  return [cast(a, { dtype }), cast(b, { dtype })];
}

/** Refuses anything but five axes. Errors: SHAPE_MISMATCH. */
export function checkVolumes(where: string, given: Readonly<Record<string, Tensor>>): void {
  if (Object.values(given).every(({ rank }) => rank === 5)) return;
  throw new GraphError('SHAPE_MISMATCH', where, { what: 'every input must have 5 axes.', given });
}

interface Channels {
  readonly channels: number | null;
  /** The filter's shape, [..., channels / groups, outputs]. */
  readonly filter: Tensor;
  readonly groups: number;
}

/** Refuses channels that the filter does not fit. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID. */
export function checkChannels(where: string, { channels, filter, groups }: Channels): void {
  const [inner, outputs] = filter.shape.slice(-2) as [number | null, number | null];
  if (channels !== null && inner !== null && !sizesAgree(channels, inner * groups)) {
    throw new GraphError('SHAPE_MISMATCH', where, {
      what: `x has ${channels} channels, the filter takes ${inner} in each of ${groups} groups.`,
      given: { filter },
      fix: 'the second-last axis of the filter must be the channels of x divided by groups.',
    });
  }
  if (outputs !== null && outputs % groups !== 0) {
    throw new GraphError('ATTRIBUTE_INVALID', where, {
      what: `groups ${groups} does not divide the ${outputs} output channels.`,
      given: { filter },
    });
  }
}

interface Shapes {
  readonly x: KnownShape;
  readonly filter: KnownShape;
  readonly y: KnownShape;
}

/** The sizes of a convolution from the shapes of its three tensors. */
export function convGeometry({ x, filter, y }: Shapes, attrs: ConvAttrs): ConvGeometry {
  return {
    ...windowGeometry(x, y, { window: filter.slice(0, 3), slide: attrs }),
    inChannels: x[4] as number,
    outChannels: y[4] as number,
    groups: attrs.groups,
  };
}
