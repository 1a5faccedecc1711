import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { forPieces } from './for-pieces.js';
import { columnPanels, evenPanels, forPanels, panelCount } from './panels.js';
import { perImage } from './per-image.js';
import { type Product, stridesOfA } from './product.js';
import { storedTile } from './stored-tile.js';
import { apartRows, TileRegisters } from './tile.js';

/** A product of float32 whose tiles read a and b where they are; b must not be transposed. */
export function directProduct(k: KernelFunction, product: Product): Code {
  const { f } = k;
  const { batch, m, n, k: depth } = product;
  const { one, select } = perImage(f, product);
  const a = stridesOfA(product);
  const [rows, columns] = [evenPanels(m, apartRows), columnPanels(n)];
  const registers = new TileRegisters(k);
  const rowBytes = 4 * n;
  const output = {
    rowAddress: (row: Local) => i32.add(one.c.get, i32.mul(row.get, i32.const(rowBytes))),
    rowBytes,
    ...(one.finish && { finish: one.finish }),
  };
  const steps = { aRowBytes: 4 * a.rows, aDepthBytes: 4 * a.columns, bDepthBytes: rowBytes };
  const all = f.i32();
  return seq(
    all.set(i32.const(panelCount(columns))),
    forPieces(k, { batch, units: panelCount(rows) }, ({ image, from, to }) =>
      seq(
        select(image),
        forPanels(f, { groups: rows, from: from.get, to }, (row, rowLines) =>
          forPanels(f, { groups: columns, from: i32.const(0), to: all }, (column, lines) =>
            storedTile(k, output, {
              ...{ registers, row, column, depth: i32.const(depth) },
              shape: { rows: rowLines, columns: lines, ...steps, padded: false },
              a: i32.add(one.a.get, i32.mul(row.get, i32.const(steps.aRowBytes))),
              b: i32.add(one.b.get, i32.shl(column.get, i32.const(2))),
            }),
          ),
        ),
      ),
    ),
  );
}
