import type { Matrix } from './gemm-tiles.js';

/** One row of a product: row `i` of a, columns `j` up to `j + count` of b. */
export interface Row {
  i: number;
  j: number;
  count: number;
  k: number;
}

/** sums[0..count) = a[i, :] b[:, j..]; walks b along its rows, or along its columns where those are contiguous. */
export function floatRow(sums: Float64Array, a: Matrix, b: Matrix, { i, j, count, k }: Row): void {
  const x = a.data as Float32Array;
  const y = b.data as Float32Array;
  const { rowStride, columnStride } = b;
  const step = a.columnStride;
  let from = a.offset + i * a.rowStride;
  const start = b.offset + j * columnStride;
  if (columnStride > rowStride) {
    for (let q = 0; q < count; q++) {
      let sum = 0;
      let s = from;
      let t = start + q * columnStride;
      for (let p = 0; p < k; p++, s += step, t += rowStride) sum += (x[s] as number) * (y[t] as number);
      sums[q] = sum;
    }
    return;
  }
  for (let q = 0; q < count; q++) sums[q] = 0;
  for (let p = 0; p < k; p++, from += step) {
    const factor = x[from] as number;
    let t = start + p * rowStride;
    for (let q = 0; q < count; q++, t += columnStride) {
      sums[q] = (sums[q] as number) + factor * (y[t] as number);
    }
  }
}

/** The same for integers, modulo 2^32. */
export function intRow(sums: Int32Array, a: Matrix, b: Matrix, { i, j, count, k }: Row): void {
  const x = a.data as Int32Array;
  const y = b.data as Int32Array;
  const { rowStride, columnStride } = b;
  const start = a.offset + i * a.rowStride;
  for (let q = 0; q < count; q++) {
    let sum = 0;
    let s = start;
    let t = b.offset + (j + q) * columnStride;
    for (let p = 0; p < k; p++, s += a.columnStride, t += rowStride) {
      sum = (sum + Math.imul(x[s] as number, y[t] as number)) | 0;
    }
    sums[q] = sum;
  }
}

/** The same for 64-bit integers, modulo 2^64. */
export function bigRow(sums: BigInt64Array, a: Matrix, b: Matrix, { i, j, count, k }: Row): void {
  const x = a.data as BigInt64Array;
  const y = b.data as BigInt64Array;
  const start = a.offset + i * a.rowStride;
  for (let q = 0; q < count; q++) {
    let sum = 0n;
    let s = start;
    let t = b.offset + (j + q) * b.columnStride;
    for (let p = 0; p < k; p++, s += a.columnStride, t += b.rowStride) {
      sum += (x[s] as bigint) * (y[t] as bigint);
    }
    sums[q] = sum;
  }
}
