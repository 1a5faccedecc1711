import { type DType, gradients, isFloat, placeholder, type Shape, Tensor } from '@tenon/core';
import type { OpCase } from './op-case.js';

/** A row's op applied to placeholders. */
export interface Application {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T];

interface InputSpec {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Applies the op to placeholders of the given dtypes and shapes. */
export function applied(row: OpCase, specs: readonly InputSpec[]): Application {
  const inputs = specs.map(({ dtype, shape }, i) =>
    placeholder({ dtype, shape, name: `input ${i}` }),
  );
  const result = row.op(...inputs);
  return { inputs, outputs: result instanceof Tensor ? [result] : result };
}

/** What can be differentiated: outputs, with respect to inputs, weighted by placeholders. */
export interface Derivative {
  readonly ys: readonly Tensor[];
  readonly xs: readonly Tensor[];
  readonly weights: readonly Tensor[];
  /** `d(sum of ys times weights) / d xs` */
  readonly gradients: readonly Tensor[];
}

/** The gradient of the float ones of `ys` in the float ones of `xs`; null where there are none. */
export function derivative(ys: readonly Tensor[], xs: readonly Tensor[]): Derivative | null {
  const [tops, leaves] = [ys, xs].map((all) => all.filter(({ dtype }) => isFloat(dtype))) as [
    Tensor[],
    Tensor[],
  ];
  if (tops.length === 0 || leaves.length === 0) return null;
  const weights = tops.map(({ dtype, shape }, i) =>
    placeholder({ dtype, shape, name: `weight ${i}` }),
  );
  return { ys: tops, xs: leaves, weights, gradients: gradients(tops, leaves, { gradYs: weights }) };
}
