import type { ConvGeometry } from '@tenon/core';
import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { either, type Local, memoryCopy, memoryFill, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { WindowCursor } from '../window/cursor.js';

type AddressOf = (tapA: Code, tapB: Code) => Code;

/** Products of taps that lie side by side in x and in the packed filter. */
interface Run {
  /** Address in x for the first position, and in the panel. */
  readonly a: Local;
  readonly b: Local;
  readonly count: number;
}

/**
 * The windows of a row of positions as runs of elements of x. Where windows reach over the edge along the last axis, the rows
 * of x that they need are copied to where they have zeros around them.
 */
export class TapRows {
  /** Address of tap 0 of the first window of the row, for the first channel. */
  readonly base: Local;
  private readonly k: KernelFunction;
  private readonly cursor: WindowCursor;
  private readonly geometry: ConvGeometry;
  private readonly copies: Local | undefined;
  /** Bytes from tap to tap along each axis. */
  private readonly steps: readonly [number, number, number];
  private readonly rowBytes: number;

  /** Whether a row is copied in several parts, so that padding lies elsewhere each time. */
  private readonly inParts: boolean;

  /** `length`: the most positions of a row that are passed over at once. */
  constructor(
    k: KernelFunction,
    cursor: WindowCursor,
    { geometry, length }: { geometry: ConvGeometry; length: number },
  ) {
    const { inSize, outSize, window, strides, dilations, inChannels } = geometry;
    const bytes = inChannels * 4;
    const span = (length - 1) * strides[2] + (window[2] - 1) * dilations[2] + 1;
    const [copied, line] = [!cursor.axes[2].whole, inSize[2] * bytes];
    this.k = k;
    this.cursor = cursor;
    this.geometry = geometry;
    this.inParts = length < outSize[2];
    this.base = k.f.i32();
    this.rowBytes = span * bytes;
    this.copies = copied ? k.f.i32() : undefined;
    this.steps = [
      copied ? window[1] * this.rowBytes : dilations[0] * inSize[1] * line,
      copied ? this.rowBytes : dilations[1] * line,
      dilations[2] * bytes,
    ];
  }

  /** Runs once, before all rows. */
  begin(): Code {
    if (!this.copies) return [];
    const { window } = this.geometry;
    const bytes = window[0] * window[1] * this.rowBytes;
    return seq(
      this.copies.set(this.k.own(bytes)),
      memoryFill(this.copies.get, i32.const(0), i32.const(bytes)),
    );
  }

  /** Runs when the cursor has come to a row, at the window of its first position. */
  moveTo(x: Local): Code {
    const { cursor, copies, base } = this;
    const bytes = this.geometry.inChannels * 4;
    const at = i32.add(x.get, i32.mul(cursor.position(), i32.const(bytes)));
    return copies ? seq(base.set(copies.get), this.copyRows(x, copies)) : base.set(at);
  }

  private copyRows(x: Local, copies: Local): Code {
    const { inSize, dilations, inChannels } = this.geometry;
    const { axes, image } = this.cursor;
    const index = (axis: 0 | 1, tap: Code): Code =>
      i32.add(axes[axis].start.get, i32.mul(tap, i32.const(dilations[axis])));
    const source = (a: Code, b: Code): Code => {
      const plane = i32.add(i32.mul(image.get, i32.const(inSize[0])), index(0, a));
      const row = i32.add(i32.mul(plane, i32.const(inSize[1])), index(1, b));
      return i32.add(x.get, i32.mul(row, i32.const(inSize[2] * inChannels * 4)));
    };
    const target = (a: Code, b: Code): Code => i32.add(copies.get, this.offset(a, b));
    return this.inParts ? this.copyParts(source, target) : this.copyWholeRows(source, target);
  }

  /** The padding is where it was for the rows before, and holds zeros still. */
  private copyWholeRows(source: AddressOf, target: AddressOf): Code {
    const { inSize, padBefore, inChannels } = this.geometry;
    const before = padBefore[2] * inChannels * 4;
    const size = Math.min(inSize[2] * inChannels * 4, this.rowBytes - before);
    if (size <= 0) return [];
    return this.forTaps((a, b) =>
      memoryCopy(i32.add(target(a, b), i32.const(before)), source(a, b), i32.const(size)),
    );
  }

  private copyParts(source: AddressOf, target: AddressOf): Code {
    const { f } = this.k;
    const { inSize, inChannels } = this.geometry;
    const bytes = i32.const(inChannels * 4);
    const [line, rowBytes] = [inSize[2] * inChannels * 4, this.rowBytes];
    const [start, first, end] = [f.i32(), f.i32(), f.i32()];
    const between = (value: Code, most: number): Code => {
      const atLeast = either('i32', i32.gtS(value, i32.const(0)), value, i32.const(0));
      return either('i32', i32.ltS(value, i32.const(most)), atLeast, i32.const(most));
    };
    const inner = i32.sub(end.get, first.get);
    return seq(
      start.set(i32.mul(this.cursor.axes[2].start.get, bytes)),
      // Where the part lies in the copy: what is before and behind it is padding.
      first.set(between(i32.sub(i32.const(0), start.get), rowBytes)),
      end.set(between(i32.sub(i32.const(line), start.get), rowBytes)),
      end.set(either('i32', i32.ltS(end.get, first.get), first.get, end.get)),
      this.forTaps((a, b) =>
        seq(
          memoryFill(target(a, b), i32.const(0), first.get),
          // A copy of nothing must not begin outside of the memory.
          when(
            inner,
            memoryCopy(
              i32.add(target(a, b), first.get),
              i32.add(source(a, b), i32.add(start.get, first.get)),
              inner,
            ),
          ),
          memoryFill(
            i32.add(target(a, b), end.get),
            i32.const(0),
            i32.sub(i32.const(rowBytes), end.get),
          ),
        ),
      ),
    );
  }

  private offset(a: Code, b: Code): Code {
    const { steps } = this;
    return i32.add(i32.mul(a, i32.const(steps[0])), i32.mul(b, i32.const(steps[1])));
  }

  /** The taps of the first two axes that lie inside x. */
  private forTaps(visit: (a: Code, b: Code) => Code): Code {
    const { window } = this.geometry;
    const loop = (axis: 0 | 1, body: (tap: Code) => Code): Code => {
      const { first, end, whole } = this.cursor.axes[axis];
      if (whole && window[axis] === 1) return body(i32.const(0));
      return this.k.f.for({ from: first, to: end }, (tap) => body(tap.get));
    };
    return loop(0, (a) => loop(1, (b) => visit(a, b)));
  }

  /** Passes over the runs of the window whose tap 0 lies at `at`. */
  forRuns(at: Local, panel: Local, visit: (run: Run) => Code): Code {
    const { window, inChannels, groups, dilations } = this.geometry;
    const { f } = this.k;
    const channels = inChannels / groups;
    const [a, b] = [f.i32(), f.i32()];
    const joined = groups === 1 && (dilations[2] === 1 || window[2] === 1);
    const tapBytes = channels * 32;
    const start = (tapA: Code, tapB: Code): Code =>
      seq(
        a.set(i32.add(at.get, this.offset(tapA, tapB))),
        b.set(
          i32.add(
            panel.get,
            i32.mul(
              i32.add(i32.mul(tapA, i32.const(window[1])), tapB),
              i32.const(window[2] * tapBytes),
            ),
          ),
        ),
      );
    if (joined) {
      return this.forTaps((tapA, tapB) =>
        seq(start(tapA, tapB), visit({ a, b, count: window[2] * channels })),
      );
    }
    const line = f.i32();
    return this.forTaps((tapA, tapB) =>
      seq(
        start(tapA, tapB),
        line.set(a.get),
        f.for({ to: i32.const(window[2]) }, () =>
          seq(a.set(line.get), visit({ a, b, count: channels }), line.increase(this.steps[2])),
        ),
      ),
    );
  }
}
