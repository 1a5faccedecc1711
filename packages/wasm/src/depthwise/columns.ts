import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { WindowCursor } from '../window/cursor.js';
import { insideColumns } from './taps.js';

/** Columns of a row of y that are computed at once. */
export interface Columns {
  readonly cursor: WindowCursor;
  readonly count: number;
  /** Whether their windows lie inside x along the last axis. */
  readonly inside: boolean;
  /** The position of the first in y, and its tap 0 in x: both are counted over [batch, ...size]. */
  readonly position: Code;
}

interface Walk {
  readonly geometry: ConvGeometry;
  /** How many columns inside x are taken at once. */
  readonly strip: number;
  /** Positions of y, counted over [batch, outSize[0], outSize[1], outSize[2]]; a range may end within a row. */
  readonly from: Local;
  readonly to: Local;
}

/** Passes over positions of y: strips of columns whose windows lie inside x, and the others one by one. */
export function forColumns(
  k: KernelFunction,
  { geometry, strip, from, to }: Walk,
  body: (columns: Columns) => Code,
): Code {
  const { f } = k;
  const { outSize } = geometry;
  const cursor = new WindowCursor(f, geometry);
  const inside = insideColumns(geometry);
  const [position, row, column, end] = [f.i32(), f.i32(), f.i32(), f.i32()];
  const pass = (count: number, isInside: boolean): Code =>
    seq(
      cursor.moveToColumn(column.get),
      body({ cursor, count, inside: isInside, position: position.get }),
      column.increase(count),
      position.increase(count),
    );
  const single = (until: Code, isInside: boolean): Code =>
    f.while(i32.ltS(column.get, until), pass(1, isInside));
  const bound = (least: number): Code =>
    choose(i32.ltS(end.get, i32.const(least)), end.get, i32.const(least));
  const last = f.i32();
  const middle = seq(
    last.set(bound(inside.to)),
    strip > 1
      ? f.while(i32.leS(i32.add(column.get, i32.const(strip)), last.get), pass(strip, true))
      : [],
    single(last.get, true),
  );
  return seq(
    position.set(from.get),
    f.while(
      i32.ltS(position.get, to.get),
      seq(
        row.set(i32.divU(position.get, i32.const(outSize[2]))),
        column.set(i32.remU(position.get, i32.const(outSize[2]))),
        end.set(i32.add(column.get, i32.sub(to.get, position.get))),
        end.set(k.min(end, i32.const(outSize[2]))),
        cursor.moveToRow(row.get),
        inside.from > 0 ? single(bound(inside.from), false) : [],
        inside.to > inside.from ? middle : [],
        inside.to < outSize[2] ? when(i32.ltS(column.get, end.get), single(end.get, false)) : [],
      ),
    ),
  );
}
