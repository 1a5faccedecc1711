import type { PoolGeometry } from '@tenon/core';
import { scalarLanes } from '../conv/lanes.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { isHalf } from '../emit/value.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, memoryFill, when } from '../encoder/function.js';
import { f32, i32 } from '../encoder/scalar.js';
import type { WindowCursor } from './cursor.js';
import { type Window, windowRows } from './each-window.js';
import { finishRows } from './finish.js';
import type { Give, Share, Spread } from './spread.js';

// A block of dx and what reaches it stay in the second cache. Windows over the edge of a block are computed for both sides.
const blockBytes = 1 << 19;
const fewBlocks = 8;

/** How many rows [inSize[2], channels] of one image of dx are written at a time. */
function blockRows({ batch, inSize, window, dilations, channels }: PoolGeometry): number {
  const rows = inSize[0] * inSize[1];
  const reach = Math.max(1, (window[1] - 1) * dilations[1] + 1);
  const cached = Math.floor(blockBytes / Math.max(1, inSize[2] * channels * 4));
  const shared = Math.ceil((batch * rows) / fewBlocks);
  const most = Math.max(3 * reach, Math.min(cached, shared));
  return Math.max(1, Math.ceil(rows / Math.ceil(rows / most)));
}

/**
 * Threads share blocks of rows of dx: each passes over the windows that reach a block and leaves out what lies in others, so that
 * elements of dx get their shares in the order of the windows. Sums of half precision are collected in float32.
 */
export function spreadOverlapping(k: KernelFunction, spread: Spread, share: Share): Code {
  const { f } = k;
  const { geometry, x, dx, dy, dtype } = spread;
  const { batch, inSize, outSize, channels } = geometry;
  const [rows, windows] = [inSize[0] * inSize[1], outSize[0] * outSize[1]];
  const half = isHalf(dtype);
  const rowBytes = inSize[2] * channels * (half ? 4 : scalarLanes(dtype, f).bytes);
  const [begin, end, sums, own, size, apart] = Array.from({ length: 6 }, () => f.i32()) as Six;
  const { finish: _, ...sweep } = { ...spread, x: x.get, y: dy.get };
  const { cursor, columns } = windowRows(k, sweep, (window) =>
    share(window, adding(k, { spread, window, sums, own, size, apart })),
  );
  const block = blockRows(geometry);
  const offset = i32.mul(begin.get, i32.const(rowBytes));
  const [first, plain] = [f.i32(), f.i32()];
  const perRow = (row: Local): Code => {
    const [least, most] = [rowOf(cursor, 'first'), rowOf(cursor, 'last')];
    const reaches = i32.and(i32.ltS(least, end.get), i32.geS(most, begin.get));
    return seq(
      cursor.moveToRow(row.get),
      plain.set(i32.and(i32.geS(least, begin.get), i32.ltS(most, end.get))),
      when(reaches, columns(row.get, plain.get)),
    );
  };
  const pass = seq(
    sums.set(half ? i32.sub(k.own(block * rowBytes), offset) : dx.get),
    apart.set(i32.sub(sums.get, x.get)),
    own.set(i32.add(sums.get, offset)),
    size.set(i32.mul(i32.sub(end.get, begin.get), i32.const(rowBytes))),
    memoryFill(own.get, i32.const(0), size.get),
    first.set(i32.mul(i32.divU(begin.get, i32.const(rows)), i32.const(windows))),
    f.for({ from: first.get, to: i32.add(first.get, i32.const(windows)) }, perRow),
    half ? roundSums(k, spread, { sums, own, size }) : finishBlock(k, spread, { begin, end, own }),
  );
  return rows * batch === 0 ? [] : forBlocks(k, { images: batch, rows, block, begin, end }, pass);
}

interface Adding extends Sums {
  readonly spread: Spread;
  readonly window: Window;
  /** How far the sums lie from x. */
  readonly apart: Local;
}

