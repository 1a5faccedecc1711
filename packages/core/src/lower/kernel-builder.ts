import type { DType } from '../graph/dtype.js';
import { type KnownShape, stridesOf } from '../graph/shape.js';
import type { Affine, Bound, Buffer, Expression, Kernel, Statement } from './loop-ir.js';
import type { KnownSpec, Lowering } from './lowering.js';
import { type ScalarFunction, scalarResult } from './scalar.js';

export const load = (
  buffer: number,
  dtype: DType,
  index: Affine,
  bounds: readonly Bound[] = [],
  otherwise = 0,
): Expression => ({
  kind: 'load',
  buffer,
  dtype,
  index,
  bounds,
  otherwise,
});

export const literal = (value: number | bigint, dtype: DType): Expression => ({
  kind: 'const',
  dtype,
  value: dtype === 'int64' ? BigInt(value) : Number(value),
});

/** Applies a scalar function; the operands must already have one dtype. */
export const call = (fn: ScalarFunction, ...args: readonly Expression[]): Expression => ({
  kind: 'call',
  fn,
  args,
  dtype: scalarResult(fn, (args[0] as Expression).dtype),
});

export const select = (
  condition: Expression,
  whenTrue: Expression,
  whenFalse: Expression,
): Expression => ({
  kind: 'select',
  condition,
  whenTrue,
  whenFalse,
  dtype: whenTrue.dtype,
});

export const cast = (value: Expression, dtype: DType): Expression =>
  value.dtype === dtype ? value : { kind: 'cast', value, dtype };

/** Strides that read a tensor as if it were broadcast to `shape`: 0 where it has size 1 or no axis. */
export function broadcastStrides(from: KnownShape, shape: KnownShape): number[] {
  const strides = stridesOf(from);
  const shift = shape.length - from.length;
  return shape.map((_, axis) =>
    axis < shift || from[axis - shift] === 1 ? 0 : (strides[axis - shift] as number),
  );
}

/** One buffer seen over the axes of a kernel. */
export interface View {
  readonly offset?: number;
  readonly strides: readonly number[];
  readonly bounds?: readonly Bound[];
}

interface MapKernel {
  /** The output: one iteration for every element. */
  readonly output: KnownSpec;
  readonly inputs: readonly KnownSpec[];
  /** How each input is read over the axes of the output. */
  readonly views: readonly View[];
  readonly otherwise?: number;
  value(loads: readonly Expression[], index: (axis: number) => Expression): Expression;
}

/** A kernel that computes every element of the output from elements of the inputs. */
export function mapKernel({ output, inputs, views, otherwise = 0, value }: MapKernel): Lowering {
  const extents = output.shape;
  const bounded = views.some((view) => view.bounds?.length);
  const indexed = { used: false };
  const outer: View = { strides: stridesOf(extents) };
  const build = (sizes: readonly number[], seen: readonly View[]): Kernel => {
    const loads = inputs.map(({ dtype }, i) => {
      const { offset = 0, strides, bounds = [] } = seen[i] as View;
      return load(i, dtype, { offset, strides }, bounds, otherwise);
    });
    const result = value(loads, (axis) => {
      indexed.used = true;
      return {
        kind: 'index',
        dtype: 'int32',
        index: { offset: 0, strides: sizes.map((_, a) => (a === axis ? 1 : 0)) },
      };
    });
    const { strides } = seen[inputs.length] as View;
    const store: Statement = {
      kind: 'store',
      buffer: inputs.length,
      index: { offset: 0, strides },
      value: cast(result, output.dtype),
    };
    return {
      axes: sizes.map((extent) => ({ extent, role: 'parallel' })),
      buffers: [...inputs.map(readable), { dtype: output.dtype, access: 'write' }],
      registers: [],
      body: nest(longestInside(sizes), [store]),
    };
  };
  const plain = build(extents, [...views, outer]);
  if (bounded || indexed.used) return { kind: 'loop', kernel: plain };
  const merged = collapse(extents, [...views, outer]);
  return { kind: 'loop', kernel: build(merged.extents, merged.views) };
}

export const readable = ({ dtype }: KnownSpec): Buffer => ({ dtype, access: 'read' });

/** Loops over the given axes, outermost first, around `body`. */
export const nest = (axes: readonly number[], body: readonly Statement[]): readonly Statement[] =>
  axes.reduceRight<readonly Statement[]>(
    (inner, axis) => [{ kind: 'for', axis, body: inner }],
    body,
  );

/** Fewer elements than this in the innermost loop do not pay for the loop. */
export const shortLoop = 16;

/**
 * The axes of independent iterations in the order of their loops: as they are, but where the last is too short for a loop
 * of its own, the longest comes innermost.
 */
export function longestInside(extents: readonly number[]): number[] {
  const axes = extents.map((_, axis) => axis);
  const longest = extents.indexOf(Math.max(...extents));
  const last = extents.at(-1) ?? shortLoop;
  if (last >= shortLoop || (extents[longest] as number) <= last) return axes;
  return [...axes.filter((axis) => axis !== longest), longest];
}

/** Merges neighbouring axes that every view walks as one, and drops those of size 1. */
export function collapse(
  extents: readonly number[],
  views: readonly View[],
): { extents: number[]; views: View[] } {
  const sizes: number[] = [];
  const kept: number[][] = views.map(() => []);
  extents.forEach((extent, axis) => {
    if (extent === 1) return;
    const last = sizes.length - 1;
    const joins =
      last >= 0 &&
      views.every(
        ({ strides }, v) => (kept[v] as number[])[last] === (strides[axis] as number) * extent,
      );
    if (joins) sizes[last] = (sizes[last] as number) * extent;
    else sizes.push(extent);
    views.forEach(({ strides }, v) => {
      (kept[v] as number[])[joins ? last : last + 1] = strides[axis] as number;
    });
  });
  return {
    extents: sizes,
    views: views.map((view, v) => ({ ...view, strides: kept[v] as number[] })),
  };
}

/** An expression in the operands of an op, for what is more than one scalar function. */
export type Formula = (
  a: Expression,
  b: Expression,
  c: Expression,
  ...more: readonly Expression[]
) => Expression;

export const isHalf = (dtype: DType): boolean => dtype === 'float16' || dtype === 'bfloat16';

/**
 * Elementwise meaning of an op: operands broadcast and cast to one dtype, then one scalar function or a formula.
 * Formulas of half precision are computed in float32, so that their steps do not add up roundings.
 */
export function elementwise(
  fn: ScalarFunction | Formula,
  inputs: readonly KnownSpec[],
  output: KnownSpec,
  operand: DType = output.dtype,
): Lowering {
  const formula: Formula = typeof fn === 'string' ? (...operands) => call(fn, ...operands) : fn;
  const dtype = typeof fn !== 'string' && isHalf(operand) ? 'float32' : operand;
  return mapKernel({
    output,
    inputs,
    views: inputs.map(({ shape }) => ({ strides: broadcastStrides(shape, output.shape) })),
    value: (loads) =>
      formula(...(loads.map((value) => cast(value, dtype)) as unknown as Parameters<Formula>)),
  });
}

/** Copies elements of one input to every element of the output through a view. */
export const copyView = (
  input: KnownSpec,
  output: KnownSpec,
  view: View,
  otherwise = 0,
): Lowering =>
  mapKernel({ output, inputs: [input], views: [view], otherwise, value: ([x]) => x as Expression });
