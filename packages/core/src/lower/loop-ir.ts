import type { DType } from '../graph/dtype.js';
import type { ScalarFunction } from './scalar.js';

/**
 * The loop IR: what a generated kernel is, for every device. A kernel is a nest of loops over its axes; indices are
 * affine in them. Buffers are numbered inputs first, then outputs, then those of rows.
 *
 * Loops over parallel axes around everything are the rows, which threads share. Inside may be several loops one after the other,
 * each over axes of its own: those that accumulate have the role `reduce`, and may store as well.
 */
export interface Kernel {
  readonly axes: readonly Axis[];
  readonly buffers: readonly Buffer[];
  readonly registers: readonly Register[];
  readonly body: readonly Statement[];
}

export interface Axis {
  readonly extent: number;
  /** `parallel`: iterations are independent; `reduce`: they feed a register. */
  readonly role: 'parallel' | 'reduce';
}

/** What is loaded from a `write` buffer is what the same row stored before. */
export type Buffer =
  | { readonly dtype: DType; readonly access: 'read' | 'write' }
  /** Memory of one row, of every thread its own: no operand. Numbered after inputs and outputs. */
  | { readonly dtype: DType; readonly access: 'row'; readonly elements: number };

/** A scalar that lives from a `set` to the end of the loop body around it. */
export interface Register {
  readonly dtype: DType;
}

/** `offset + sum of strides[axis] * position[axis]`, in elements; one stride for every axis of the kernel. */
export interface Affine {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** `0 <= index < size` must hold, else the load gives `otherwise`. */
export interface Bound {
  readonly index: Affine;
  readonly size: number;
}

export type Combine = 'sum' | 'prod' | 'max' | 'min';

export type Statement =
  | { readonly kind: 'for'; readonly axis: number; readonly body: readonly Statement[] }
  | { readonly kind: 'set'; readonly register: number; readonly value: Expression }
  | {
      readonly kind: 'accumulate';
      readonly register: number;
      readonly combine: Combine;
      readonly value: Expression;
    }
  | {
      readonly kind: 'store';
      readonly buffer: number;
      readonly index: Affine;
      readonly value: Expression;
    }
  | { readonly kind: 'barrier' };

export type Expression = { readonly dtype: DType } & (
  | {
      readonly kind: 'load';
      readonly buffer: number;
      readonly index: Affine;
      readonly bounds: readonly Bound[];
      readonly otherwise: number;
    }
  | { readonly kind: 'const'; readonly value: number | bigint }
  | { readonly kind: 'index'; readonly index: Affine }
  | { readonly kind: 'call'; readonly fn: ScalarFunction; readonly args: readonly Expression[] }
  | {
      readonly kind: 'select';
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    }
  | { readonly kind: 'cast'; readonly value: Expression }
  | { readonly kind: 'bitcast'; readonly value: Expression }
  | { readonly kind: 'register'; readonly register: number }
);
