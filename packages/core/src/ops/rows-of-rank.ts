import type { KnownShape } from '../graph/shape.js';
import type { Tensor } from '../graph/tensor.js';
import { reshape } from './shape/reshape.js';

/** Stacked rows with axes of size 1 behind the first, so that rows of this rank are broadcast with them row by row. */
export function rowsOfRank(rows: Tensor, rank: number): Tensor {
  const [count, ...row] = rows.shape as KnownShape as [number, ...number[]];
  const missing = rank - row.length;
  if (missing === 0) return rows;
  return reshape(rows, { shape: [count, ...new Array<number>(missing).fill(1), ...row] });
}
