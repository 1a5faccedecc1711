import type { DType, PoolGeometry } from '@tenon/core';
import { type Lanes, lanesFor, scalarLanes } from '../conv/lanes.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { WindowCursor } from './cursor.js';
import type { Finish } from './finish.js';
import { forPointers } from './pointers.js';

/** A window of some channels: what code for its element of y, or for as many as there are lanes, can use. */
export interface Window {
  readonly cursor: WindowCursor;
  readonly lanes: Lanes;
  /** The address in x of the first of the channels at tap 0, which may lie in the padding. */
  readonly x: Local;
  /** The position in x of tap 0, counted over [batch, ...inSize]. */
  readonly start: Local;
  /** The address of the element of y. */
  readonly y: Local;
  /** The first channel, in bytes of y. */
  readonly channel: Local;
  /** Passes over the taps inside x: see WindowCursor. */
  forTaps(visit: (address: Code, offset: number, tap: Code) => Code): Code;
  /** Whether the window is known to lie inside x. */
  readonly inside: boolean;
  /** Then, where there are not too many, its taps in bytes from the first. */
  readonly offsets: readonly number[] | undefined;
  /** Finishes a value and stores it at y. */
  write(value: Local): Code;
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
  readonly finish?: Finish | undefined;
}

export interface Rows {
  readonly cursor: WindowCursor;
  /**
   * Passes over the windows of the row of windows that the cursor stands at. Where `plain` is given, windows are passed over
   * as `inside` only if it holds.
   */
  columns(row: Code, plain?: Code): Code;
}

/** Code that passes over the channels of all windows of a row of windows. */
export function windowRows(k: KernelFunction, sweep: Sweep, visit: (window: Window) => Code): Rows {
  const { f } = k;
  const { geometry, x, y, prepare } = sweep;
  const { channels, outSize } = geometry;
  const cursor = new WindowCursor(f, geometry);
  const place: Place = {
    ...{ cursor, x: f.i32(), y: f.i32(), start: f.i32(), channel: f.i32(), position: f.i32() },
  };
  const [bytesX, bytesY] = elementBytes(k, sweep);
  const passes = (inside: boolean): Code => channelPasses(k, sweep, { place, inside, visit });
  const pass = (plain?: Code): Code => {
    if (cursor.whole && !plain) return passes(true);
    const inside = plain ? i32.and(plain, cursor.inside) : cursor.inside;
    return when(inside, passes(true), passes(false));
  };
  const input = i32.mul(place.start.get, i32.const(channels * bytesX));
  return {
    cursor,
    columns: (row, plain) =>
      seq(
        place.position.set(i32.mul(row, i32.const(outSize[2]))),
        place.y.set(i32.add(y, i32.mul(place.position.get, i32.const(channels * bytesY)))),
        f.for({ to: i32.const(outSize[2]) }, (column) =>
          seq(
            cursor.moveToColumn(column.get),
            prepare ? prepare(cursor) : [],
            place.start.set(cursor.position()),
            place.x.set(i32.add(x, input)),
            pass(plain),
            place.position.increase(1),
          ),
        ),
      ),
  };
}

/** Where a sweep stands. */
interface Place extends Pick<Window, 'cursor' | 'x' | 'y' | 'start' | 'channel'> {
  /** The position of y, counted over [batch, ...outSize]. */
  readonly position: Local;
}

/** Bytes of an element of x and of y. */
function elementBytes({ f }: KernelFunction, { dtype, bytesY }: Sweep): [number, number] {
  const { bytes } = scalarLanes(dtype, f);
  return [bytes, bytesY ?? bytes];
}

interface Passes {
  readonly place: Place;
  readonly inside: boolean;
  readonly visit: (window: Window) => Code;
}

/** Passes over the channels of a window. */
function channelPasses(k: KernelFunction, sweep: Sweep, { place, inside, visit }: Passes): Code {
  const { f } = k;
  const { dtype, geometry, bytesY, finish } = sweep;
  const { channels } = geometry;
  const { cursor, x: base, y, channel } = place;
  const [bytesOfX, bytesOfY] = elementBytes(k, sweep);
  const bytes = channels * bytesOfX;
  const parts =
    bytesY === undefined
      ? lanesFor(dtype, channels, f)
      : [{ lanes: scalarLanes(dtype, f), from: 0, to: channels }];
  const passes = parts.map(({ lanes, from, to }) => {
    const { count } = lanes;
    const window: Window = {
      ...{ ...place, lanes, inside },
      offsets: inside ? cursor.offsets(bytes) : undefined,
      forTaps: (tap) => cursor.forTaps({ base, bytes, inside }, tap),
      write: writing(k, { lanes, to: y, channel, position: place.position, finish }),
    };
    const pointers = [
      [base, count * bytesOfX],
      [y, count * bytesOfY],
      [channel, count * bytesOfY],
    ] as const;
    return forPointers(f, { count: (to - from) / count, pointers }, visit(window));
  });
  return seq(channel.set(i32.const(0)), ...passes);
}

interface Writing {
  readonly lanes: Lanes;
  readonly to: Local;
  readonly channel: Local;
  readonly position: Local;
  readonly finish: Finish | undefined;
}

function writing(
  { f }: KernelFunction,
  { lanes, to, channel, position, finish }: Writing,
): (value: Local) => Code {
  const column = f.i32();
  return (value) => {
    const store = lanes.store(to.get, value.get);
    if (!finish) return store;
    return seq(
      column.set(i32.shrU(channel.get, i32.const(2))),
      finish({ value, row: position, column, count: lanes.count }),
      store,
    );
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
