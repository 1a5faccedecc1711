import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { DType } from '../../graph/dtype.js';
import type { Shape } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { floatLike } from '../elementwise.js';
import { slidSizes } from '../window-geometry.js';
import {
  fromVolumes,
  layoutOf,
  perAxis,
  readSizes,
  type SpatialRank,
  slideOf,
  toVolumes,
  tripled,
  windowOptions,
  writeSizes,
} from '../window-layout.js';
import { poolAverage } from './pool-average.js';
import { poolMax } from './pool-max.js';
import type { PoolAttrs } from './pool-shapes.js';

export const poolOptions = (spatial: SpatialRank) =>
  z.strictObject({
    /** Size of the window. */
    filterSize: perAxis(spatial),
    /** Steps from window to window; the size of the window when left out. */
    strides: perAxis(spatial).optional(),
    ...windowOptions(spatial),
  });

export type PoolOptions = z.output<ReturnType<typeof poolOptions>>;
export type PoolOp = Op<readonly ['x'], ReturnType<typeof poolOptions>>;

/** The options as attributes of a primitive. */
const poolAttrsOf = (options: PoolOptions, spatial: SpatialRank): PoolAttrs => ({
  window: tripled(options.filterSize, spatial),
  ...slideOf({ ...options, strides: options.strides ?? options.filterSize }, spatial),
});

interface Pooled {
  readonly spatial: SpatialRank;
  readonly where: string;
}

/** The shape that pooling x gives. Errors: SHAPE_MISMATCH. */
export function inferPool(x: Tensor, options: PoolOptions, { spatial, where }: Pooled): Shape {
  const layout = layoutOf(x, options.dataFormat, { spatial, where });
  const { batch, sizes, channels } = readSizes(x.shape, layout);
  const { window, ...slide } = poolAttrsOf(options, spatial);
  return writeSizes({ batch, sizes: slidSizes(sizes, window, { slide, where }), channels }, layout);
}

/** Applies a primitive to x seen as volumes. */
export function pooled(
  x: Tensor,
  options: PoolOptions,
  { spatial, where, primitive }: Pooled & { primitive: Primitive },
): Tensor {
  const layout = layoutOf(x, options.dataFormat, { spatial, where });
  return fromVolumes(primitive(toVolumes(x, layout), poolAttrsOf(options, spatial)), layout);
}

type Primitive = (x: Tensor, attrs: PoolAttrs) => Tensor;

interface PoolRow {
  readonly name: string;
  readonly spatial: SpatialRank;
  readonly mode: 'max' | 'average';
}

/** Pooling over the number of spatial axes that images, sequences or volumes have. */
export function definePool({ name, spatial, mode }: PoolRow): PoolOp {
  const primitive: Primitive = mode === 'max' ? poolMax : poolAverage;
  const dtype = (x: Tensor): DType => (mode === 'max' ? x.dtype : floatLike(x).dtype);
  return defineOp({
    name,
    inputs: ['x'],
    attrs: poolOptions(spatial),
    infer: ({ x }, options) => ({
      dtype: dtype(x),
      shape: inferPool(x, options, { spatial, where: name }),
    }),
    grad: 'expand',
    expand: ({ x }, options) => pooled(x, options, { spatial, where: name, primitive }),
  }) as PoolOp;
}
