import type { TemplateOf } from '@tenon/core';
import type { Code } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import type { Finished } from '../gemm/engine.js';

/** c[batch, m, n] = a b, with the addresses of its matrices and what becomes of complete sums before they are stored. */
export interface Product extends Omit<TemplateOf<'gemm'>, 'kind'> {
  readonly a: Local;
  readonly b: Local;
  readonly c: Local;
  readonly finish?: (finished: Finished) => Code;
}

/** Elements of a matrix lie at row * rows + column * columns, in elements. */
export interface Strides {
  readonly rows: number;
  readonly columns: number;
  /** From one matrix of the batch to the next. */
  readonly batch: number;
}

export const stridesOfA = ({ m, k, transposeA, batchedA }: Product): Strides => ({
  ...(transposeA ? { rows: 1, columns: m } : { rows: k, columns: 1 }),
  batch: batchedA ? m * k : 0,
});

export const stridesOfB = ({ k, n, transposeB, batchedB }: Product): Strides => ({
  ...(transposeB ? { rows: 1, columns: k } : { rows: n, columns: 1 }),
  batch: batchedB ? k * n : 0,
});
