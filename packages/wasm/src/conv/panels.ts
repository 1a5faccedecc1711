import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { v128 } from '../encoder/simd.js';
import { panelColumns } from './product-tile.js';

interface Extent {
  readonly count: number;
  /** Bytes from one to the next. */
  readonly stride: number;
}

/** Matrices of float32 that lie in a buffer with these strides. */
export interface Matrices {
  readonly from: Code;
  /** Two ways to count the matrices, the first one outside. */
  readonly outer: Extent;
  readonly inner: Extent;
  readonly rows: Extent;
  readonly columns: Extent;
}

export const panelsOf = (columns: number): number => Math.ceil(columns / panelColumns);

const rowBytes = panelColumns * 4;

/** Bytes of a panel of so many rows. */
export const panelBytes = (rows: number): number => rows * rowBytes;

export const packedBytes = ({ outer, inner, rows, columns }: Omit<Matrices, 'from'>): number =>
  outer.count * inner.count * panelsOf(columns.count) * panelBytes(rows.count);

/**
 * Copies matrices into panels [outer, inner, panel, row, panelColumns] that all threads see, filled up with 0. Ends with a
 * barrier.
 */
export function packPanels(k: KernelFunction, to: Local, matrices: Matrices): Code {
  const { f } = k;
  const { from, outer, inner, rows, columns } = matrices;
  const panels = panelsOf(columns.count);
  const whole = Math.floor(columns.count / panelColumns);
  const [begin, end, source, target] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const matrix = (unit: Local): Code => i32.divU(unit.get, i32.const(panels));
  const panel = (unit: Local): Code => i32.remU(unit.get, i32.const(panels));
  const copyRows = (count: number): Code =>
    f.for({ to: i32.const(rows.count) }, () =>
      seq(
        copyRow({ source: source.get, target: target.get, stride: columns.stride, count }),
        source.increase(rows.stride),
        target.increase(rowBytes),
      ),
    );
  const rest = columns.count - whole * panelColumns;
  return seq(
    k.share(outer.count * inner.count * panels, begin, end),
    f.for({ from: begin.get, to: end.get }, (unit) =>
      seq(
        source.set(
          i32.add(
            i32.add(from, i32.mul(panel(unit), i32.const(panelColumns * columns.stride))),
            i32.add(
              i32.mul(i32.divU(matrix(unit), i32.const(inner.count)), i32.const(outer.stride)),
              i32.mul(i32.remU(matrix(unit), i32.const(inner.count)), i32.const(inner.stride)),
            ),
          ),
        ),
        target.set(i32.add(to.get, i32.mul(unit.get, i32.const(panelBytes(rows.count))))),
        rest === 0
          ? copyRows(panelColumns)
          : when(i32.ltU(panel(unit), i32.const(whole)), copyRows(panelColumns), copyRows(rest)),
      ),
    ),
    k.barrier(),
  );
}

interface PanelRow {
  readonly source: Code;
  readonly target: Code;
  readonly stride: number;
  readonly count: number;
}

function copyRow({ source, target, stride, count }: PanelRow): Code {
  const vectors = stride === 4 ? Math.floor(count / 4) : 0;
  const parts: Code[] = [];
  for (let j = 0; j < panelColumns; j++) {
    if (j < vectors * 4) {
      if (j % 4 === 0) parts.push(v128.store(target, v128.load(source, 4 * j), 4 * j));
    } else {
      const value = j < count ? i32.load(source, j * stride) : i32.const(0);
      parts.push(i32.store(target, value, 4 * j));
    }
  }
  return seq(...parts);
}
