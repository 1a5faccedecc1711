import type { KernelFunction } from '../emit/kernel-function.js';
import { bytesIn, type Code, seq } from '../encoder/code.js';
import { type FunctionBuilder, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4 } from '../encoder/simd.js';
import type { EngineProduct } from './engine.js';
import { loadFloats, storeFloats } from './floats.js';
import { type Cell, type TileRegisters, type TileShape, tileColumns } from './tile.js';

type Output = Pick<EngineProduct, 'rowAddress' | 'rowBytes' | 'accumulate' | 'finish'>;

interface TilePlace {
  readonly registers: TileRegisters;
  readonly shape: TileShape;
  /** The first of each. */
  readonly row: Local;
  readonly column: Local;
  /** Addresses where its operands begin, and how many steps it has. */
  readonly a: Code;
  readonly b: Code;
  readonly depth: Code;
  /** Whether these are the first steps of k, and the last: not given where they are all. */
  readonly isFirst?: Local;
  readonly isLast?: Local;
}

/** How a tile's operands lie in panels. */
export const packedShape = (rows: number, columns: number): TileShape => ({
  ...{ rows, columns },
  ...{ aRowBytes: 4, aDepthBytes: 4 * rows, bDepthBytes: 4 * tileColumns },
  packed: true,
});

/** One tile: its sums are added to those of the steps before, which c holds. */
export function storedTile(k: KernelFunction, output: Output, tile: TilePlace): Code {
  const { registers, shape, isFirst } = tile;
  const cells = registers.cells(shape);
  const { setup, placeOf } = places(k, output, tile);
  const addHeld = seq(
    ...cells.map((cell) => {
      const { address, offset, count } = placeOf(cell);
      return cell.sum.set(f32x4.add(loadFloats(address, count, offset), cell.sum.get));
    }),
  );
  const addBefore = isFirst ? when(isFirst.get, [], addHeld) : [];
  return seq(
    setup,
    registers.clear(shape),
    registers.multiply(shape, tile),
    output.accumulate ? addHeld : addBefore,
    storeCells(k, output, { tile, cells, placeOf }),
  );
}

interface Cells {
  readonly tile: TilePlace;
  readonly cells: readonly Cell[];
  readonly placeOf: (cell: Cell) => Parameters<typeof storeFloats>[0];
}

/** Bytes of code of a finish up to which it is written for each vector of a tile. */
const shortFinish = 160;

/** Stores the sums, finished if these are the last steps. */
function storeCells({ f }: KernelFunction, output: Output, { tile, cells, placeOf }: Cells): Code {
  const { finish } = output;
  const stores = cells.map((cell) => storeFloats(placeOf(cell), cell.sum));
  if (!finish) return seq(...stores);
  const [row, column] = [f.i32(), f.i32()];
  const finishCell = ({ sum, row: r, column: c, count }: Cell): Code =>
    seq(
      row.set(i32.add(tile.row.get, i32.const(r))),
      column.set(i32.add(tile.column.get, i32.const(c))),
      finish({ value: sum, row, column, count }),
    );
  const isLast = tile.isLast?.get;
  if (bytesIn(finishCell(cells[0] as Cell)).length > shortFinish) {
    const again = finishTile(f, output, tile);
    return seq(...stores, isLast ? when(isLast, again) : again);
  }
  // A store between two vectors keeps the loads of the next one behind it, so that registers suffice.
  const finished = seq(...cells.flatMap((cell, i) => [finishCell(cell), stores[i] as Code]));
  return isLast ? when(isLast, finished, seq(...stores)) : finished;
}

function places({ f }: KernelFunction, output: Output, { shape, row, column }: TilePlace) {
  const { rowAddress, rowBytes } = output;
  const addresses = Array.from({ length: rowBytes === undefined ? shape.rows : 1 }, () => f.i32());
  const next = f.i32();
  const setup = addresses.map((address, r) =>
    seq(
      next.set(i32.add(row.get, i32.const(r))),
      address.set(i32.add(rowAddress(next), i32.shl(column.get, i32.const(2)))),
    ),
  );
  const placeOf = ({ row: r, column: c, count }: Cell) => ({
    address: ((rowBytes === undefined ? addresses[r] : addresses[0]) as Local).get,
    offset: (rowBytes ?? 0) * r + 4 * c,
    count,
  });
  return { setup: seq(...setup), placeOf };
}

/**
 * The sums are taken from c again, row by row, so that a long finish is written only once for each vector of a row.
 */
function finishTile(f: FunctionBuilder, output: Output, tile: TilePlace): Code {
  const { finish, rowAddress } = output;
  if (!finish) return [];
  const [row, end, column, at, value] = [f.i32(), f.i32(), f.i32(), f.i32(), f.v128()];
  const { rows, columns } = tile.shape;
  const vectors = Array.from({ length: Math.ceil(columns / 4) }, (_, v) => {
    const count = Math.min(4, columns - 4 * v);
    return seq(
      column.set(i32.add(tile.column.get, i32.const(4 * v))),
      value.set(loadFloats(at.get, count, 16 * v)),
      finish({ value, row, column, count }),
      storeFloats({ address: at.get, offset: 16 * v, count }, value),
    );
  });
  const perRow = seq(
    at.set(i32.add(rowAddress(row), i32.shl(tile.column.get, i32.const(2)))),
    ...vectors,
    row.increase(1),
  );
  return seq(
    row.set(tile.row.get),
    end.set(i32.add(tile.row.get, i32.const(rows))),
    f.while(i32.ltS(row.get, end.get), perRow),
  );
}
