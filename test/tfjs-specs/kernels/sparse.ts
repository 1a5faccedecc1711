import * as tn from '@tenon/core';
import type { SparseToDenseAttrs, UniqueAttrs } from '@tensorflow/tfjs-core';
import type { Context, Inputs, KernelTable } from '../kernel.js';
import { count, integers, numbersOf, total } from './host-shape.js';

/** The indices of what is true in a vector; how many is read on the host. */
function places(seen: tn.Tensor, context: Context): tn.Tensor {
  const size = seen.shape[0] as number;
  const order = tn.sort(tn.where(seen, count(size), size));
  return tn.slice(order, { begin: [0], size: [total(tn.cast(seen, { dtype: 'int32' }), context)] });
}

type Segments = (
  x: tn.Tensor,
  ids: tn.Tensor,
  attrs: { readonly numSegments: number },
) => tn.Tensor;

const sparseSegment =
  (op: Segments) =>
  ({ data, indices, segmentIds }: Inputs, _attrs: object, { values }: Context) =>
    tn.cast(
      op(tn.gather(data, indices), segmentIds, {
        numSegments: (numbersOf(values.segmentIds).at(-1) ?? -1) + 1,
      }),
      { dtype: data.dtype },
    );

/** The new shape with its -1, if any, found. */
function wholeShape(before: readonly number[], after: readonly number[]): number[] {
  const known = after.filter((size) => size !== -1);
  return after.map((size) => (size === -1 ? tn.sizeOf(before) / tn.sizeOf(known) : size));
}

const stridesOf = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => tn.sizeOf(shape.slice(axis + 1)));

export const sparse = {
  SparseFillEmptyRows({ indices, values, defaultValue }, _attrs: object, context) {
    const [rows = 0] = numbersOf(context.values.denseShape);
    const [entries, rank] = indices.shape as [number, number];
    const rowOf = tn.reshape(tn.slice(indices, { begin: [0, 0], size: [entries, 1] }), {
      shape: [entries],
    });
    const counts = tn.unsortedSegmentSum(tn.onesLike(rowOf), rowOf, { numSegments: rows });
    const isEmpty = tn.equal(counts, 0);
    const empty = places(isEmpty, context); // [added]
    const added = empty.shape[0] as number;
    const paddings = [
      [0, 0],
      [0, rank - 1],
    ] as [number, number][];
    const fresh = tn.pad(tn.reshape(empty, { shape: [added, 1] }), { paddings });
    const order = tn.argsort(tn.concat([rowOf, empty], { axis: 0 }));
    const filled = tn.concat([values, tn.broadcastTo(defaultValue, { shape: [added] })], {
      axis: 0,
    });
    return [
      tn.gather(tn.concat([indices, fresh], { axis: 0 }), order),
      tn.gather(filled, order),
      isEmpty,
      tn.slice(tn.argsort(order), { begin: [0], size: [entries] }),
    ];
  },
  SparseReshape({ inputIndices }, _attrs: object, { values }) {
    const before = numbersOf(values.inputShape);
    const after = wholeShape(before, numbersOf(values.newShape));
    const flat = tn.sum(tn.mul(inputIndices, integers(stridesOf(before))), {
      axis: 1,
      keepDims: true,
    });
    const moved = tn.mod(tn.floorDiv(flat, integers(stridesOf(after))), integers(after));
    return [moved, integers(after)];
  },
  SparseSegmentMean: sparseSegment(tn.unsortedSegmentMean),
  SparseSegmentSum: sparseSegment(tn.unsortedSegmentSum),
  SparseToDense: (
    { sparseIndices, sparseValues },
    { outputShape }: SparseToDenseAttrs,
    { values },
  ) =>
    tn.sparseToDense(sparseIndices, sparseValues, {
      shape: outputShape,
      defaultValue: Number(values.defaultValue.data[0]),
    }),
  Unique({ x }, { axis }: UniqueAttrs, context) {
    const along = tn.axisOf(axis, x.rank, 'Unique');
    const size = x.shape[along] as number;
    const perm = [along, ...x.shape.map((_, i) => i).filter((i) => i !== along)];
    const rows = tn.reshape(tn.transpose(x, { perm }), {
      shape: [size, (x.size as number) / size],
    });
    const same = tn.all(
      tn.equal(tn.expandDims(rows, { axis: 0 }), tn.expandDims(rows, { axis: 1 })),
      {
        axis: -1,
      },
    );
    const first = tn.argMax(tn.cast(same, { dtype: 'int32' }), { axis: 1 });
    const isFirst = tn.equal(first, count(size));
    const rank = tn.sub(tn.cumsum(tn.cast(isFirst, { dtype: 'int32' })), 1);
    return [tn.gather(x, places(isFirst, context), { axis: along }), tn.gather(rank, first)];
  },
} satisfies KernelTable;
