import { type DType, dtypes, type TypedArray } from '../../../graph/dtype.js';
import { bigRow, floatRow, intRow, type Row } from './gemm-thin.js';
import {
  type Block,
  floatTile,
  intTile,
  type Matrix,
  packPanels,
  type Tile,
  tileColumns,
  tileRows,
} from './gemm-tiles.js';
import type { CompileTemplate } from './kernel.js';

export type { Matrix } from './gemm-tiles.js';

/** Sizes of a product: c [m, n] = a [m, k] b [k, n]. */
interface GemmSize {
  m: number;
  k: number;
  n: number;
}

/** c = a b, or c += a b where it accumulates. */
export type Gemm = (a: Matrix, b: Matrix, c: Matrix, size: GemmSize) => void;

interface GemmOptions {
  readonly dtype: DType;
  /** The largest sizes that it will be called with. */
  readonly largest: Readonly<GemmSize>;
  readonly accumulate?: boolean;
}

export type Sums = Float64Array | Int32Array | BigInt64Array;
type Panels = Float64Array | Int32Array;

/** Rows, columns and depth of a block: 128 KB of packed a, 256 KB of packed b and 64 KB of sums at most. */
const block: GemmSize = { m: 64, k: 256, n: 128 };
const thinColumns = 512;
const shortRow = 16;

/** Below this many multiplications packing costs more than it saves. */
const thinProduct = 2048;

const roundUp = (size: number, multiple: number): number => Math.ceil(size / multiple) * multiple;

/**
 * A general product of strided matrices, with its scratch. Floats are summed in double precision over the whole of k and
 * rounded once; integers wrap.
 */
export function createGemm({ dtype, largest, accumulate = false }: GemmOptions): Gemm {
  const thin = thinGemm(dtype, largest, accumulate);
  if (dtype === 'int64' || !wide(largest)) return thin;
  const tiled = tiledGemm(dtype, largest, accumulate);
  return (a, b, c, size) => (wide(size) ? tiled : thin)(a, b, c, size);
}

const wide = ({ m, k, n }: Readonly<GemmSize>): boolean =>
  Math.min(m, n) >= 4 && k >= 2 && m * k * n >= thinProduct;

/** Row by row, without packing: for vectors, and for matrices of which a side is very short. */
function thinGemm(dtype: DType, largest: Readonly<GemmSize>, accumulate: boolean): Gemm {
  const sums = createSums(dtype, Math.min(thinColumns, Math.max(largest.m, largest.n)));
  const multiplyRow = (
    dtype === 'int64' ? bigRow : dtypes[dtype].kind === 'float' ? floatRow : intRow
  ) as (sums: Sums, a: Matrix, b: Matrix, row: Row) => void;
  const row: Row = { i: 0, j: 0, count: 0, k: 0 };
  const region: Region = { i: 0, j: 0, rows: 1, columns: 0, width: 0, accumulate };
  const multiply: Gemm = (a, b, c, { m, k, n }) => {
    row.k = k;
    for (let j = 0; j < n; j += thinColumns) {
      row.j = region.j = j;
      row.count = region.columns = Math.min(thinColumns, n - j);
      for (let i = 0; i < m; i++) {
        row.i = region.i = i;
        multiplyRow(sums, a, b, row);
        store(c, sums, region);
      }
    }
  };
  return withShortRows(multiply);
}

/** Long rows are the fast direction: where c has few columns, computes its transpose, c' = b' a'. */
function withShortRows(multiply: Gemm): Gemm {
  const flipped = { m: 0, k: 0, n: 0 };
  const views = [blankMatrix(), blankMatrix(), blankMatrix()] as const;
  return (a, b, c, size) => {
    if (size.n >= Math.min(size.m, shortRow)) return multiply(a, b, c, size);
    flipped.m = size.n;
    flipped.k = size.k;
    flipped.n = size.m;
    transposeInto(views[0], b);
    transposeInto(views[1], a);
    transposeInto(views[2], c);
    multiply(views[0], views[1], views[2], flipped);
  };
}

type MutableMatrix = { -readonly [K in keyof Matrix]: Matrix[K] };

const blankMatrix = (): MutableMatrix => ({
  data: new Float32Array(0),
  offset: 0,
  rowStride: 0,
  columnStride: 0,
});

function transposeInto(to: MutableMatrix, from: Matrix): void {
  to.data = from.data;
  to.offset = from.offset;
  to.rowStride = from.columnStride;
  to.columnStride = from.rowStride;
}

