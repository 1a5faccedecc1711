import { enoughRows, type KernelFunction, rowGroup } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { forPieces, type Piece } from '../gemm/for-pieces.js';
import { evenPanels, forPanels, panelCount } from '../gemm/panels.js';
import { storedTile } from '../gemm/stored-tile.js';
import { apartRows, TileRegisters, tileColumns } from '../gemm/tile.js';
import { perImage } from './per-image.js';
import { type Product, stridesOfA } from './product.js';

/** Rows and columns of tiles that leave room for their operands in registers, as each element of a takes one. */
const tiles = [
  { rows: apartRows, columns: tileColumns },
  { rows: 3, columns: 12 },
  { rows: 6, columns: 4 },
] as const;

/** Sums that are computed at once, at most one for each of eight registers: fewer take as long, waiting for each other. */
const leastSums = 8;

/** The tile that computes n columns in the least time per row. */
function tileFor(n: number): (typeof tiles)[number] {
  const cost = ({ rows, columns }: (typeof tiles)[number]): number => {
    const panel = (width: number) => Math.max(leastSums, rows * Math.ceil(width / 4));
    const rest = n % columns;
    return (Math.floor(n / columns) * panel(columns) + (rest > 0 ? panel(rest) : 0)) / rows;
  };
  return tiles.reduce((best, tile) => (cost(tile) < cost(best) ? tile : best));
}

/** A product of float32 whose tiles read a and b where they are; b must not be transposed. */
export function directProduct(k: KernelFunction, product: Product): Code {
  const { f } = k;
  const { batch, m, n } = product;
  const { one, select } = perImage(f, product);
  const tile = tileFor(n);
  const [rows, columns] = [evenPanels(m, tile.rows), evenPanels(n, tile.columns)];
  const [zero, allRows, allColumns] = [f.i32(), f.i32(), f.i32()];
  const multiplyTile = tileOf(k, one);
  const multiplyTiles = (rowPart: Part, columnPart: Part): Code =>
    forPanels(f, { groups: rows, from: rowPart.from.get, to: rowPart.to }, (row, rowLines) =>
      forPanels(
        f,
        { groups: columns, from: columnPart.from.get, to: columnPart.to },
        (column, columnLines) =>
          multiplyTile({ row, column, rows: rowLines, columns: columnLines }),
      ),
    );
  const whole = seq(
    zero.set(i32.const(0)),
    allRows.set(i32.const(panelCount(rows))),
    allColumns.set(i32.const(panelCount(columns))),
  );
  const wholeColumns = { from: zero, to: allColumns };
  if (batch === 1 && m >= enoughRows && tile.rows === rowGroup) {
    const [from, to] = [f.i32(), f.i32()];
    const panels = seq(
      from.set(i32.divU(from.get, i32.const(rowGroup))),
      to.set(i32.divU(i32.add(to.get, i32.const(rowGroup - 1)), i32.const(rowGroup))),
    );
    return seq(whole, k.shareRows(m, from, to), panels, multiplyTiles({ from, to }, wholeColumns));
  }
  const byColumns = panelCount(columns) > panelCount(rows);
  const perPiece = ({ image, from, to }: Piece): Code =>
    seq(
      select(image),
      byColumns
        ? multiplyTiles({ from: zero, to: allRows }, { from, to })
        : multiplyTiles({ from, to }, wholeColumns),
    );
  const units = panelCount(byColumns ? columns : rows);
  return seq(whole, forPieces(k, { batch, units }, perPiece));
}

/** Panels. */
interface Part {
  readonly from: Local;
  readonly to: Local;
}

interface Place {
  readonly row: Local;
  readonly column: Local;
  readonly rows: number;
  readonly columns: number;
}

function tileOf(k: KernelFunction, product: Product): (place: Place) => Code {
  const { a, b, c, n, k: depth, finish } = product;
  const registers = new TileRegisters(k);
  const strides = stridesOfA(product);
  const rowBytes = 4 * n;
  const output = {
    rowAddress: (row: Local) => i32.add(c.get, i32.mul(row.get, i32.const(rowBytes))),
    rowBytes,
    ...(finish && { finish }),
  };
  const aRowBytes = 4 * strides.rows;
  const steps = { aRowBytes, aDepthBytes: 4 * strides.columns, bDepthBytes: rowBytes };
  return ({ row, column, rows, columns }) =>
    storedTile(k, output, {
      ...{ registers, row, column, depth: i32.const(depth) },
      shape: { rows, columns, ...steps, packed: false },
      a: i32.add(a.get, i32.mul(row.get, i32.const(aRowBytes))),
      b: i32.add(b.get, i32.shl(column.get, i32.const(2))),
    });
}
