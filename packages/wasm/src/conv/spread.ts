import type { DType, PoolGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryFill, when } from '../encoder/function.js';
import { f32, i32 } from '../encoder/scalar.js';
import { rowCount, type Window, windowRows } from './each-window.js';
import { scalarLanes } from './lanes.js';
import type { WindowCursor } from './window-cursor.js';

/** What a gradient of pooling passes over: windows of x, where x is given else of dx, and elements of dy. */
export interface Spread {
  readonly dtype: DType;
  readonly geometry: PoolGeometry;
  readonly x: Local;
  readonly dx: Local;
  readonly dy: Local;
  readonly prepare?: (cursor: WindowCursor) => Code;
}

/** Gives a value to the element of dx at a tap of the window; the address is that of the tap in x. */
type Give = (address: Code, offset: number, value: Code) => Code;
type Share = (window: Window, give: Give) => Code;

/** Passes over all windows so that each gives shares of its dy to its elements of dx; the others are 0. */
export function spreadWindows(k: KernelFunction, spread: Spread, share: Share): Code {
  return isTiled(spread.geometry) ? tiled(k, spread, share) : overlapping(k, spread, share);
}

/** Whether windows lie side by side, so that an element of dx has a share of one of them at most. */
function isTiled({ window, strides, dilations, outSize }: PoolGeometry): boolean {
  return [0, 1, 2].every(
    (axis) =>
      window[axis] === strides[axis] &&
      (dilations[axis] === 1 || window[axis] === 1) &&
      (outSize[axis] as number) > 0,
  );
}

const positionBytes = (k: KernelFunction, { dtype, geometry }: Spread): number =>
  geometry.channels * scalarLanes(dtype, k.f).bytes;

/** Threads share the windows, and write each element of dx once. */
function tiled(k: KernelFunction, spread: Spread, share: Share): Code {
  const { f } = k;
  const { geometry, x, dx, dy } = spread;
  const [begin, end, apart] = [f.i32(), f.i32(), f.i32()];
  const sweep = { ...spread, x: x.get, y: dy.get };
  const { cursor, columns } = windowRows(k, sweep, (window) =>
    share(window, (address, offset, value) =>
      window.lanes.store(i32.add(address, apart.get), value, offset),
    ),
  );
  return seq(
    apart.set(i32.sub(dx.get, x.get)),
    k.share(rowCount(geometry), begin, end),
    f.for({ from: begin.get, to: end.get }, (row) =>
      seq(cursor.moveToRow(row.get), columns(row.get)),
    ),
    clearBehind(k, spread),
  );
}

/** Writes 0 behind the last windows along each axis. */
function clearBehind(k: KernelFunction, spread: Spread): Code {
  const { f } = k;
  const { batch, inSize, outSize, strides, padBefore } = spread.geometry;
  const covered = ([0, 1, 2] as const).map((axis) =>
    Math.min(inSize[axis], outSize[axis] * strides[axis] - padBefore[axis]),
  ) as [number, number, number];
  if (covered.every((size, axis) => size === inSize[axis])) return [];
  const bytes = positionBytes(k, spread);
  const [begin, end] = [f.i32(), f.i32()];
  const clear = (row: Local, from: number): Code =>
    memoryFill(
      i32.add(
        spread.dx.get,
        i32.add(i32.mul(row.get, i32.const(inSize[2] * bytes)), i32.const(from * bytes)),
      ),
      i32.const(0),
      i32.const((inSize[2] - from) * bytes),
    );
  const isBehind = (row: Local): Code => {
    const plane = i32.remU(i32.divU(row.get, i32.const(inSize[1])), i32.const(inSize[0]));
    return i32.or(
      i32.geU(plane, i32.const(covered[0])),
      i32.geU(i32.remU(row.get, i32.const(inSize[1])), i32.const(covered[1])),
    );
  };
  return seq(
    k.share(batch * inSize[0] * inSize[1], begin, end),
    f.for({ from: begin.get, to: end.get }, (row) =>
      when(
        isBehind(row),
        clear(row, 0),
        covered[2] < inSize[2] ? clear(row, covered[2]) : undefined,
      ),
    ),
  );
}