/** Block by block: packs a and b in panels, multiplies tile by tile, and stores a block of c when its sums are complete. */
function tiledGemm(dtype: DType, largest: Readonly<GemmSize>, accumulate: boolean): Gemm {
  const rows = roundUp(Math.min(block.m, largest.m), tileRows);
  const columns = roundUp(Math.min(block.n, largest.n), tileColumns);
  const depth = Math.min(block.k, largest.k);
  const sums = createSums(dtype, rows * columns) as Panels;
  const panelsA = createSums(dtype, rows * depth) as Panels;
  const panelsB = createSums(dtype, depth * columns) as Panels;
  const multiplyTile = (dtypes[dtype].kind === 'float' ? floatTile : intTile) as (
    sums: Panels,
    a: Panels,
    b: Panels,
    tile: Tile,
  ) => void;
  const tile: Tile = { a: 0, b: 0, depth: 0, sum: 0, width: columns };
  const part: Block = { data: [], start: 0, lines: 0, lineStride: 0, depth: 0, depthStride: 0 };
  const region: Region = { i: 0, j: 0, rows: 0, columns: 0, width: columns, accumulate };

  const multiplyTiles = (): void => {
    for (let i = 0; i < region.rows; i += tileRows) {
      tile.a = i * tile.depth;
      for (let j = 0; j < region.columns; j += tileColumns) {
        tile.b = j * tile.depth;
        tile.sum = i * columns + j;
        multiplyTile(sums, panelsA, panelsB, tile);
      }
    }
  };

  const addDepth = (a: Matrix, b: Matrix, p: number, count: number): void => {
    tile.depth = part.depth = count;
    part.data = a.data as Float32Array;
    part.start = a.offset + region.i * a.rowStride + p * a.columnStride;
    part.lines = region.rows;
    part.lineStride = a.rowStride;
    part.depthStride = a.columnStride;
    packPanels(panelsA, part, tileRows);
    part.data = b.data as Float32Array;
    part.start = b.offset + p * b.rowStride + region.j * b.columnStride;
    part.lines = region.columns;
    part.lineStride = b.columnStride;
    part.depthStride = b.rowStride;
    packPanels(panelsB, part, tileColumns);
    multiplyTiles();
  };

  return (a, b, c, { m, k, n }) => {
    for (region.i = 0; region.i < m; region.i += block.m) {
      region.rows = Math.min(block.m, m - region.i);
      for (region.j = 0; region.j < n; region.j += block.n) {
        region.columns = Math.min(block.n, n - region.j);
        sums.fill(0);
        for (let p = 0; p < k; p += block.k) addDepth(a, b, p, Math.min(block.k, k - p));
        store(c, sums, region);
      }
    }
  };
}

/** Scratch for sums of elements of `dtype`: floats are added in double precision, integers as 32 or 64 bits. */
export const createSums = (dtype: DType, length: number): Sums =>
  dtypes[dtype].kind === 'float'
    ? new Float64Array(length)
    : dtype === 'int64'
      ? new BigInt64Array(length)
      : new Int32Array(length);

/** A block of c, and the length of a row of its sums. */
interface Region {
  i: number;
  j: number;
  rows: number;
  columns: number;
  readonly width: number;
  readonly accumulate: boolean;
}

function store(c: Matrix, from: Sums, { i, j, rows, columns, width, accumulate }: Region): void {
  const data = c.data as Float32Array;
  const sums = from as Float64Array;
  const { rowStride, columnStride } = c;
  for (let row = 0; row < rows; row++) {
    let at = c.offset + (i + row) * rowStride + j * columnStride;
    const end = row * width + columns;
    for (let s = row * width; s < end; s++, at += columnStride) {
      data[at] = accumulate ? (data[at] as number) + (sums[s] as number) : (sums[s] as number);
    }
  }
}

/** A row-major matrix over `data`, or the transpose of one: [rows, columns] is its shape as it is read. */
export function matrix(
  data: TypedArray,
  [rows, columns]: readonly [number, number],
  transposed = false,
): Matrix {
  return transposed
    ? { data, offset: 0, rowStride: 1, columnStride: rows }
    : { data, offset: 0, rowStride: columns, columnStride: 1 };
}

/** c[batch, m, n] = sum over k of a[batch, m, k] b[batch, k, n] */
export const compileGemm: CompileTemplate<'gemm'> = (template, [dataA, dataB], [dataC]) => {
  const { dtype, batch, m, k, n, batchedA, batchedB } = template;
  const a = matrix(dataA as TypedArray, [m, k], template.transposeA);
  const b = matrix(dataB as TypedArray, [k, n], template.transposeB);
  const c = matrix(dataC as TypedArray, [m, n]);
  const size = { m, k, n };
  const multiply = createGemm({ dtype, largest: size });
  return () => {
    for (let i = 0; i < batch; i++) {
      a.offset = batchedA ? i * m * k : 0;
      b.offset = batchedB ? i * k * n : 0;
      c.offset = i * m * n;
      multiply(a, b, c, size);
    }
  };
};
