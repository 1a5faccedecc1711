import { sizeOf, stridesOf } from '../graph/shape.js';
import {
  call,
  cast,
  collapse,
  isHalf,
  literal,
  load,
  mapKernel,
  nest,
  readable,
  type View,
} from './kernel-builder.js';
import type { Axis, Combine, Expression, Kernel, Statement } from './loop-ir.js';
import type { KnownSpec, Lowering } from './lowering.js';
import type { ScalarFunction } from './scalar.js';

// So few elements are folded by a formula where there are so many results.
const fewElements = 8;
const manyResults = 64;

interface Reduction {
  readonly input: KnownSpec;
  readonly output: KnownSpec;
  /** Axes of the input that disappear, rising. */
  readonly axes: readonly number[];
  readonly combine: Combine;
  readonly start: number | bigint;
}

const combining: Record<Combine, ScalarFunction> = {
  sum: 'add',
  prod: 'mul',
  max: 'max',
  min: 'min',
};

/** A load moved by a number of elements. */
function movedBy(value: Expression, offset: number): Expression {
  if (value.kind !== 'load') return value;
  return { ...value, index: { ...value.index, offset: value.index.offset + offset } };
}

/**
 * A reduction of a few elements for each of many results, as a formula of that many loads: loops over the results are long,
 * those over the elements would not be.
 */
function reductionOfFew({ input, output, axes, combine }: Reduction): Lowering {
  const strides = stridesOf(input.shape);
  const kept = input.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const sizes = kept.map((axis) => input.shape[axis] as number);
  const offsets = axes.reduce<number[]>(
    (places, axis) =>
      places.flatMap((place) =>
        Array.from(
          { length: input.shape[axis] as number },
          (_, i) => place + i * (strides[axis] as number),
        ),
      ),
    [0],
  );
  const view = (offset: number): View => ({
    offset,
    strides: kept.map((axis) => strides[axis] as number),
  });
  const dtype = isHalf(output.dtype) ? 'float32' : output.dtype;
  return mapKernel({
    output: { dtype: output.dtype, shape: sizes },
    inputs: [input],
    views: [view(0)],
    value: ([first]) =>
      offsets
        .map((offset) => cast(movedBy(first as Expression, offset), dtype))
        .reduce((folded, next) => call(combining[combine], folded, next)),
  });
}

/** Reduces axes of the input with an associative combination that starts from `start`. */
export function reduction(given: Reduction): Lowering {
  const { input, output, axes, combine, start } = given;
  const count = sizeOf(axes.map((axis) => input.shape[axis] as number));
  if (count > 0 && count <= fewElements && sizeOf(input.shape) >= count * manyResults)
    return reductionOfFew(given);
  const strides = stridesOf(input.shape);
  const keptAxes = input.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const pick = (list: readonly number[], from: readonly number[]) =>
    list.map((axis) => from[axis] as number);
  const keptSizes = pick(keptAxes, input.shape);
  const kept = collapse(keptSizes, [
    { strides: pick(keptAxes, strides) },
    { strides: stridesOf(keptSizes) },
  ]);
  const gone = collapse(pick(axes, input.shape), [{ strides: pick(axes, strides) }]);
  const [from, to] = kept.views as [View, View];
  const zeros = gone.extents.map(() => 0);
  const reduceAxes = gone.extents.map((_, i) => kept.extents.length + i);
  const accumulate: Statement = {
    kind: 'accumulate',
    register: 0,
    combine,
    value: cast(
      load(0, input.dtype, {
        offset: 0,
        strides: [...from.strides, ...(gone.views[0] as View).strides],
      }),
      output.dtype,
    ),
  };
  const body: Statement[] = [
    { kind: 'set', register: 0, value: literal(start, output.dtype) },
    ...nest(reduceAxes, [accumulate]),
    {
      kind: 'store',
      buffer: 1,
      index: { offset: 0, strides: [...to.strides, ...zeros] },
      value: { kind: 'register', register: 0, dtype: output.dtype },
    },
  ];
  const axis =
    (role: Axis['role']) =>
    (extent: number): Axis => ({ extent, role });
  const kernel: Kernel = {
    axes: [...kept.extents.map(axis('parallel')), ...gone.extents.map(axis('reduce'))],
    buffers: [readable(input), { dtype: output.dtype, access: 'write' }],
    registers: [{ dtype: output.dtype }],
    body: nest(
      kept.extents.map((_, i) => i),
      body,
    ),
  };
  return { kind: 'loop', kernel };
}
