import type { Expression, Kernel, Statement } from '@tenon/core';
import {
  BodyValues,
  isInvariant,
  type KernelScope,
  type Lanes,
  oneLane,
} from '../emit/body-values.js';
import { expressionsOf, operands, parts } from '../emit/expression-keys.js';
import { getter, typeOf, type Value } from '../emit/value.js';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';

/** A part of an axis that begins at a multiple of 16. */
export interface LoopRange {
  readonly from: Local;
  readonly to: Local;
  /** Whether it may end anywhere, and not only at a multiple of 16 or where the axis does. */
  readonly ends?: boolean;
}

/** A loop whose turns are computed in lanes. */
interface VectorLoop {
  readonly axis: number;
  readonly body: readonly Statement[];
  /** A part of the axis; all of it where not given. */
  readonly range?: LoopRange | undefined;
  /** Registers of the loops around. */
  readonly registers: ReadonlyMap<number, Value>;
  /** Writes the body for some vectors, given what was computed before the loop. */
  write(lanes: readonly Lanes[], before: ReadonlyMap<number, Value>): Code;
}

// The more a turn computes, the less there is to gain from several copies of it.
const copiesBy = [
  { cost: 16, copies: 4 },
  { cost: 48, copies: 2 },
] as const;

/** How many copies of a body a turn computes. */
export function copiesOf({ keys, width }: KernelScope, body: readonly Statement[]): number {
  if (width === 1) return 1;
  const different = new Map<number, number>();
  for (const part of parts(expressionsOf(body))) {
    const heavy = part.kind === 'call' && part.args.length === 1 ? 8 : 1;
    if (part.kind !== 'register') different.set(keys.of(part), heavy);
  }
  const cost = [...different.values()].reduce((all, one) => all + one, 0);
  return copiesBy.find((row) => cost <= row.cost)?.copies ?? 1;
}

/** Writes a loop with four turns in the lanes of a vector: several vectors a turn, then single ones, then the last few lanes. */
export function vectorLoop(scope: KernelScope, loop: VectorLoop): Code {
  const at = scope.k.f.i32();
  scope.positions.set(loop.axis, at.get);
  const { hoisted, before } = invariants(scope, loop);
  const turns = new Turns(scope, { loop, at, before });
  return seq(hoisted, loop.range ? turns.part(loop.range) : turns.all());
}

class Turns {
  private readonly scope: KernelScope;
  private readonly loop: VectorLoop;
  private readonly at: Local;
  private readonly before: ReadonlyMap<number, Value>;
  private readonly extent: number;
  /** Vectors in a turn of the first loop. */
  private readonly copies: number;

  constructor(
    scope: KernelScope,
    given: { loop: VectorLoop; at: Local; before: ReadonlyMap<number, Value> },
  ) {
    const { loop, at, before } = given;
    this.scope = scope;
    this.loop = loop;
    this.at = at;
    this.before = before;
    this.extent = (scope.kernel.axes[loop.axis] as Kernel['axes'][number]).extent;
    this.copies = copiesOf(scope, loop.body);
  }

  all(): Code {
    const { at, copies, extent } = this;
    const { width, pointers } = this.scope;
    const rest = extent % width;
    const whole = extent - rest;
    const main = whole - (whole % (copies * width));
    return seq(
      at.set(i32.const(0)),
      this.repeated(main / (copies * width), i32.const(main), copies),
      this.repeated((whole - main) / width, i32.const(whole), 1),
      rest === 0 ? [] : this.last(rest),
      pointers.move(this.loop.axis, -whole),
    );
  }

  part({ from, to, ends = false }: LoopRange): Code {
    const { at, copies, extent } = this;
    const { k, width, pointers } = this.scope;
    const { f } = k;
    const rest = ends || width === 1 ? 0 : extent % 4;
    const limit = f.i32();
    const limited = () => {
      if (ends) return limit.set(i32.and(to.get, i32.const(-width)));
      const whole = i32.const(extent - rest);
      return seq(limit.set(to.get), when(i32.gtS(limit.get, whole), limit.set(whole)));
    };
    const { save, restore } = pointers.saved(this.loop.axis);
    const single = seq(this.last(1), pointers.move(this.loop.axis, 1), at.increase(1));
    return seq(
      save,
      at.set(from.get),
      limited(),
      f.while(
        i32.ltS(at.get, i32.sub(limit.get, i32.const(copies * width - 1))),
        this.turn(copies),
      ),
      copies > 1 ? f.while(i32.ltS(at.get, limit.get), this.turn(1)) : [],
      rest > 0 ? when(i32.ltS(at.get, to.get), this.last(rest)) : [],
      ends && width > 1 ? f.while(i32.ltS(at.get, to.get), single) : [],
      restore,
    );
  }

  private repeated(turns: number, end: Code, copies: number): Code {
    if (turns === 0) return [];
    const turn = this.turn(copies);
    return turns === 1 ? turn : this.scope.k.f.while(i32.ltS(this.at.get, end), turn);
  }

  private turn(copies: number): Code {
    const { axis, write } = this.loop;
    const lanes = Array.from({ length: copies }, (_, copy) => ({ axis, copy }));
    const step = copies * this.scope.width;
    const moves = seq(this.scope.pointers.move(axis, step), this.at.increase(step));
    return seq(write(lanes, this.before), moves);
  }

  /** The first lanes of one vector. */
  private last(count: number): Code {
    return this.loop.write([{ axis: this.loop.axis, copy: 0, count }], this.before);
  }
}

/** What is the same in every turn is computed before the loop. */
function invariants(
  scope: KernelScope,
  { axis, body, registers }: VectorLoop,
): { hoisted: Code; before: ReadonlyMap<number, Value> } {
  const before = new Map<number, Value>();
  // Inside there may be loops on which such a value depends.
  if (body.some(({ kind }) => kind === 'for')) return { hoisted: [], before };
  const changing = new Set(
    body.flatMap((one) => (one.kind === 'set' || one.kind === 'accumulate' ? [one.register] : [])),
  );
  const found: Expression[] = [];
  const visit = (expression: Expression): void => {
    if (expression.kind === 'const' || expression.kind === 'register') return;
    if (isInvariant(expression, axis, changing)) found.push(expression);
    else operands(expression).forEach(visit);
  };
  expressionsOf(body).forEach(visit);
  const values = new BodyValues(scope, oneLane, {
    registers: (register) => registers.get(register) as Value,
    repeated: new Set(),
    before,
  });
  const sets = found.map((expression) => {
    const key = scope.keys.of(expression);
    if (before.has(key)) return [];
    const { kind, code } = values.value(expression);
    const local = scope.k.f.local(typeOf(kind));
    before.set(key, getter(kind, local));
    return local.set(code);
  });
  return { hoisted: seq(...sets), before };
}
