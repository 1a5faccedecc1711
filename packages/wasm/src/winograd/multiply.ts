import { ProductTile, panelColumns } from '../conv/product-tile.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { FilterPanels } from './pack-filter.js';
import type { Transformed } from './read-tiles.js';
import type { Block } from './tiles.js';
import { tileGroup, tileReach } from './tiling.js';

interface Products {
  readonly block: Block;
  /** [position, tile, depth] */
  readonly tiles: Transformed;
  /** [position, panel, depth, panelColumns] */
  readonly filter: FilterPanels;
  /** [position, tile, columns] */
  readonly products: Transformed;
}

/** Passes over the transformed positions that a block uses. */
export function forPositions(
  k: KernelFunction,
  { used }: Block,
  body: (position: Local) => Code,
): Code {
  const { f } = k;
  const position = f.i32();
  return f.for({ to: used[0].get }, (row) =>
    f.for({ to: used[1].get }, (column) =>
      seq(
        position.set(i32.add(i32.mul(row.get, i32.const(tileReach)), column.get)),
        body(position),
      ),
    ),
  );
}

/** The address of the matrix of a position. */
export const matrixAt = (
  { at, positionBytes }: Pick<Transformed, 'at' | 'positionBytes'>,
  position: Local,
): Code => i32.add(at.get, i32.mul(position.get, i32.const(positionBytes)));

const shape = (columns: number) => ({ rows: tileGroup, columns });

/** The products of the transformed tiles of a block by the transformed filters, position by position. */
export function multiplyBlock(k: KernelFunction, given: Products): Code {
  const { f } = k;
  const { block, tiles, filter, products } = given;
  const tile = new ProductTile(k);
  const [panel, column, rowA, rowC, left] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const [a, b] = [f.i32(), f.i32()];
  const pass = (position: Local, width: number): Code => {
    const turn = seq(
      a.set(rowA.get),
      b.set(panel.get),
      tile.clear(shape(width)),
      tile.add(shape(width), {
        ...{ a, b, rowA: tiles.rowBytes, stepA: 4, stepB: 4 * panelColumns },
        ...{ count: i32.const(filter.depth), padded: true },
      }),
      tile.store(shape(width), rowC.get, products.rowBytes),
      rowA.increase(tileGroup * tiles.rowBytes),
      rowC.increase(tileGroup * products.rowBytes),
      left.increase(-tileGroup),
    );
    return seq(
      rowA.set(matrixAt(tiles, position)),
      rowC.set(i32.add(matrixAt(products, position), i32.shl(column.get, i32.const(2)))),
      left.set(block.count.get),
      f.while(i32.gtS(left.get, i32.const(0)), turn),
      panel.increase(filter.panelBytes),
      column.increase(width),
    );
  };
  const { columns } = filter;
  const whole = columns - (columns % panelColumns);
  return forPositions(k, block, (position) =>
    seq(
      panel.set(matrixAt(filter, position)),
      column.set(i32.const(0)),
      f.while(i32.ltU(column.get, i32.const(whole)), pass(position, panelColumns)),
      whole < columns ? pass(position, columns - whole) : [],
    ),
  );
}
