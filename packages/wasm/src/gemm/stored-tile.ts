import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4 } from '../encoder/simd.js';
import type { EngineProduct } from './engine.js';
import { loadFloats, storeFloats } from './floats.js';
import { type Cell, type TileRegisters, tileColumns, tileRows } from './tile.js';

type Output = Pick<EngineProduct, 'rowAddress' | 'rowBytes' | 'accumulate' | 'finish'>;

interface TilePlace {
  readonly registers: TileRegisters;
  readonly rows: number;
  readonly columns: number;
  /** The first of each. */
  readonly row: Local;
  readonly column: Local;
  /** Addresses of its panels. */
  readonly a: Local;
  readonly b: Local;
  readonly depth: Local;
  /** Whether these are the first steps of k, and the last: not given where they are all. */
  readonly isFirst?: Local;
  readonly isLast?: Local;
}

/** One tile of packed panels: its sums are added to those of the steps before, which c holds. */
export function storedTile(k: KernelFunction, output: Output, tile: TilePlace): Code {
  const { registers, rows, columns, isFirst, isLast } = tile;
  const aRowBytes = 4;
  const aDepthBytes = 4 * tileRows;
  const shape = { rows, columns, aRowBytes, aDepthBytes, bDepthBytes: 4 * tileColumns };
  const cells = registers.cells(shape);
  const { setup, placeOf } = places(k, output, tile);
  const addHeld = seq(
    ...cells.map((cell) => {
      const { address, offset, count } = placeOf(cell);
      return cell.sum.set(f32x4.add(loadFloats(address, count, offset), cell.sum.get));
    }),
  );
  const addBefore = isFirst ? when(isFirst.get, [], addHeld) : [];
  const finish = finishing(k, output, { tile, cells });
  return seq(
    setup,
    registers.clear(shape),
    registers.multiply(shape, { a: tile.a.get, b: tile.b.get, depth: tile.depth.get }),
    output.accumulate ? addHeld : addBefore,
    isLast && output.finish ? when(isLast.get, finish) : finish,
    ...cells.map((cell) => storeFloats(placeOf(cell), cell.sum)),
  );
}

function places({ f }: KernelFunction, output: Output, { rows, row, column }: TilePlace) {
  const { rowAddress, rowBytes } = output;
  const addresses = Array.from({ length: rowBytes === undefined ? rows : 1 }, () => f.i32());
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

interface Finishing {
  readonly tile: TilePlace;
  readonly cells: readonly Cell[];
}

function finishing({ f }: KernelFunction, { finish }: Output, { tile, cells }: Finishing): Code {
  if (!finish) return [];
  const [row, column] = [f.i32(), f.i32()];
  return seq(
    ...cells.map(({ sum, row: r, column: c, count }) =>
      seq(
        row.set(i32.add(tile.row.get, i32.const(r))),
        column.set(i32.add(tile.column.get, i32.const(c))),
        finish({ value: sum, row, column, count }),
      ),
    ),
  );
}
