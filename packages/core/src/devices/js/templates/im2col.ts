import type { DType, TypedArray } from '../../../graph/dtype.js';
import { dtypes } from '../../../graph/dtype.js';
import type { ConvGeometry } from '../../../lower/template.js';
import { type Matrix, matrix } from './gemm.js';
import { createWindowWalk, windowCount } from './window-walk.js';

const scratchBytes = 256 * 1024;

/** A run of windows of one group of channels. */
export interface Chunk {
  group: number;
  first: number;
  rows: number;
}

/** Windows of x written out as rows of a matrix, a chunk at a time. */
export interface Columns {
  /** [rows, taps * inChannels / groups]; holds the last chunk that was read. */
  readonly matrix: Matrix;
  /** Elements of a row. */
  readonly depth: number;
  /** Rows of the largest chunk. */
  readonly rows: number;
  /** Copies the windows of a chunk out of x; zero where they lie in the padding. */
  read(x: TypedArray, chunk: Chunk): void;
  /** Adds the rows of a chunk to the places of dx that they were copied from. */
  addTo(dx: TypedArray, chunk: Chunk): void;
}

export function createColumns(geometry: ConvGeometry, dtype: DType): Columns {
  const { inChannels, groups } = geometry;
  const walk = createWindowWalk(geometry);
  const channels = inChannels / groups;
  const depth = walk.size * channels;
  const { bytes, device } = dtypes[dtype];
  const most = Math.max(1, Math.floor(scratchBytes / (bytes * Math.max(1, depth))));
  const rows = Math.min(most, windowCount(geometry));
  const data = new device(rows * depth) as Float32Array;
  const zero = (dtype === 'int64' ? 0n : 0) as number;
  return {
    matrix: matrix(data, [rows, depth]),
    depth,
    rows,
    read(x, chunk) {
      const from = x as Float32Array;
      for (let row = 0; row < chunk.rows; row++) {
        walk.moveTo(chunk.first + row);
        const { count, positions, taps } = walk;
        if (count < walk.size) data.fill(zero, row * depth, (row + 1) * depth);
        for (let i = 0; i < count; i++) {
          let at = row * depth + (taps[i] as number) * channels;
          let source = (positions[i] as number) * inChannels + chunk.group * channels;
          for (const end = at + channels; at < end; at++, source++)
            data[at] = from[source] as number;
        }
      }
    },
    addTo(dx, chunk) {
      const to = dx as Float32Array;
      for (let row = 0; row < chunk.rows; row++) {
        walk.moveTo(chunk.first + row);
        const { count, positions, taps } = walk;
        for (let i = 0; i < count; i++) {
          let source = row * depth + (taps[i] as number) * channels;
          let at = (positions[i] as number) * inChannels + chunk.group * channels;
          for (const end = at + channels; at < end; at++, source++) {
            to[at] = (to[at] as number) + (data[source] as number);
          }
        }
      }
    },
  };
}

/** Calls `visit` for every chunk of every group. */
export function forEachChunk(
  geometry: ConvGeometry,
  largest: number,
  visit: (chunk: Chunk) => void,
): () => void {
  const windows = windowCount(geometry);
  const chunk: Chunk = { group: 0, first: 0, rows: 0 };
  return () => {
    for (chunk.group = 0; chunk.group < geometry.groups; chunk.group++) {
      for (chunk.first = 0; chunk.first < windows; chunk.first += largest) {
        chunk.rows = Math.min(largest, windows - chunk.first);
        visit(chunk);
      }
    }
  };
}
