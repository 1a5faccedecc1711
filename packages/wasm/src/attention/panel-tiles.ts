import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, v128 } from '../encoder/simd.js';
import { packLines } from '../gemm/pack-lines.js';
import { forPanels, type PanelGroup } from '../gemm/panels.js';
import { packedShape } from '../gemm/stored-tile.js';
import type { Cell, TileRegisters } from '../gemm/tile.js';
import { panelBytes, panelQueries } from './sizes.js';

interface Rows {
  /** Address of a dense matrix [lines, depth], or [depth, lines] where `transposed`. */
  readonly base: Local;
  readonly groups: readonly PanelGroup[];
  readonly depth: number;
  readonly width: (lines: number) => number;
  /** Lines of the whole matrix, where it is transposed. */
  readonly transposed?: number;
}

interface Packing {
  /** Panels. */
  readonly from: Code;
  readonly to: Local;
  /** Address. */
  readonly target: Code;
  readonly depthFrom: Local;
  readonly depth: Local;
}

/** Packs panels of a matrix one after the other, as tiles read them. */
export function packPanels(k: KernelFunction, rows: Rows, packing: Packing): Code {
  const { f } = k;
  const { base, groups, depth, width, transposed } = rows;
  const at = f.i32();
  const strides = transposed
    ? { lineBytes: 4, depthBytes: 4 * transposed }
    : { lineBytes: 4 * depth, depthBytes: 4 };
  const pack = packLines(f, { base, ...strides });
  const { from, to, target, depthFrom, depth: steps } = packing;
  return seq(
    at.set(target),
    forPanels(f, { groups, from, to }, (first, lines) =>
      seq(
        pack({ first, lines, width: width(lines), depthFrom, depth: steps, to: at }),
        at.set(i32.add(at.get, i32.mul(steps.get, i32.const(4 * width(lines))))),
      ),
    ),
  );
}

interface Floats {
  /** Address. */
  readonly from: Code;
  readonly bytes: Code;
  readonly factor: number;
}

/** Multiplies packed floats by a number. */
export function scaleFloats({ f }: KernelFunction, { from, bytes, factor }: Floats): Code {
  const [at, end] = [f.i32(), f.i32()];
  const scaled = f32x4.mul(v128.load(at.get), f32x4.const(factor));
  const turn = seq(v128.store(at.get, scaled), at.increase(16));
  return seq(
    at.set(from),
    end.set(i32.add(at.get, bytes)),
    f.while(i32.ltU(at.get, end.get), turn),
  );
}

interface PanelProduct {
  readonly groups: readonly PanelGroup[];
  /** Panels of the left side. */
  readonly from: Code;
  readonly to: Local;
  /** The address of a panel, given its first line. */
  readonly a: (first: Local, lines: number) => Code;
  /** Address of the panel of queries. */
  readonly b: Code;
  readonly depth: Code;
  /** Where the sums of a line go, and how far the next line is from there: `panelBytes` when left out. */
  readonly c: (first: Local) => Code;
  readonly lineBytes?: number;
  /** What becomes of sums before they are stored: the address of their place is given. */
  readonly finish?: (cell: Cell, place: Code) => Code;
}

/** c[line, query] = sum_i a[line, i] b[i, query] for packed lines and one panel of queries. */
export function multiplyPanels(
  { f }: KernelFunction,
  registers: TileRegisters,
  product: PanelProduct,
): Code {
  const at = f.i32();
  const { groups, from, to, a, b, depth, c, lineBytes = panelBytes, finish } = product;
  return forPanels(f, { groups, from, to }, (first, lines) => {
    const shape = packedShape(lines, panelQueries);
    const cells = registers.cells(shape);
    const offset = ({ row, column }: Cell) => lineBytes * row + 4 * column;
    return seq(
      at.set(c(first)),
      registers.clear(shape),
      registers.multiply(shape, { a: a(first, lines), b, depth }),
      ...(finish
        ? cells.map((cell) => finish(cell, i32.add(at.get, i32.const(offset(cell)))))
        : []),
      ...cells.map((cell) => v128.store(at.get, cell.sum.get, offset(cell))),
    );
  });
}
