import { z } from 'zod';
import type { TensorLike } from '../../graph/constant.js';
import { defineMultiOp, type Op } from '../../graph/define-op.js';
import type { Tensor } from '../../graph/tensor.js';
import { inferPool, pooled, poolOptions } from './define-pool.js';
import { poolMax } from './pool-max.js';
import { poolMaxIndex } from './pool-max-index.js';

const attrs = poolOptions(2)
  .omit({ dataFormat: true })
  .extend({
    /** Count the index over the whole batch, not within each image. */
    includeBatchInIndex: z.boolean().default(false),
  });
type Options = z.output<typeof attrs>;

const setting = { spatial: 2, where: 'maxPoolWithArgmax' } as const;
const poolOf = ({ includeBatchInIndex: _, ...options }: Options) => ({
  ...options,
  dataFormat: 'NHWC' as never,
});

/** The maxima of `maxPool` with the places of the maxima, as outputs in order. */
export const maxPoolIndexed: Op<readonly ['x'], typeof attrs, 'many'> =
  /* @__PURE__ */ defineMultiOp({
    name: 'maxPoolWithArgmax',
    inputs: ['x'],
    attrs,
    infer({ x }, options) {
      const shape = inferPool(x, poolOf(options), setting);
      return [
        { dtype: x.dtype, shape },
        { dtype: 'int32', shape },
      ];
    },
    grad: 'expand',
    expand: ({ x }, options) => [
      pooled(x, poolOf(options), { ...setting, primitive: poolMax }),
      pooled(x, poolOf(options), {
        ...setting,
        primitive: (volumes, places) =>
          poolMaxIndex(volumes, { ...places, includeBatchInIndex: options.includeBatchInIndex }),
      }),
    ],
  });

/**
 * Maximum of each window and where it lies: `indices` are flat, `(row * width + column) * channels + channel`.
 * Shapes: x [n, h, w, c] -> values and int32 indices [n, h', w', c]. Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export function maxPoolWithArgmax(
  x: TensorLike,
  options: z.input<typeof attrs>,
): { values: Tensor; indices: Tensor } {
  const [values, indices] = maxPoolIndexed(x, options) as [Tensor, Tensor];
  return { values, indices };
}
