import type { Kernel, Statement } from '@tenon/core';
import type { KernelScope } from '../emit/body-values.js';
import { ExpressionKeys } from '../emit/expression-keys.js';
import type { KernelFunction } from '../emit/kernel-function.js';
import { Pointers } from '../emit/pointers.js';
import { kindOf } from '../emit/value.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { LaneBody, laneLoop, oneElement } from './lane-body.js';
import { outerLoops } from './outer-loops.js';
import { lanesAreRows } from './rows-of-lanes.js';

const isWide = ({ buffers, registers, body }: Kernel): boolean =>
  [...buffers, ...registers].some(({ dtype }) => ['f64', 'i64'].includes(kindOf(dtype))) ||
  JSON.stringify(body, (_, value) => (typeof value === 'bigint' ? 'bigint' : value)).match(
    /"dtype":"(?:float64|int64)"/,
  ) !== null;

// Fewer turns of the outer loops than this do not divide evenly, so the innermost is divided.
const enoughTurns = 16;
/** Elements of the innermost loop that are not divided further: a line of the cache, and whole turns of unrolled loops. */
const leastShare = 16;

/** Nested loops over parallel axes, which the threads share, with what is inside of them. */
export function emitNest(
  k: KernelFunction,
  kernel: Kernel,
  bases: readonly Local[],
  spread: boolean = lanesAreRows(kernel),
): Code {
  const { around, inside } = outerLoops(kernel);
  const extents = around.map((axis) => extentOf(kernel, axis));
  if (extents.includes(0)) return [];
  const nest = new Nest(scopeOf(k, kernel, bases), inside);
  if (around.length === 0) return k.onFirst(nest.once());
  return nest.shared(around, spread);
}

const scopeOf = (k: KernelFunction, kernel: Kernel, bases: readonly Local[]): KernelScope => ({
  k,
  kernel,
  keys: new ExpressionKeys(),
  pointers: new Pointers(k.f, kernel, bases),
  positions: new Map(),
  width: isWide(kernel) ? 1 : 4,
});

/** The elements of a kernel of one axis from `k.thread` to `k.threads`, whatever its extent. */
export function emitPart(k: KernelFunction, kernel: Kernel, bases: readonly Local[]): Code {
  const { around, inside } = outerLoops(kernel);
  const [axis] = around as [number];
  const scope = scopeOf(k, kernel, bases);
  const range = { from: k.thread, to: k.threads, ends: true };
  const loop = laneLoop(scope, { axis, body: inside }, { range });
  return seq(scope.pointers.start(new Map([[axis, range.from.get]])), loop);
}

const extentOf = ({ axes }: Kernel, axis: number): number =>
  (axes[axis] as Kernel['axes'][number]).extent;

class Nest {
  private readonly scope: KernelScope;
  private readonly inside: readonly Statement[];

  constructor(scope: KernelScope, inside: readonly Statement[]) {
    this.scope = scope;
    this.inside = inside;
  }

  /** Without loops around: one thread computes it. */
  once(): Code {
    const { scope, inside } = this;
    const body = new LaneBody(scope, oneElement);
    return seq(scope.pointers.start(new Map()), body.statements(inside));
  }

  shared(around: readonly number[], spread: boolean): Code {
    const { scope, inside } = this;
    const { kernel } = scope;
    const last = around.at(-1) as number;
    if (!spread) return this.over(around, () => new LaneBody(scope, oneElement).statements(inside));
    const outer = around.slice(0, -1);
    const turns = outer.reduce((all, axis) => all * extentOf(kernel, axis), 1);
    const extent = extentOf(kernel, last);
    if (turns >= enoughTurns || extent < 2 * leastShare)
      return this.over(outer, () => laneLoop(scope, { axis: last, body: inside }, {}));
    return this.dividedInside(outer, last);
  }

  /** Every thread passes all turns of the outer loops, each for its part of the innermost. */
  private dividedInside(outer: readonly number[], axis: number): Code {
    const { scope, inside } = this;
    const { k, pointers, kernel } = scope;
    const [from, to, extent] = [k.f.i32(), k.f.i32(), extentOf(kernel, axis)];
    const range = { from, to };
    const scaled = (local: Local) => local.set(i32.mul(local.get, i32.const(leastShare)));
    const share = seq(
      k.share(Math.ceil(extent / leastShare), from, to),
      scaled(from),
      scaled(to),
      when(i32.gtS(to.get, i32.const(extent)), to.set(i32.const(extent))),
    );
    const loop = () => laneLoop(scope, { axis, body: inside }, { range });
    const start = pointers.start(new Map([[axis, from.get]]));
    return seq(share, when(i32.ltS(from.get, to.get), seq(start, this.counted(outer, loop))));
  }

  /** All turns of the outer loops, one inside the other. */
  private counted([axis, ...inner]: readonly number[], body: () => Code): Code {
    if (axis === undefined) return body();
    const { k, pointers, positions, kernel } = this.scope;
    const extent = extentOf(kernel, axis);
    const counter = k.f.i32();
    positions.set(axis, counter.get);
    const turn = seq(this.counted(inner, body), pointers.move(axis, 1), counter.increase(1));
    return seq(
      counter.set(i32.const(0)),
      k.f.while(i32.ltS(counter.get, i32.const(extent)), turn),
      pointers.move(axis, -extent),
    );
  }

  /** A thread's part of all turns of the loops, counted like an odometer. */
  private over(axes: readonly number[], body: () => Code): Code {
    const { k, pointers, positions, kernel } = this.scope;
    const { f } = k;
    const counters = axes.map((axis) => {
      const counter = f.i32();
      positions.set(axis, counter.get);
      return counter;
    });
    const turns = axes.reduce((all, axis) => all * extentOf(kernel, axis), 1);
    const [at, end] = [f.i32(), f.i32()];
    const advance = axes.reduce<Code>((carry, axis, i) => {
      const counter = counters[i] as Local;
      const extent = extentOf(kernel, axis);
      const step = seq(pointers.move(axis, 1), counter.increase(1));
      if (i === 0) return step;
      const wraps = seq(pointers.move(axis, -extent), counter.set(i32.const(0)), carry);
      return seq(step, when(i32.eq(counter.get, i32.const(extent)), wraps));
    }, []);
    const starts = counters.map((counter, i) => {
      const inner = axes.slice(i + 1).reduce((all, axis) => all * extentOf(kernel, axis), 1);
      const place = i32.divU(at.get, i32.const(inner));
      return counter.set(
        i === 0 ? place : i32.remU(place, i32.const(extentOf(kernel, axes[i] as number))),
      );
    });
    const start = pointers.start(
      new Map(axes.map((axis, i) => [axis, (counters[i] as Local).get])),
    );
    return seq(
      axes.length === 1 ? k.shareRows(turns, at, end) : k.share(turns, at, end),
      when(
        i32.ltU(at.get, end.get),
        seq(
          ...starts,
          start,
          f.while(i32.ltS(at.get, end.get), seq(body(), advance, at.increase(1))),
        ),
      ),
    );
  }
}
