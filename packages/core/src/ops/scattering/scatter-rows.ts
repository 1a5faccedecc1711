import { z } from 'zod';
import { GraphError } from '../../errors.js';
import type { TensorLike } from '../../graph/constant.js';
import { defineOp, type Op } from '../../graph/define-op.js';
import { mergeShapes, type Shape, shapesAgree, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { checkIndices } from '../indexing/check-indices.js';
import { scatterCuts } from '../indexing/pieces/scatter-cuts.js';
import { scatterGradients } from './scatter-gradients.js';

export const scatterAttrs = z.strictObject({
  /** How an update is combined with the row that it meets. */
  mode: z.enum(['add', 'set', 'max', 'min', 'prod']).default('add'),
});

export type ScatterMode = z.output<typeof scatterAttrs>['mode'];

function scatteredShape(base: Tensor, indices: Tensor, updates: Tensor): Shape {
  const given = { base, indices, updates };
  const fits =
    base.rank > 0 && shapesAgree(updates.shape, [...indices.shape, ...base.shape.slice(1)]);
  if (!fits) {
    throw new GraphError('SHAPE_MISMATCH', 'scatterRows', {
      what: 'the updates are not one row of base for each index.',
      given,
      fix: 'updates must have the shape of the indices followed by the axes of base after the first.',
    });
  }
  if (updates.dtype !== base.dtype) {
    throw new GraphError('DTYPE_MISMATCH', 'scatterRows', {
      what: 'base and updates differ in dtype.',
      given,
      fix: 'cast one of them.',
    });
  }
  return [
    base.shape[0] ?? null,
    ...mergeShapes(base.shape.slice(1), updates.shape.slice(indices.rank)),
  ];
}

/**
 * Rows of `base` combined with updates in the order of the indices, `y = base; y[indices[i]] =
 * y[indices[i]] (mode) updates[i]`.
 * Shapes: base [n, ...inner], indices [...i], updates [...i, ...inner] -> [n, ...inner].
 * Errors: SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const scatterRows: Op<readonly ['base', 'indices', 'updates'], typeof scatterAttrs> =
  /* @__PURE__ */ defineOp({
    name: 'scatterRows',
    inputs: ['base', 'indices', 'updates'],
    integer: ['indices'],
    attrs: scatterAttrs,
    infer({ base, indices, updates }) {
      checkIndices('scatterRows', { indices });
      return { dtype: base.dtype, shape: scatteredShape(base, indices, updates) };
    },
    grad: (context, { mode }) => ({ ...scatterGradients[mode](context), indices: null }),
    lower({ inputs: { base, indices }, attrs: { mode }, output: { dtype } }) {
      const [rows, ...inner] = base.shape as [number, ...number[]];
      return {
        kind: 'template',
        template: {
          kind: 'scatter',
          dtype,
          mode,
          rows,
          inner: sizeOf(inner),
          count: sizeOf(indices.shape),
          where: 'scatter',
        },
      };
    },
    cuts: ({ base, indices }, { mode }) => scatterCuts(base, indices, { mode, scatterRows }),
  });

type Scatter = (base: TensorLike, indices: TensorLike, updates: TensorLike) => Tensor;

/** Adds updates to rows of base; several for one row are added up. */
export const scatterAdd: Scatter = (base, indices, updates) =>
  scatterRows(base, indices, updates, { mode: 'add' });

/** Replaces rows of base; of several for one row the last stays. */
export const scatterSet: Scatter = (base, indices, updates) =>
  scatterRows(base, indices, updates, { mode: 'set' });
