import { type DType, type ErrorCode, placeholder, type Tensor } from '@tenon/core';
import type { Domain, OpCase, RejectedCase } from '../op-case.js';
import { numbers } from './elementwise-rows.js';

/** dtypes of ops that only move elements. */
export const everyDType: readonly DType[] = [...numbers, 'bool'];

/** A float input of an application that is to be refused. */
export const float = (shape: readonly (number | null)[]): Tensor =>
  placeholder({ shape: [...shape] });

/** The same of whole numbers. */
export const int = (shape: readonly (number | null)[]): Tensor =>
  placeholder({ shape: [...shape], dtype: 'int32' });

/** Whole numbers, both ends included. */
export const whole = (from: number, to: number): Domain => ({ from, to, integer: true });

/** Valid indices of an axis. */
export const below = (size: number): Domain => whole(0, size - 1);

/** Why the last size of tuples of indices must be known. */
export const tuples: NonNullable<OpCase['unknownShapes']> = {
  skipped: 'the rank of the result depends on the length of the tuples',
};

/** A row's refusal, in one line. */
export const rejected = (why: string, build: () => unknown, code: ErrorCode): RejectedCase => ({
  why,
  build,
  code,
});
