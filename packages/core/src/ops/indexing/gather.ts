import { defineOp, type Op } from '../../graph/define-op.js';
import { axisOf, type KnownShape, sizeOf } from '../../graph/shape.js';
import type { Tensor } from '../../graph/tensor.js';
import { reshape } from '../shape/reshape.js';
import { transpose } from '../shape/transpose.js';
import { checkIndices } from './check-indices.js';
import { gatherAdjoint } from './gather-adjoint.js';
import { batchedIndex, type GatherAttrs, gatherAttrs, gatherAxes, range } from './gather-axes.js';
import { gatherCuts } from './pieces/gather-cuts.js';

// The indexed axis is moved behind the batch, and both become one axis.
function batchedGather(x: Tensor, indices: Tensor, { axis, batchDims }: GatherAttrs): Tensor {
  const shape = x.shape as KnownShape;
  const [batch, size] = [shape.slice(0, batchDims), shape[axis] as number];
  const perm = [
    ...range(0, batchDims),
    axis,
    ...range(batchDims, axis),
    ...range(axis + 1, x.rank),
  ];
  const rest = perm.slice(batchDims + 1).map((a) => shape[a] as number);
  const rows = reshape(transpose(x, { perm }), { shape: [sizeOf(batch) * size, ...rest] });
  const found = gather(rows, batchedIndex(indices, size, batchDims)); // [...indices, ...middle, ...inner]
  const [middle, chosen] = [axis - batchDims, indices.rank];
  const back = [
    ...range(0, batchDims),
    ...range(chosen, chosen + middle),
    ...range(batchDims, chosen),
    ...range(chosen + middle, found.rank),
  ];
  return transpose(found, { perm: back });
}

/**
 * Slices of x along an axis, `y[a, i, b] = x[a, indices[i], b]`.
 * Shapes: x [...a, n, ...b], indices [...i] -> [...a, ...i, ...b]; batch axes are counted in a
 * only.
 * Errors: ATTRIBUTE_INVALID, SHAPE_MISMATCH, DTYPE_MISMATCH; INDEX_OUT_OF_RANGE in the run.
 */
export const gather: Op<readonly ['x', 'indices'], typeof gatherAttrs> = /* @__PURE__ */ defineOp({
  name: 'gather',
  inputs: ['x', 'indices'],
  integer: ['indices'],
  attrs: gatherAttrs,
  infer({ x, indices }, given) {
    checkIndices('gather', { indices });
    const { axis, batchDims } = gatherAxes(x, indices, given);
    return {
      dtype: x.dtype,
      shape: [
        ...x.shape.slice(0, axis),
        ...indices.shape.slice(batchDims),
        ...x.shape.slice(axis + 1),
      ],
    };
  },
  grad: ({ x, indices, dy }, attrs) => ({ x: gatherAdjoint(dy, indices, x, attrs), indices: null }),
  expand({ x, indices }, given) {
    const axes = gatherAxes(x, indices, given);
    return axes.batchDims === 0 ? null : batchedGather(x, indices, axes);
  },
  lower({ inputs: { x, indices }, attrs, output: { dtype } }) {
    const axis = axisOf(attrs.axis, x.shape.length, 'gather');
    const view = {
      outer: sizeOf(x.shape.slice(0, axis)),
      size: x.shape[axis] as number,
      inner: sizeOf(x.shape.slice(axis + 1)),
    };
    return {
      kind: 'template',
      template: { kind: 'gather', dtype, view, count: sizeOf(indices.shape), where: 'gather' },
    };
  },
  cuts: ({ x, indices }, given) =>
    gatherCuts(x, indices, { axis: axisOf(given.axis, x.rank, 'gather'), gather }),
});
