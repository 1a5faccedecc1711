import type { PoolGeometry } from '@tenon/core';
import { scalarLanes } from '../conv/lanes.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryFill, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { WindowCursor } from './cursor.js';
import { rowCount, type Window, windowRows } from './each-window.js';
import { type Finish, finishRows } from './finish.js';
import type { Give, Share, Spread } from './spread.js';

/** Whether windows lie side by side, so that an element of dx has a share of one of them at most. */
export function isTiled({ window, strides, dilations, outSize }: PoolGeometry): boolean {
  return [0, 1, 2].every(
    (axis) =>
      window[axis] === strides[axis] &&
      (dilations[axis] === 1 || window[axis] === 1) &&
      (outSize[axis] as number) > 0,
  );
}

/** Threads share the rows of windows, and write each element of dx once. */
export function spreadTiled(k: KernelFunction, spread: Spread, share: Share): Code {
  const { f } = k;
  const { geometry, x, dx, dy } = spread;
  const [begin, end, apart] = [f.i32(), f.i32(), f.i32()];
  const { finish, ...sweep } = { ...spread, x: x.get, y: dy.get };
  const { cursor, columns } = windowRows(k, sweep, (window) => {
    const { lanes } = window;
    const write = finish && finishedWrite(k, { spread, window, apart, finish });
    return share(
      window,
      write ??
        ((address, offset, value) => lanes.store(i32.add(address, apart.get), value, offset)),
    );
  });
  const from = coveredSize(geometry, 2);
  const behind = forLines(k, cursor, (line) => completeLine(k, spread, { line, from }));
  return seq(
    apart.set(i32.sub(dx.get, x.get)),
    k.share(rowCount(geometry), begin, end),
    f.for({ from: begin.get, to: end.get }, (row) =>
      seq(cursor.moveToRow(row.get), columns(row.get), from < geometry.inSize[2] ? behind : []),
    ),
    linesBehind(k, spread),
  );
}

interface FinishedWrite {
  readonly spread: Spread;
  readonly window: Window;
  readonly apart: Local;
  readonly finish: Finish;
}

/** Finishes what a tap gets, and stores it. */
function finishedWrite(
  { f }: KernelFunction,
  { spread, window, apart, finish }: FinishedWrite,
): Give {
  const { lanes, channel, start, offsets } = window;
  const { dx, geometry } = spread;
  const [value, at, row, column] = [f.v128(), f.i32(), f.i32(), f.i32()];
  const positionBytes = i32.const(geometry.channels * 4);
  return (address, offset, given) => {
    const moved = i32.add(address, apart.get);
    const fixed = offset / (geometry.channels * 4);
    return seq(
      value.set(given),
      at.set(offsets ? moved : i32.add(moved, i32.const(offset))),
      row.set(
        offsets
          ? i32.add(start.get, i32.const(fixed))
          : i32.divU(i32.sub(at.get, dx.get), positionBytes),
      ),
      column.set(i32.shrU(channel.get, i32.const(2))),
      finish({ value, row, column, count: lanes.count }),
      lanes.store(at.get, value.get, offsets ? offset : 0),
    );
  };
}

/** How far windows reach along an axis of dx. */
const coveredSize = ({ inSize, outSize, strides, padBefore }: PoolGeometry, axis: 0 | 1 | 2) =>
  Math.min(inSize[axis], outSize[axis] * strides[axis] - padBefore[axis]);

/** Passes over the lines of dx that the row of windows at the cursor covers, counted over [batch, inSize[0], inSize[1]]. */
function forLines(
  { f }: KernelFunction,
  { axes, image, geometry }: WindowCursor,
  body: (line: Local) => Code,
): Code {
  const line = f.i32();
  const [depth, height] = geometry.inSize;
  return f.for({ from: axes[0].first, to: axes[0].end }, (a) => {
    const plane = i32.add(i32.mul(image.get, i32.const(depth)), i32.add(axes[0].start.get, a.get));
    return f.for({ from: axes[1].first, to: axes[1].end }, (b) =>
      seq(
        line.set(i32.mul(plane, i32.const(height))),
        line.set(i32.add(line.get, i32.add(axes[1].start.get, b.get))),
        body(line),
      ),
    );
  });
}

/** Writes 0 from a position of the line on, finished. */
function completeLine(
  k: KernelFunction,
  { dtype, geometry, dx, finish }: Spread,
  { line, from }: { line: Local; from: number },
): Code {
  const { f } = k;
  const { inSize, channels } = geometry;
  const bytes = channels * scalarLanes(dtype, f).bytes;
  const rest = inSize[2] - from;
  const [place, row] = [f.i32(), f.i32()];
  return seq(
    row.set(i32.add(i32.mul(line.get, i32.const(inSize[2])), i32.const(from))),
    place.set(i32.add(dx.get, i32.mul(row.get, i32.const(bytes)))),
    memoryFill(place.get, i32.const(0), i32.const(rest * bytes)),
    finish
      ? finishRows(k, {
          ...{ finish, from: place, to: place, row, columns: channels },
          count: i32.const(rest),
        })
      : [],
  );
}

/** The lines behind the last windows. */
function linesBehind(k: KernelFunction, spread: Spread): Code {
  const { f } = k;
  const { geometry } = spread;
  const { batch, inSize } = geometry;
  const covered = [coveredSize(geometry, 0), coveredSize(geometry, 1)] as const;
  if (covered[0] === inSize[0] && covered[1] === inSize[1]) return [];
  const [begin, end] = [f.i32(), f.i32()];
  const isBehind = (line: Local): Code => {
    const plane = i32.remU(i32.divU(line.get, i32.const(inSize[1])), i32.const(inSize[0]));
    return i32.or(
      i32.geU(plane, i32.const(covered[0])),
      i32.geU(i32.remU(line.get, i32.const(inSize[1])), i32.const(covered[1])),
    );
  };
  return seq(
    k.share(batch * inSize[0] * inSize[1], begin, end),
    f.for({ from: begin.get, to: end.get }, (line) =>
      when(isBehind(line), completeLine(k, spread, { line, from: 0 })),
    ),
  );
}
