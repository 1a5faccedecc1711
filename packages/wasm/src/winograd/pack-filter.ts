import { panelBytes, panelsOf } from '../conv/panels.js';
import { panelColumns } from '../conv/product-tile.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { v128 } from '../encoder/simd.js';
import { tilePositions, tileReach } from './tiling.js';
import { transformColumns, transforms } from './transforms.js';

/** Transformed filters as panels [position, panel, depth, panelColumns]. */
export interface FilterPanels {
  readonly at: Local;
  readonly depth: number;
  readonly columns: number;
  readonly panelBytes: number;
  readonly positionBytes: number;
}

// Matrices a power of two apart would fall into the same few lines of the first cache.
const apart = 64;

export function filterPanels(at: Local, depth: number, columns: number): FilterPanels {
  const bytes = panelBytes(depth);
  const positionBytes = panelsOf(columns) * bytes + apart;
  return { at, depth, columns, panelBytes: bytes, positionBytes };
}

export const filterBytes = ({ positionBytes }: FilterPanels): number =>
  tilePositions * positionBytes;

/**
 * How the filter lies in memory: 'plain' is [taps, depth, columns], 'transposed' [taps, columns, depth], and 'mirrored' that with
 * the taps from the last to the first.
 */
export type FilterOrder = 'plain' | 'transposed' | 'mirrored';

interface FilterPacking {
  readonly filter: Local;
  readonly to: FilterPanels;
  readonly order: FilterOrder;
}

const taps = 9;
// Columns and depths of a piece of work: whole cache lines of the filter, each of which is then read once.
const side = 16;

/** Transforms a filter for all threads. Ends with a barrier. */
export function packFilter(k: KernelFunction, packing: FilterPacking): Code {
  const { f } = k;
  const { depth, columns } = packing.to;
  const slices = Math.ceil(depth / side);
  const [begin, end, group, slice] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const vector = (row: Local, column: Local): Code => packVector(k, packing, { row, column });
  const rows = { piece: slice, size: depth, step: 1 };
  const four = { piece: group, size: columns, step: 4 };
  return seq(
    k.share(Math.ceil(columns / side) * slices, begin, end),
    f.for({ from: begin.get, to: end.get }, (unit) =>
      seq(
        group.set(i32.divU(unit.get, i32.const(slices))),
        slice.set(i32.remU(unit.get, i32.const(slices))),
        packing.order === 'plain'
          ? within(k, rows, (row) => within(k, four, (column) => vector(row, column)))
          : within(k, four, (column) => within(k, rows, (row) => vector(row, column))),
      ),
    ),
    k.barrier(),
  );
}

interface Side {
  /** The number of the piece. */
  readonly piece: Local;
  readonly size: number;
  readonly step: number;
}

/** Passes over one side of a piece. */
function within(
  k: KernelFunction,
  { piece, size, step }: Side,
  body: (index: Local) => Code,
): Code {
  const { f } = k;
  const [from, to] = [f.i32(), f.i32()];
  return seq(
    from.set(i32.mul(piece.get, i32.const(side))),
    to.set(i32.add(from.get, i32.const(side))),
    to.set(k.min(to, i32.const(size))),
    f.for({ from: from.get, to: to.get, step }, body),
  );
}

/** Transforms the filters of four columns. */
function packVector(
  { f }: KernelFunction,
  { filter, to, order }: FilterPacking,
  { row, column }: { readonly row: Local; readonly column: Local },
): Code {
  const { at, depth, columns } = to;
  const [source, target] = [f.i32(), f.i32()];
  const values = Array.from({ length: taps }, () => f.v128());
  const tapBytes = 4 * depth * columns;
  const [depthBytes, columnBytes] = order === 'plain' ? [4 * columns, 4] : [4, 4 * depth];
  const load = values.map((value, tap) => {
    const offset = (order === 'mirrored' ? taps - 1 - tap : tap) * tapBytes;
    return order === 'plain'
      ? value.set(v128.load(source.get, offset))
      : gather(value, { from: source, offset, stride: columnBytes });
  });
  const place = (...parts: readonly (readonly [Code, number])[]): Code =>
    parts.map(([index, bytes]) => i32.mul(index, i32.const(bytes))).reduce(i32.add);
  const panel = i32.divU(column.get, i32.const(panelColumns));
  const lane = i32.remU(column.get, i32.const(panelColumns));
  const ahead = place([panel, to.panelBytes], [row.get, 4 * panelColumns], [lane, 4]);
  return seq(
    source.set(i32.add(filter.get, place([row.get, depthBytes], [column.get, columnBytes]))),
    target.set(i32.add(at.get, ahead)),
    ...load,
    ...transformColumns(f, {
      ...{ by: transforms.filter, from: 3, to: tileReach },
      load: (i, j) => (values[3 * i + j] as Local).get,
      put: (i, j, value) => v128.store(target.get, value, (i * tileReach + j) * to.positionBytes),
    }),
  );
}

interface Apart {
  readonly from: Local;
  readonly offset: number;
  readonly stride: number;
}

/** Four floats that lie apart. */
const gather = (value: Local, { from, offset, stride }: Apart): Code =>
  seq(
    value.set(v128.load32Zero(from.get, offset)),
    ...[1, 2, 3].map((lane) =>
      value.set(v128.load32Lane(lane, from.get, value.get, offset + lane * stride)),
    ),
  );
