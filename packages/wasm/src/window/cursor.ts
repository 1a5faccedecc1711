import type { WindowGeometry } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { either, type FunctionBuilder, type Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';

/** One axis of the window that a cursor stands at. */
interface AxisCursor {
  /** Where tap 0 lies in x; before it or behind its end in the padding. */
  readonly start: Local;
  /** The taps inside x: first <= tap < end. */
  readonly first: Code;
  readonly end: Code;
  /** Whether every window lies inside x altogether. */
  readonly whole: boolean;
  /** Whether this one does. */
  readonly inside: Code;
  /** Sets the cursor to the window of an output position. */
  moveTo(position: Code): Code;
}

const largest = (a: Code, b: Code): Code => either('i32', i32.gtS(a, b), a, b);
const smallest = (a: Code, b: Code): Code => either('i32', i32.ltS(a, b), a, b);

/** Number of taps t >= 0 with start + t dilation < bound, for any sign of bound - start. */
function tapsBelow(start: Code, bound: number, dilation: number): Code {
  const room = i32.add(i32.sub(i32.const(bound), start), i32.const(dilation - 1));
  return dilation === 1 ? room : i32.divS(largest(room, i32.const(0)), i32.const(dilation));
}

function axisCursor(f: FunctionBuilder, geometry: WindowGeometry, axis: 0 | 1 | 2): AxisCursor {
  const size = geometry.inSize[axis];
  const window = geometry.window[axis];
  const [stride, dilation] = [geometry.strides[axis], geometry.dilations[axis]];
  const before = geometry.padBefore[axis];
  const start = f.i32();
  const at = (position: Code): Code => {
    const scaled = stride === 1 ? position : i32.mul(position, i32.const(stride));
    return start.set(before === 0 ? scaled : i32.sub(scaled, i32.const(before)));
  };
  const last = (geometry.outSize[axis] - 1) * stride - before + (window - 1) * dilation;
  if (before === 0 && last < size) {
    const [first, end] = [i32.const(0), i32.const(window)];
    return { start, first, end, whole: true, inside: i32.const(1), moveTo: at };
  }
  const [first, end] = [f.i32(), f.i32()];
  const below = (bound: number): Code => tapsBelow(start.get, bound, dilation);
  return {
    start,
    first: first.get,
    end: end.get,
    whole: false,
    inside: i32.and(i32.eqz(first.get), i32.eq(end.get, i32.const(window))),
    moveTo: (position) =>
      seq(
        at(position),
        first.set(largest(below(0), i32.const(0))),
        end.set(smallest(below(size), i32.const(window))),
      ),
  };
}

/** Stands at one window of a geometry while a kernel runs: its image, and the taps inside x. */
export class WindowCursor {
  readonly image: Local;
  readonly axes: readonly [AxisCursor, AxisCursor, AxisCursor];
  readonly geometry: WindowGeometry;
  private readonly f: FunctionBuilder;
  private readonly line: Local;

  constructor(f: FunctionBuilder, geometry: WindowGeometry) {
    this.f = f;
    this.geometry = geometry;
    this.image = f.i32();
    this.line = f.i32();
    this.axes = [
      axisCursor(f, geometry, 0),
      axisCursor(f, geometry, 1),
      axisCursor(f, geometry, 2),
    ];
  }

  /** Goes to a row of windows, counted over [batch, outSize[0], outSize[1]]. */
  moveToRow(row: Code): Code {
    const [planes, rows] = this.geometry.outSize;
    const { line, axes, image } = this;
    return seq(
      line.set(i32.divU(row, i32.const(rows))),
      axes[1].moveTo(i32.remU(row, i32.const(rows))),
      axes[0].moveTo(i32.remU(line.get, i32.const(planes))),
      image.set(i32.divU(line.get, i32.const(planes))),
    );
  }

  /** Goes to a window of the row. */
  moveToColumn(column: Code): Code {
    return this.axes[2].moveTo(column);
  }

  /** The position in x of tap 0, counted over [batch, ...inSize]. */
  position(): Code {
    const [depth, height, width] = this.geometry.inSize;
    const { image, axes } = this;
    const plane = i32.add(i32.mul(image.get, i32.const(depth)), axes[0].start.get);
    const line = i32.add(i32.mul(plane, i32.const(height)), axes[1].start.get);
    return i32.add(i32.mul(line, i32.const(width)), axes[2].start.get);
  }

  get whole(): boolean {
    return this.axes.every(({ whole }) => whole);
  }

  /** Whether all taps of this window lie inside x. */
  get inside(): Code {
    const open = this.axes.filter(({ whole }) => !whole).map(({ inside }) => inside);
    return open.length === 0 ? i32.const(1) : open.reduce(i32.and);
  }

  get size(): number {
    return this.geometry.window.reduce((all, size) => all * size, 1);
  }

  /** How many taps lie inside x. */
  count(): Code {
    if (this.whole) return i32.const(this.size);
    const [a, b, c] = this.axes.map(({ first, end }) =>
      largest(i32.sub(end, first), i32.const(0)),
    ) as [Code, Code, Code];
    return i32.mul(i32.mul(a, b), c);
  }

  /**
   * Passes over the taps inside x in their order. `base` is the address of tap 0 in a tensor with `bytes` for a position of x;
   * `visit` gets the tap's as an address and a constant to add, and its number. `inside`: all taps of the window are known to lie inside x.
   */
  forTaps({ base, bytes, inside = this.whole }: TapWalk, visit: VisitTap): Code {
    const offsets = inside ? this.offsets(bytes) : undefined;
    if (offsets)
      return seq(...offsets.map((offset, tap) => visit(base.get, offset, i32.const(tap))));
    return this.tapLoop(0, { base, steps: this.steps(bytes), number: i32.const(0), visit });
  }

  /** Where the taps of a window lie from tap 0 if all are inside x; undefined if they are too many to be written one by one. */
  offsets(bytes: number): readonly number[] | undefined {
    if (this.size > mostUnrolled) return undefined;
    return tapOffsets(this.geometry.window, this.steps(bytes));
  }

  private steps(bytes: number): number[] {
    const { inSize, dilations } = this.geometry;
    return [inSize[1] * inSize[2], inSize[2], 1].map(
      (positions, axis) => positions * bytes * (dilations[axis] as number),
    );
  }

  private tapLoop(axis: number, taps: TapLoop): Code {
    if (axis === 3) return taps.visit(taps.base.get, 0, taps.number);
    const { first, end, whole } = this.axes[axis] as AxisCursor;
    if (whole && this.geometry.window[axis] === 1) return this.tapLoop(axis + 1, taps);
    const [step, size] = [taps.steps[axis] as number, this.geometry.window[axis] as number];
    const [at, left] = [this.f.i32(), this.f.i32()];
    const before = i32.mul(taps.number, i32.const(size));
    const inner = { ...taps, base: at, number: i32.add(before, i32.sub(end, left.get)) };
    return seq(
      at.set(i32.add(taps.base.get, i32.mul(first, i32.const(step)))),
      left.set(i32.sub(end, first)),
      this.f.while(
        i32.gtS(left.get, i32.const(0)),
        seq(this.tapLoop(axis + 1, inner), at.increase(step), left.increase(-1)),
      ),
    );
  }
}

type VisitTap = (address: Code, offset: number, tap: Code) => Code;

interface TapWalk {
  readonly base: Local;
  readonly bytes: number;
  readonly inside?: boolean;
}

interface TapLoop {
  readonly base: Local;
  readonly steps: readonly number[];
  /** Of the taps so far, counted over the axes so far. */
  readonly number: Code;
  readonly visit: VisitTap;
}

const mostUnrolled = 16;

function tapOffsets(window: readonly number[], steps: readonly number[]): number[] {
  return window.reduce<number[]>(
    (offsets, size, axis) =>
      offsets.flatMap((offset) =>
        Array.from({ length: size }, (_, tap) => offset + tap * (steps[axis] as number)),
      ),
    [0],
  );
}
