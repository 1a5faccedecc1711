import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { i32 } from '../encoder/scalar.js';
import type { EngineProduct } from './engine.js';
import { forPieces } from './for-pieces.js';
import { columnPanels, panelCount, rowPanels } from './panels.js';
import { sweepBlocks } from './sweep-blocks.js';
import { rowsOfTiles } from './tile.js';

/**
 * Threads share the rows of c, or the columns where these are more. Each packs what it needs by itself, the whole other operand
 * too: that is little beside the product, and spares barriers.
 */
export function shareProduct(k: KernelFunction, product: EngineProduct): Code {
  const { f } = k;
  const { m, n, batch } = product;
  const panels = {
    rows: panelCount(rowPanels(m, rowsOfTiles(k))),
    columns: panelCount(columnPanels(n)),
  };
  const byColumns = n > m;
  const [start, depthEnd, otherEnd] = [f.i32(), f.i32(), f.i32()];
  const others = byColumns ? panels.rows : panels.columns;
  const units = byColumns ? panels.columns : panels.rows;
  const all = { from: start, to: otherEnd };
  return seq(
    start.set(i32.const(0)),
    depthEnd.set(i32.const(product.k)),
    otherEnd.set(i32.const(others)),
    forPieces(k, { batch: batch?.count ?? 1, units }, (piece) =>
      seq(
        batch ? batch.select(piece.image) : [],
        sweepBlocks(k, product, {
          rows: byColumns ? all : piece,
          columns: byColumns ? piece : all,
          depth: { from: start, to: depthEnd, most: product.k },
        }),
      ),
    ),
  );
}
