import type { Matrix } from './gemm-tiles.js';

/** One row of a product: row `i` of a, columns `j` up to `j + count` of b. */
export interface Row {
  i: number;
  j: number;
  count: number;
  k: number;
}

/** sums[0..count) = a[i, :] b[:, j..]; walks b along its rows, or along its columns where those are contiguous. */
export function floatRow(sums: Float64Array, a: Matrix, b: Matrix, row: Row): void {
  if (b.columnStride > b.rowStride) floatDots(sums, a, b, row);
  else floatSums(sums, a, b, row);
}

/** Each sum by itself, four running sums along k so that an addition need not wait for the one before. */
function floatDots(sums: Float64Array, a: Matrix, b: Matrix, { i, j, count, k }: Row): void {
  const x = a.data as Float32Array;
  const y = b.data as Float32Array;
  const step = a.columnStride | 0;
  const stride = b.rowStride | 0;
  const whole = k & ~3;
  for (let q = 0; q < count; q++) {
    let s = (a.offset + i * a.rowStride) | 0;
    let t = (b.offset + (j + q) * b.columnStride) | 0;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let p = 0;
    for (; p < whole; p += 4) {
      s0 += (x[s] as number) * (y[t] as number);
      s = (s + step) | 0;
      t = (t + stride) | 0;
      s1 += (x[s] as number) * (y[t] as number);
      s = (s + step) | 0;
      t = (t + stride) | 0;
      s2 += (x[s] as number) * (y[t] as number);
      s = (s + step) | 0;
      t = (t + stride) | 0;
      s3 += (x[s] as number) * (y[t] as number);
      s = (s + step) | 0;
      t = (t + stride) | 0;
    }
    for (; p < k; p++, s = (s + step) | 0, t = (t + stride) | 0) {
      s0 += (x[s] as number) * (y[t] as number);
    }
    sums[q] = s0 + s1 + (s2 + s3);
  }
}

/** All sums together, four rows of b at a time so that each sum is read and written once for four products. */
function floatSums(sums: Float64Array, a: Matrix, b: Matrix, { i, j, count, k }: Row): void {
  const x = a.data as Float32Array;
  const y = b.data as Float32Array;
  const stride = b.rowStride | 0;
  const columnStride = b.columnStride | 0;
  const step = a.columnStride;
  const from = a.offset + i * a.rowStride;
  const start = b.offset + j * columnStride;
  sums.fill(0, 0, count);
  const whole = k & ~3;
  let p = 0;
  for (; p < whole; p += 4) {
    const x0 = x[from + p * step] as number;
    const x1 = x[from + (p + 1) * step] as number;
    const x2 = x[from + (p + 2) * step] as number;
    const x3 = x[from + (p + 3) * step] as number;
    let t = (start + p * stride) | 0;
    for (let q = 0; q < count; q++, t = (t + columnStride) | 0) {
      const t2 = (t + 2 * stride) | 0;
      sums[q] =
        (sums[q] as number) +
        x0 * (y[t] as number) +
        x1 * (y[(t + stride) | 0] as number) +
        x2 * (y[t2] as number) +
        x3 * (y[(t2 + stride) | 0] as number);
    }
  }
  for (; p < k; p++) {
    const factor = x[from + p * step] as number;
    let t = (start + p * stride) | 0;
    for (let q = 0; q < count; q++, t = (t + columnStride) | 0) {
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