/** Adds a value to the sum of an element, if it lies in the block. */
function adding({ f }: KernelFunction, given: Adding): Give {
  const { spread, window, sums, own, size, apart } = given;
  const half = isHalf(spread.dtype);
  const lanes = half ? scalarLanes('float32', f) : window.lanes;
  const at = f.i32();
  return (address, offset, value) => {
    if (window.inside && !half) {
      const sum = lanes.add(lanes.load(at.get, offset), value);
      return seq(at.set(i32.add(address, apart.get)), lanes.store(at.get, sum, offset));
    }
    const from = i32.add(i32.sub(address, spread.x.get), i32.const(offset));
    const add = lanes.store(at.get, lanes.add(lanes.load(at.get), value));
    return seq(
      at.set(i32.add(sums.get, half ? i32.shl(from, i32.const(1)) : from)),
      window.inside ? add : when(i32.ltU(i32.sub(at.get, own.get), size.get), add),
    );
  };
}

type Six = [Local, Local, Local, Local, Local, Local];

interface Blocks {
  readonly images: number;
  readonly rows: number;
  readonly block: number;
  readonly begin: Local;
  readonly end: Local;
}

/** Shares out blocks of rows, none of which has rows of two images. */
function forBlocks(k: KernelFunction, { images, rows, block, begin, end }: Blocks, body: Code) {
  const { f } = k;
  const count = Math.ceil(rows / block);
  const [unit, last, imageEnd] = [f.i32(), f.i32(), f.i32()];
  const image = i32.divU(unit.get, i32.const(count));
  return seq(
    k.share(images * count, unit, last),
    f.while(
      i32.ltS(unit.get, last.get),
      seq(
        begin.set(i32.mul(image, i32.const(rows))),
        imageEnd.set(i32.add(begin.get, i32.const(rows))),
        begin.set(
          i32.add(begin.get, i32.mul(i32.remU(unit.get, i32.const(count)), i32.const(block))),
        ),
        end.set(i32.add(begin.get, i32.const(block))),
        end.set(k.min(end, imageEnd.get)),
        body,
        unit.increase(1),
      ),
    ),
  );
}

interface Sums {
  readonly sums: Local;
  /** Where the sums of the block begin, and their bytes. */
  readonly own: Local;
  readonly size: Local;
}

/** Rounds the sums of a block into dx. */
function roundSums(k: KernelFunction, { dtype, dx }: Spread, { sums, own, size }: Sums): Code {
  const lanes = scalarLanes(dtype, k.f);
  return k.f.for({ to: size.get, step: 4 }, (at) => {
    const from = i32.add(own.get, at.get);
    const to = i32.add(dx.get, i32.shrU(i32.sub(from, sums.get), i32.const(1)));
    return lanes.store(to, f32.load(from));
  });
}

function finishBlock(
  k: KernelFunction,
  { geometry, finish }: Spread,
  { begin, end, own }: { begin: Local; end: Local; own: Local },
): Code {
  if (!finish) return [];
  const { inSize, channels } = geometry;
  const row = k.f.i32();
  return seq(
    row.set(i32.mul(begin.get, i32.const(inSize[2]))),
    finishRows(k, {
      ...{ finish, from: own, to: own, row, columns: channels },
      count: i32.mul(i32.sub(end.get, begin.get), i32.const(inSize[2])),
    }),
  );
}

/** The row of x, counted over [batch, inSize[0], inSize[1]], of the first or last taps of the row of windows at the cursor. */
function rowOf({ geometry, axes, image }: WindowCursor, side: 'first' | 'last'): Code {
  const [depth, height] = geometry.inSize;
  const [plane, line] = ([0, 1] as const).map((axis) => {
    const { start, first, end } = axes[axis];
    const tap = side === 'first' ? first : i32.sub(end, i32.const(1));
    return i32.add(start.get, i32.mul(tap, i32.const(geometry.dilations[axis])));
  }) as [Code, Code];
  const planes = i32.add(i32.mul(image.get, i32.const(depth)), plane);
  return i32.add(i32.mul(planes, i32.const(height)), line);
}
