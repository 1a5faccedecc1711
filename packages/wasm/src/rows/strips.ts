import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { LanePair, RowLanes } from './lanes.js';

/** Elements of a strip that are one value. */
export interface Cell {
  readonly lanes: RowLanes;
  /** The first of them, counted from the start of the strip. */
  readonly at: number;
}

/** Columns in strips of equal width, each of about a cache line and few enough values for registers; the rest is narrower. */
export interface Strips {
  readonly width: number;
  readonly whole: number;
  readonly count: number;
  readonly cells: readonly Cell[];
  readonly rest: readonly Cell[];
}

const mostSingles = 8;

export function stripsOf(columns: number, lanes: LanePair): Strips {
  const { vector } = lanes;
  const width = vector ? 64 / vector.bytes : mostSingles;
  const whole = Math.floor(columns / width);
  const left = columns % width;
  return {
    width,
    whole,
    count: whole + Math.min(left, 1),
    cells: cellsOf(width, lanes),
    rest: cellsOf(left, lanes),
  };
}

function cellsOf(columns: number, { vector, scalar }: LanePair): Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  for (; vector && at + vector.count <= columns; at += vector.count)
    cells.push({ lanes: vector, at });
  for (; at < columns; at++) cells.push({ lanes: scalar, at });
  return cells;
}

interface Place {
  readonly outer: Local;
  /** The first of the strip. */
  readonly column: Local;
}

/** Runs the body for the strips of all outer rows, which the threads share. It is written once for whole strips and once for the rest. */
export function forStrips(
  k: KernelFunction,
  { outer, strips }: { readonly outer: number; readonly strips: Strips },
  body: (cells: readonly Cell[], place: Place) => Code,
): Code {
  const { f } = k;
  const { width, whole, count, cells, rest } = strips;
  if (outer * count === 0) return [];
  const [begin, end, row, column] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const place = { outer: row, column };
  const isWhole = i32.ltU(column.get, i32.const(whole * width));
  const either = (): Code => {
    if (whole === 0) return body(rest, place);
    return rest.length === 0
      ? body(cells, place)
      : when(isWhole, body(cells, place), body(rest, place));
  };
  return seq(
    k.share(outer * count, begin, end),
    f.for({ from: begin.get, to: end.get }, (unit) =>
      seq(
        row.set(i32.divU(unit.get, i32.const(count))),
        column.set(i32.mul(i32.remU(unit.get, i32.const(count)), i32.const(width))),
        either(),
      ),
    ),
  );
}
