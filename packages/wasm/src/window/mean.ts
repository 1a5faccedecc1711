import type { Lanes } from '../conv/lanes.js';
import type { Code } from '../encoder/code.js';
import { either, type FunctionBuilder, type Local } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import type { WindowCursor } from './cursor.js';

/** What the mean of a window divides by: its size, or how many of its taps lie inside x, at least 1. */
export class WindowDivisor {
  private readonly count: Local;
  private readonly countPadding: boolean;

  constructor(f: FunctionBuilder, countPadding: boolean) {
    this.count = f.i32();
    this.countPadding = countPadding;
  }

  /** Runs at each window. */
  prepare(cursor: WindowCursor): Code {
    if (this.isFixed(cursor)) return [];
    const count = cursor.count();
    return this.count.set(either('i32', count, count, i32.const(1)));
  }

  divide(lanes: Lanes, cursor: WindowCursor, value: Code): Code {
    const fixed = this.isFixed(cursor);
    return lanes.div(value, fixed ? lanes.const(cursor.size) : lanes.fromI32(this.count.get));
  }

  private isFixed(cursor: WindowCursor): boolean {
    return this.countPadding || cursor.whole;
  }
}
