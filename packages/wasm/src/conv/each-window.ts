import type { DType, PoolGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import type { Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { type Lanes, lanesFor, scalarLanes } from './lanes.js';
import { forPointers } from './pointers.js';
import { WindowCursor } from './window-cursor.js';

/** A window of some channels: what code for its element of y, or for as many as there are lanes, can use. */
export interface Window {
  readonly cursor: WindowCursor;
  readonly lanes: Lanes;
  /** The address in x of the first of the channels at tap 0, which may lie in the padding. */
  readonly x: Local;
  /** The address of the element of y. */
  readonly y: Local;
  /** Bytes of a position of x. */
  readonly positionBytes: number;
}

interface Sweep {
  readonly dtype: DType;
  readonly geometry: PoolGeometry;
  /** Addresses of x, or of what has its shape, and of y, or of what has its shape. */
  readonly x: Code;
  readonly y: Code;
  /** Bytes of an element of y where they are not those of x; then lanes are single elements. */
  readonly bytesY?: number;
  /** Runs at each window before its channels. */
  readonly prepare?: (cursor: WindowCursor) => Code;
}

export interface Rows {
  readonly cursor: WindowCursor;
  /** Passes over the windows of the row of windows that the cursor stands at. */
  columns(row: Code): Code;
}

/** Code that passes over the channels of all windows of a row of windows. */
export function windowRows(
  k: KernelFunction,
  { dtype, geometry, x, y, bytesY, prepare }: Sweep,
  visit: (window: Window) => Code,
): Rows {
  const { f } = k;
  const { channels, outSize } = geometry;
  const cursor = new WindowCursor(f, geometry);
  const [at, to] = [f.i32(), f.i32()];
  const single = scalarLanes(dtype, f);
  const positionBytes = channels * single.bytes;
  const parts =
    bytesY === undefined
      ? lanesFor(dtype, channels, f)
      : [{ lanes: single, from: 0, to: channels }];
  const step = bytesY ?? single.bytes;
  const passes = parts.map(({ lanes, from, to: until }) =>
    forPointers(
      f,
      {
        count: (until - from) / lanes.count,
        pointers: [
          [at, lanes.count * lanes.bytes],
          [to, lanes.count * step],
        ],
      },
      visit({ cursor, lanes, x: at, y: to, positionBytes }),
    ),
  );
  const rowBytes = outSize[2] * channels * step;
  return {
    cursor,
    columns: (row) =>
      seq(
        to.set(i32.add(y, i32.mul(row, i32.const(rowBytes)))),
        f.for({ to: i32.const(outSize[2]) }, (column) =>
          seq(
            cursor.moveToColumn(column.get),
            prepare ? prepare(cursor) : [],
            at.set(i32.add(x, i32.mul(cursor.position(), i32.const(positionBytes)))),
            ...passes,
          ),
        ),
      ),
  };
}

/** The number of rows of windows: positions of [batch, outSize[0], outSize[1]]. */
export const rowCount = ({ batch, outSize }: PoolGeometry): number =>
  batch * outSize[0] * outSize[1];

/** Passes over every element of y; threads share the rows of windows. */
export function forEachWindow(
  k: KernelFunction,
  sweep: Sweep,
  visit: (window: Window) => Code,
): Code {
  const { f } = k;
  const [begin, end] = [f.i32(), f.i32()];
  const { cursor, columns } = windowRows(k, sweep, visit);
  return seq(
    k.share(rowCount(sweep.geometry), begin, end),
    f.for({ from: begin.get, to: end.get }, (row) =>
      seq(cursor.moveToRow(row.get), columns(row.get)),
    ),
  );
}
