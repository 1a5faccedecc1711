import { defineOp, type Op } from '../../graph/define-op.js';
import { type KnownShape, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { scatterAdd } from '../scattering/scatter-rows.js';
import { reshape } from '../shape/reshape.js';
import { transpose } from '../shape/transpose.js';
import { filled } from './filled.js';
import { gather } from './gather.js';
import { batchedIndex, gatherAttrs, gatherAxes, range } from './gather-axes.js';

/**
 * Zeros in the shape of `like`, to which slices are added where `gather` with the same indices
 * would take them from.
 * Shapes: slices that of gather(like, indices) -> that of like.
 */
export const gatherAdjoint: Op<readonly ['slices', 'indices', 'like'], typeof gatherAttrs> =
  /* @__PURE__ */ defineOp({
    name: 'gatherAdjoint',
    inputs: ['slices', 'indices', 'like'],
    integer: ['indices'],
    shapeOnly: ['like'],
    attrs: gatherAttrs,
    infer: ({ slices, like }) => ({ dtype: slices.dtype, shape: like.shape }),
    grad: ({ indices, dy }, attrs) => ({
      slices: gather(dy, indices, attrs),
      indices: null,
    }),
    expand({ slices, indices, like }, given) {
      const { axis, batchDims } = gatherAxes(like, indices, given);
      const shape = like.shape as KnownShape;
      const size = shape[axis] as number;
      const chosen = indices.rank - batchDims;
      // slices [...batch, ...middle, ...chosen, ...inner] -> [...batch, ...chosen, ...middle, ...inner]
      const perm = [
        ...range(0, batchDims),
        ...range(axis, axis + chosen),
        ...range(batchDims, axis),
        ...range(axis + chosen, slices.rank),
      ];
      const updates = transpose(slices, { perm });
      const rest = [...shape.slice(batchDims, axis), ...shape.slice(axis + 1)];
      const batch = shape.slice(0, batchDims);
      const places: Tensor = batchDims === 0 ? indices : batchedIndex(indices, size, batchDims);
      const rows = scatterAdd(
        filled(0, slices.dtype, [sizeOf(batch) * size, ...rest]),
        places,
        updates,
      );
      const middle = axis - batchDims;
      const back = [
        ...range(0, batchDims),
        ...range(batchDims + 1, batchDims + 1 + middle),
        batchDims,
        ...range(axis + 1, like.rank),
      ];
      return transpose(reshape(rows, { shape: [...batch, size, ...rest] }), { perm: back });
    },
  });
