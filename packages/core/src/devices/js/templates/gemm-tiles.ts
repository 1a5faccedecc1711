import type { TypedArray } from '../../../graph/dtype.js';

/** Element (i, j) of a matrix lies at data[offset + i rowStride + j columnStride]. */
export interface Matrix {
  readonly data: TypedArray;
  offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Rows of a tile of c: 16 sums in local variables, 8 loads for 16 products. */
export const tileRows = 4;
export const tileColumns = 4;

/** A part of a matrix to be packed: `lines` lines of `depth` elements. */
export interface Block {
  data: ArrayLike<number>;
  start: number;
  lines: number;
  lineStride: number;
  depth: number;
  depthStride: number;
}

/**
 * Packs lines in panels of `width`: the elements of a panel at one depth lie side by side, in the order in which a tile reads
 * them. Lines that the last panel lacks are zero.
 */
export function packPanels(
  to: Float64Array | Int32Array,
  { data, start, lines, lineStride, depth, depthStride }: Block,
  width: number,
): void {
  for (let line = 0; line < lines; line += width) {
    const base = line * depth;
    for (let w = 0; w < width; w++) {
      let at = base + w;
      if (line + w >= lines) {
        for (let p = 0; p < depth; p++, at += width) to[at] = 0;
      } else {
        let from = start + (line + w) * lineStride;
        for (let p = 0; p < depth; p++, at += width, from += depthStride)
          to[at] = data[from] as number;
      }
    }
  }
}

/** Where the panels of a tile begin, and where in `sums` (rows of `width`) it adds its products. */
export interface Tile {
  a: number;
  b: number;
  depth: number;
  sum: number;
  width: number;
}

/** sums += a b for one tile of float panels. The sums are in double precision, whatever the dtype of the matrices. */
export function floatTile(sums: Float64Array, a: Float64Array, b: Float64Array, tile: Tile): void {
  // Indices that are 32-bit integers by their form spare the compiled loop its overflow checks.
  let i = tile.a | 0;
  let j = tile.b | 0;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  const end = (i + tile.depth * tileRows) | 0;
  for (; i < end; i = (i + 4) | 0, j = (j + 4) | 0) {
    const b0 = b[j] as number;
    const b1 = b[(j + 1) | 0] as number;
    const b2 = b[(j + 2) | 0] as number;
    const b3 = b[(j + 3) | 0] as number;
    const a0 = a[i] as number;
    const a1 = a[(i + 1) | 0] as number;
    const a2 = a[(i + 2) | 0] as number;
    const a3 = a[(i + 3) | 0] as number;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  let at = tile.sum | 0;
  sums[at] = (sums[at] as number) + s00;
  sums[at + 1] = (sums[at + 1] as number) + s01;
  sums[at + 2] = (sums[at + 2] as number) + s02;
  sums[at + 3] = (sums[at + 3] as number) + s03;
  at = (at + tile.width) | 0;
  sums[at] = (sums[at] as number) + s10;
  sums[at + 1] = (sums[at + 1] as number) + s11;
  sums[at + 2] = (sums[at + 2] as number) + s12;
  sums[at + 3] = (sums[at + 3] as number) + s13;
  at = (at + tile.width) | 0;
  sums[at] = (sums[at] as number) + s20;
  sums[at + 1] = (sums[at + 1] as number) + s21;
  sums[at + 2] = (sums[at + 2] as number) + s22;
  sums[at + 3] = (sums[at + 3] as number) + s23;
  at = (at + tile.width) | 0;
  sums[at] = (sums[at] as number) + s30;
  sums[at + 1] = (sums[at + 1] as number) + s31;
  sums[at + 2] = (sums[at + 2] as number) + s32;
  sums[at + 3] = (sums[at + 3] as number) + s33;
}

/** The same for integers, modulo 2^32. */
export function intTile(sums: Int32Array, a: Int32Array, b: Int32Array, tile: Tile): void {
  for (let row = 0; row < tileRows; row++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let i = tile.a + row;
    let j = tile.b;
    for (let p = 0; p < tile.depth; p++, i += tileRows, j += tileColumns) {
      const x = a[i] as number;
      s0 = (s0 + Math.imul(x, b[j] as number)) | 0;
      s1 = (s1 + Math.imul(x, b[j + 1] as number)) | 0;
      s2 = (s2 + Math.imul(x, b[j + 2] as number)) | 0;
      s3 = (s3 + Math.imul(x, b[j + 3] as number)) | 0;
    }
    const at = tile.sum + row * tile.width;
    sums[at] = (sums[at] as number) + s0;
    sums[at + 1] = (sums[at + 1] as number) + s1;
    sums[at + 2] = (sums[at + 2] as number) + s2;
    sums[at + 3] = (sums[at + 3] as number) + s3;
  }
}
