import * as tn from '@tenon/core';
import type { RaggedGatherAttrs, RaggedTensorToTensorAttrs } from '@tensorflow/tfjs-core';
import type { Context, KernelTable } from '../kernel.js';
import { count, integers, numbersOf, total } from './host-shape.js';

interface Rows {
  /** Where each row begins, and where the last one ends. */
  readonly splits: tn.Tensor;
  /** Of every element, its row and its place in it. */
  readonly row: tn.Tensor;
  readonly place: tn.Tensor;
}

const rowOf = (splits: tn.Tensor, index: tn.Tensor): tn.Tensor =>
  tn.sub(tn.searchSorted(splits, index, { side: 'right' }), 1);

/** Rows of given lengths, one behind the other. */
function rowsOf(lengths: tn.Tensor, context: Context): Rows {
  const splits = tn.concat([integers([0]), tn.cumsum(lengths)], { axis: 0 });
  const index = count(total(lengths, context));
  const row = rowOf(splits, index);
  return { splits, row, place: tn.sub(index, tn.gather(splits, row)) };
}

/** Splits of the rows that a tensor of indices has by its own shape. */
const uniformSplits = (shape: readonly number[]): tn.Tensor[] =>
  shape.slice(1).map((size, i) => tn.mul(count(tn.sizeOf(shape.slice(0, i + 1)) + 1), size));

interface Level {
  /** Of elements by their number, the row each is in and its place there. */
  locate(index: tn.Tensor): { readonly row: tn.Tensor; readonly place: tn.Tensor };
  readonly rows: number;
  readonly elements: number;
}

function level(partition: tn.Tensor, type: string, { values }: Context, i: number): Level {
  const given = values.rowPartitionTensors[i] as tn.HostTensor;
  if (type === 'VALUE_ROWIDS') {
    return {
      rows: 0,
      elements: given.data.length,
      locate(index) {
        const row = tn.gather(partition, index);
        return { row, place: tn.sub(index, tn.searchSorted(partition, row, { side: 'left' })) };
      },
    };
  }
  return {
    rows: given.data.length - 1,
    elements: numbersOf(given).at(-1) ?? 0,
    locate(index) {
      const row = rowOf(partition, index);
      return { row, place: tn.sub(index, tn.gather(partition, row)) };
    },
  };
}

/** The length of the longest row. */
function widest({ elements, locate }: Level, { read }: Context): number {
  if (elements === 0) return 0;
  return (numbersOf(read(tn.max(locate(count(elements)).place)))[0] as number) + 1;
}

/** The sizes of the axes that rows become, as far as they are not given. */
function sizesOf(levels: readonly Level[], context: Context): number[] {
  const { shape, rowPartitionTensors: partitions } = context.values;
  const first = partitions[0] as tn.HostTensor;
  const rows = first.shape.length === 0 ? (numbersOf(first)[0] as number) : (levels[0]?.rows ?? 0);
  const natural = () => [rows, ...levels.map((each) => widest(each, context))];
  const given = numbersOf(shape).slice(0, levels.length + 1);
  if (shape.shape.length > 0 && !given.includes(-1)) return given;
  return natural().map((size, axis) => {
    const wanted = shape.shape.length === 0 ? -1 : (given[axis] as number);
    return wanted === -1 ? size : wanted;
  });
}

export const ragged = {
  RaggedGather(
    { paramsNestedSplits, paramsDenseValues, indices },
    { outputRaggedRank }: RaggedGatherAttrs,
    context,
  ) {
    const splits = uniformSplits(indices.shape as number[]);
    let index = tn.flatten(indices);
    for (const before of paramsNestedSplits) {
      const starts = tn.gather(before, index);
      const rows = rowsOf(tn.sub(tn.gather(before, tn.add(index, 1)), starts), context);
      splits.push(rows.splits);
      index = tn.add(tn.gather(starts, rows.row), rows.place);
    }
    return [...splits.slice(splits.length - outputRaggedRank), tn.gather(paramsDenseValues, index)];
  },
  RaggedRange({ starts, limits, deltas }, _attrs: object, context) {
    const size = Math.max(...[starts, limits, deltas].map((x) => (x.rank === 0 ? 1 : x.size)));
    const [from, to, by] = [starts, limits, deltas].map((x) =>
      tn.broadcastTo(x, { shape: [size] }),
    ) as [tn.Tensor, tn.Tensor, tn.Tensor];
    const [way, step] = [tn.sub(to, from), by].map((x) => tn.cast(x, { dtype: 'float32' })) as [
      tn.Tensor,
      tn.Tensor,
    ];
    const steps = tn.maximum(tn.ceil(tn.div(way, step)), 0);
    const { splits, row, place } = rowsOf(tn.cast(steps, { dtype: 'int32' }), context);
    const gone = tn.mul(tn.cast(place, { dtype: by.dtype }), tn.gather(by, row));
    return [splits, tn.add(tn.gather(from, row), gone)];
  },
  RaggedTensorToTensor(
    { values, defaultValue, rowPartitionTensors },
    { rowPartitionTypes }: RaggedTensorToTensorAttrs,
    context,
  ) {
    const levels = rowPartitionTypes.flatMap((type, i) =>
      type === 'FIRST_DIM_SIZE'
        ? []
        : [level(rowPartitionTensors[i] as tn.Tensor, type, context, i)],
    );
    const sizes = sizesOf(levels, context);
    const [elements, ...inner] = values.shape as [number, ...number[]];
    let index = count(elements);
    const places: tn.Tensor[] = [];
    for (const each of [...levels].reverse()) {
      const { row, place } = each.locate(index);
      places.unshift(place);
      index = row;
    }
    // What does not fit goes to one more place at the end of each axis, which is then cut off.
    const bounded = [index, ...places].map((place, axis) =>
      tn.minimum(place, sizes[axis] as number),
    );
    const shape = [...sizes.map((size) => size + 1), ...inner];
    const filled = tn.tensorScatterUpdate(
      tn.broadcastTo(defaultValue, { shape }),
      tn.stack(bounded, { axis: 1 }),
      values,
    );
    return tn.slice(filled, { begin: shape.map(() => 0), size: [...sizes, ...inner] });
  },
} satisfies KernelTable;
