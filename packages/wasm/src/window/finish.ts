import { lanesFor } from '../conv/lanes.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { Finished } from '../gemm/engine.js';

/** What becomes of elements that are complete, before they are stored. */
export type Finish = (finished: Finished) => Code;

interface FinishedRows {
  readonly finish: Finish;
  /** Address of the first row, and of where it goes. */
  readonly from: Local;
  readonly to: Local;
  /** The first row's number, and how many rows there are. */
  readonly row: Local;
  readonly count: Code;
  readonly columns: number;
}

/** Finishes rows of float32 that are complete in memory. Moves all three on behind the last row. */
export function finishRows(k: KernelFunction, rows: FinishedRows): Code {
  const { f } = k;
  const { finish, from, to, row, count, columns } = rows;
  const [end, column, value] = [f.i32(), f.i32(), f.v128()];
  const passes = lanesFor('float32', columns, f).map(({ lanes, to: until }) => {
    const step = 4 * lanes.count;
    const pass = seq(
      value.set(lanes.load(from.get)),
      finish({ value, row, column, count: lanes.count }),
      lanes.store(to.get, value.get),
      from.increase(step),
      to === from ? [] : to.increase(step),
      column.increase(lanes.count),
    );
    return f.while(i32.ltU(column.get, i32.const(until)), pass);
  });
  return seq(
    end.set(i32.add(row.get, count)),
    f.while(i32.ltS(row.get, end.get), seq(column.set(i32.const(0)), ...passes, row.increase(1))),
  );
}

/** Finishes this thread's share of all rows: those that it has written itself if it shared them out in the same way. */
export function finishShare(
  k: KernelFunction,
  { finish, y, rows, columns }: { finish: Finish; y: Local; rows: number; columns: number },
): Code {
  const [row, end, at] = [k.f.i32(), k.f.i32(), k.f.i32()];
  return seq(
    k.share(rows, row, end),
    at.set(i32.add(y.get, i32.mul(row.get, i32.const(columns * 4)))),
    when(
      i32.ltU(row.get, end.get),
      finishRows(k, {
        ...{ finish, from: at, to: at, row, columns },
        count: i32.sub(end.get, row.get),
      }),
    ),
  );
}
