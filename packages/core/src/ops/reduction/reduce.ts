import { z } from 'zod';
import { defineOp, type Op } from '../../graph/define-op.js';
import type { DType } from '../../graph/dtype.js';
import type { GradientContext } from '../../graph/op.js';
import { axesOf, type Shape } from '../../graph/shape.js';
import type { Tensor, TensorSpec } from '../../graph/tensor.js';
import type { Combine } from '../../lower/loop-ir.js';
import { reduction } from '../../lower/reduction-kernel.js';
import type { Cut } from '../../sharding/cut.js';

export const reduceAttrs = z.strictObject({
  /** Which axes to reduce; all when left out. */
  axis: z.union([z.int(), z.array(z.int())]).optional(),
  /** Keep reduced axes with size 1. */
  keepDims: z.boolean().default(false),
});

export type ReduceAttrs = z.output<typeof reduceAttrs>;
export type ReduceOp = Op<readonly ['x'], typeof reduceAttrs>;

/** The shape that is left when axes are reduced. */
export function reducedShape(x: TensorSpec, { axis, keepDims }: ReduceAttrs, where: string): Shape {
  const axes = axesOf(axis, x.shape.length, where);
  if (keepDims) return x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return x.shape.filter((_, i) => !axes.includes(i));
}

/** Kept axes are cut as they are; of a sum, reduced ones too. */
function reduceCuts(x: Tensor, { axis, keepDims }: ReduceAttrs, row: ReduceRow): Cut[] {
  const axes = axesOf(axis, x.rank, row.name);
  return x.shape.flatMap((_, i): Cut[] => {
    if (axes.includes(i)) return row.combine === 'sum' ? [{ inputs: [i], output: null }] : [];
    const gone = keepDims ? 0 : axes.filter((reduced) => reduced < i).length;
    return [{ inputs: [i], output: i - gone }];
  });
}

interface ReduceRow {
  readonly name: string;
  readonly combine: Combine;
  /** The value of a reduction over no elements, by dtype. */
  start(dtype: DType): number | bigint;
  result?(x: TensorSpec): DType;
  readonly grad:
    | null
    | 'zero'
    | ((context: GradientContext<readonly ['x']>, attrs: ReduceAttrs) => { x: Tensor });
  /** The sum of the application over all turns of a loop, from all rows of x. */
  total?(rows: Tensor, attrs: ReduceAttrs): Tensor;
}

/** An op that folds axes with an associative combination. */
export function defineReduce(row: ReduceRow): ReduceOp {
  const { name, combine, start, result, grad, total } = row;
  return defineOp({
    name,
    inputs: ['x'],
    attrs: reduceAttrs,
    infer: ({ x }, attrs) => ({
      dtype: result?.(x) ?? x.dtype,
      shape: reducedShape(x, attrs, name),
    }),
    grad,
    lower: ({ inputs: { x }, output, attrs }) =>
      reduction({
        input: x,
        output,
        axes: axesOf(attrs.axis, x.shape.length, name),
        combine,
        start: start(output.dtype),
      }),
    cuts: ({ x }, attrs) => reduceCuts(x, attrs, row),
    totalOverTurns({ x }, attrs, { rows }) {
      const stacked = total && rows(x);
      return stacked ? total(stacked, attrs) : null;
    },
  });
}

/** bool is counted in int32; other dtypes stay. */
export const countable = ({ dtype }: TensorSpec): DType => (dtype === 'bool' ? 'int32' : dtype);

const limits: Record<DType, { least: number | bigint; greatest: number | bigint }> = {
  float32: { least: Number.NEGATIVE_INFINITY, greatest: Number.POSITIVE_INFINITY },
  float64: { least: Number.NEGATIVE_INFINITY, greatest: Number.POSITIVE_INFINITY },
  float16: { least: Number.NEGATIVE_INFINITY, greatest: Number.POSITIVE_INFINITY },
  bfloat16: { least: Number.NEGATIVE_INFINITY, greatest: Number.POSITIVE_INFINITY },
  int32: { least: -(2 ** 31), greatest: 2 ** 31 - 1 },
  int64: { least: -(2n ** 63n), greatest: 2n ** 63n - 1n },
  int8: { least: -128, greatest: 127 },
  uint8: { least: 0, greatest: 255 },
  bool: { least: 0, greatest: 1 },
};

export const leastOf = (dtype: DType): number | bigint => limits[dtype].least;
export const greatestOf = (dtype: DType): number | bigint => limits[dtype].greatest;
