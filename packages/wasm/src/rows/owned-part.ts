import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';

/** The rectangle of a matrix that a thread owns. */
export interface OwnedPart {
  readonly find: Code;
  readonly firstRow: Local;
  /** How many. */
  readonly rows: Local;
  readonly firstStrip: Local;
  readonly endStrip: Local;
  /** Whether rows are owned whole. */
  readonly whole: Code;
}

/**
 * Parts for all threads. Strips of columns are split first, as every one of them has equally much work, and rows only among
 * the threads that remain: some rows get many more updates than others.
 */
export function ownedPart(
  k: KernelFunction,
  { rows, strips }: { readonly rows: number; readonly strips: number },
): OwnedPart {
  const { f, thread, threads } = k;
  const [across, down, column, row] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const [firstRow, count, firstStrip, endStrip] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const cut = (total: number, index: Code, parts: Local): Code =>
    i32.divU(i32.mul(i32.const(total), index), parts.get);
  const after = ({ get }: Local): Code => i32.add(get, i32.const(1));
  const find = seq(
    across.set(k.min(threads, i32.const(strips))),
    down.set(i32.divU(threads.get, across.get)),
    column.set(i32.remU(thread.get, across.get)),
    // Threads beyond the grid own no rows.
    row.set(k.min(down, i32.divU(thread.get, across.get))),
    firstStrip.set(cut(strips, column.get, across)),
    endStrip.set(cut(strips, after(column), across)),
    firstRow.set(cut(rows, row.get, down)),
    count.set(k.min(down, after(row))),
    count.set(i32.sub(cut(rows, count.get, down), firstRow.get)),
  );
  const whole = i32.eq(across.get, i32.const(1));
  return { find, firstRow, rows: count, firstStrip, endStrip, whole };
}