/**
 * Threads share the rows of dx: each passes over the windows that reach its rows and leaves out what lies in others, so that
 * elements of dx get their shares in the order of the windows. Sums of half precision are collected in float32.
 */
function overlapping(k: KernelFunction, spread: Spread, share: Share): Code {
  const { f } = k;
  const { geometry, x, dx, dy, dtype } = spread;
  const { batch, inSize, outSize } = geometry;
  const rows = inSize[0] * inSize[1];
  const rowElements = inSize[2] * geometry.channels;
  const half = dtype === 'float16' || dtype === 'bfloat16';
  const { bytes } = scalarLanes(dtype, f);
  const sumBytes = half ? 4 : bytes;
  const [begin, end, sums] = [f.i32(), f.i32(), f.i32()];
  const [own, size, at] = [f.i32(), f.i32(), f.i32()];
  const sweep = { ...spread, x: x.get, y: dy.get };
  const { cursor, columns } = windowRows(k, sweep, (window) => {
    const lanes = half ? scalarLanes('float32', f) : window.lanes;
    return share(window, (address, offset, value) => {
      const from = i32.add(i32.sub(address, x.get), i32.const(offset));
      return seq(
        at.set(i32.add(sums.get, half ? i32.shl(from, i32.const(1)) : from)),
        when(
          i32.ltU(i32.sub(at.get, own.get), size.get),
          lanes.store(at.get, lanes.add(lanes.load(at.get), value)),
        ),
      );
    });
  });
  const windowsBefore = (image: Code): Code => i32.mul(image, i32.const(outSize[0] * outSize[1]));
  const rowBytes = i32.const(rowElements * sumBytes);
  return seq(
    sums.set(half ? k.shared(batch * rows * rowElements * sumBytes) : dx.get),
    k.share(batch * rows, begin, end),
    own.set(i32.add(sums.get, i32.mul(begin.get, rowBytes))),
    size.set(i32.mul(i32.sub(end.get, begin.get), rowBytes)),
    memoryFill(own.get, i32.const(0), size.get),
    f.for(
      {
        from: windowsBefore(i32.divU(begin.get, i32.const(rows))),
        to: windowsBefore(i32.divU(i32.add(end.get, i32.const(rows - 1)), i32.const(rows))),
      },
      (row) =>
        seq(cursor.moveToRow(row.get), when(reaches(cursor, begin.get, end.get), columns(row.get))),
    ),
    half ? roundSums(k, { dtype, dx, sums, own, size }) : [],
  );
}

interface Sums {
  readonly dtype: DType;
  readonly dx: Local;
  readonly sums: Local;
  /** Where the sums of the thread begin, and their bytes. */
  readonly own: Local;
  readonly size: Local;
}

/** Rounds the sums of a thread into dx. */
function roundSums(k: KernelFunction, { dtype, dx, sums, own, size }: Sums): Code {
  const lanes = scalarLanes(dtype, k.f);
  return k.f.for({ to: size.get, step: 4 }, (at) => {
    const from = i32.add(own.get, at.get);
    const to = i32.add(dx.get, i32.shrU(i32.sub(from, sums.get), i32.const(1)));
    return lanes.store(to, f32.load(from));
  });
}

/** Whether taps of the row of windows at the cursor lie in the rows begin..end - 1 of x. */
function reaches(cursor: WindowCursor, begin: Code, end: Code): Code {
  const { geometry, axes, image } = cursor;
  const [depth, height] = geometry.inSize;
  const row = (taps: readonly [Code, Code]): Code => {
    const [plane, line] = ([0, 1] as const).map((axis) =>
      i32.add(axes[axis].start.get, i32.mul(taps[axis], i32.const(geometry.dilations[axis]))),
    ) as [Code, Code];
    const planes = i32.add(i32.mul(image.get, i32.const(depth)), plane);
    return i32.add(i32.mul(planes, i32.const(height)), line);
  };
  const before = (end: Code): Code => i32.sub(end, i32.const(1));
  return i32.and(
    i32.ltS(row([axes[0].first, axes[1].first]), end),
    i32.geS(row([before(axes[0].end), before(axes[1].end)]), begin),
  );
}
