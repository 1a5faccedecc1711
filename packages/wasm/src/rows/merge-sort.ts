import { type Code, seq } from '../encoder/code.js';
import { choose, type FunctionBuilder, type Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { SortRecord } from './sort-record.js';

interface Sorting {
  readonly record: SortRecord;
  readonly size: number;
  /** Addresses of the records and of as much scratch. They change places; the result is at `from`. */
  readonly from: Local;
  readonly to: Local;
}

/** Runs of so many records are made one record at a time. */
const firstRun = 4;

/** Bottom-up merge sort of records. */
export function mergeSort(f: FunctionBuilder, sorting: Sorting): Code {
  const { record, size, from, to } = sorting;
  const total = size * record.bytes;
  const [width, left, swap] = [f.i32(), f.i32(), f.i32()];
  const merge = mergeRuns(f, sorting, { width, left });
  return seq(
    sortRuns(f, sorting),
    width.set(i32.const(firstRun * record.bytes)),
    f.while(
      i32.ltU(width.get, i32.const(total)),
      seq(
        left.set(i32.const(0)),
        f.while(
          i32.ltU(left.get, i32.const(total)),
          seq(merge, left.set(i32.add(left.get, i32.shl(width.get, i32.const(1))))),
        ),
        swap.set(from.get),
        from.set(to.get),
        to.set(swap.get),
        width.set(i32.shl(width.get, i32.const(1))),
      ),
    ),
  );
}

/** Insertion sort of short runs, each record moved down through those that must come behind it. */
function sortRuns(f: FunctionBuilder, { record, size, from, to }: Sorting): Code {
  const { bytes, inOrder, copy } = record;
  const [start, end, next, hole] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const last = i32.add(from.get, i32.const(size * bytes));
  const before = i32.sub(hole.get, i32.const(bytes));
  const moves = i32.and(
    i32.gtU(hole.get, start.get),
    // In front of the first record there is other memory of the same scratch, or of this thread's.
    i32.eqz(inOrder(before, to.get)),
  );
  const insert = seq(
    copy(to.get, next.get),
    hole.set(next.get),
    f.while(moves, seq(copy(hole.get, before), hole.increase(-bytes))),
    copy(hole.get, to.get),
  );
  return seq(
    start.set(from.get),
    f.while(
      i32.ltU(start.get, last),
      seq(
        end.set(i32.add(start.get, i32.const(firstRun * bytes))),
        end.set(choose(i32.ltU(end.get, last), end.get, last)),
        next.set(i32.add(start.get, i32.const(bytes))),
        f.while(i32.ltU(next.get, end.get), seq(insert, next.increase(bytes))),
        start.set(end.get),
      ),
    ),
  );
}

interface Runs {
  /** Bytes of a run, and where the first of two runs begins. */
  readonly width: Local;
  readonly left: Local;
}

/** Merges two runs at `left` into the other memory. Which of them gives the next record is chosen without a branch. */
function mergeRuns(f: FunctionBuilder, sorting: Sorting, { width, left }: Runs): Code {
  const { record, size, from, to } = sorting;
  const { bytes, copy, inOrder } = record;
  const [i, j, middle, right, out] = [f.i32(), f.i32(), f.i32(), f.i32(), f.i32()];
  const takes = f.i32();
  const last = i32.const(size * bytes);
  const capped = (local: Local, value: Code): Code =>
    seq(local.set(value), local.set(choose(i32.ltU(local.get, last), local.get, last)));
  const scaled = (flag: Code): Code => i32.shl(flag, i32.const(Math.log2(bytes)));
  const rest = (at: Local, end: Local): Code =>
    f.while(
      i32.ltU(at.get, end.get),
      seq(copy(out.get, at.get), at.increase(bytes), out.increase(bytes)),
    );
  return seq(
    capped(middle, i32.add(left.get, width.get)),
    capped(right, i32.add(middle.get, width.get)),
    ...[middle, right].map((local) => local.set(i32.add(local.get, from.get))),
    i.set(i32.add(left.get, from.get)),
    j.set(middle.get),
    out.set(i32.add(left.get, to.get)),
    f.while(
      i32.and(i32.ltU(i.get, middle.get), i32.ltU(j.get, right.get)),
      seq(
        takes.set(inOrder(i.get, j.get)),
        copy(
          out.get,
          i32.add(j.get, i32.and(i32.sub(i.get, j.get), i32.sub(i32.const(0), takes.get))),
        ),
        i.set(i32.add(i.get, scaled(takes.get))),
        j.set(i32.add(j.get, scaled(i32.eqz(takes.get)))),
        out.increase(bytes),
      ),
    ),
    rest(i, middle),
    rest(j, right),
  );
}
