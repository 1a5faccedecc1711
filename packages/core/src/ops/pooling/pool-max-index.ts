import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import { poolAttrs, pooledShape, poolGeometry } from './pool-shapes.js';

const attrs = poolAttrs.extend({ includeBatchInIndex: z.boolean().default(false) });

/**
 * The flat index of the first maximum of each window within [...size, c], or within the whole batch.
 * Shapes: x [n, ...size, c] -> int32 [n, ...positions, c]. Errors: SHAPE_MISMATCH.
 */
export const poolMaxIndex: Op<readonly ['x'], typeof attrs> = /* @__PURE__ */ defineOp({
  name: 'poolMaxIndex',
  inputs: ['x'],
  attrs,
  infer: ({ x }, given) => ({ dtype: 'int32', shape: pooledShape(x, given, 'poolMaxIndex') }),
  grad: 'zero',
  lower: ({ inputs: { x }, attrs: given, output: { shape } }) => ({
    kind: 'template',
    template: {
      kind: 'maxPoolIndex',
      dtype: x.dtype,
      includeBatch: given.includeBatchInIndex,
      geometry: poolGeometry(x.shape, shape, given),
    },
  }),
});
