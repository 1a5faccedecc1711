import type { Expression, Kernel, Statement } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { type Local, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { BodyValues, isInvariant, type KernelScope, type Lanes, oneLane } from './body-values.js';
import { expressionsOf, operands, parts } from './expression-keys.js';
import { getter, typeOf, type Value } from './value.js';

/** A loop whose turns are computed in lanes. */
interface VectorLoop {
  readonly axis: number;
  readonly body: readonly Statement[];
  /** A part of the axis that begins at a multiple of 16; all of it where not given. */
  readonly range?: { readonly from: Local; readonly to: Local } | undefined;
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
  const { k, kernel, pointers, positions, width } = scope;
  const { axis, range } = loop;
  const extent = (kernel.axes[axis] as Kernel['axes'][number]).extent;
  const copies = copiesOf(scope, loop.body);
  const rest = width === 1 ? 0 : extent % 4;
  const whole = extent - rest;
  const at = k.f.i32();
  positions.set(axis, at.get);
  const { hoisted, before } = invariants(scope, loop);
  const body = (lanes: readonly Lanes[]) => loop.write(lanes, before);
  const vectors = (count: number): Lanes[] =>
    Array.from({ length: count }, (_, copy) => ({ axis, copy }));
  const turn = (count: number): Code => {
    const step = count * width;
    return seq(body(vectors(count)), pointers.move(axis, step), at.increase(step));
  };
  const from = range ? range.from.get : i32.const(0);
  const to = range ? range.to.get : i32.const(whole);
  const tail = rest === 0 ? [] : body([{ axis, copy: 0, count: rest }]);
  const { save, restore } = range
    ? pointers.saved(axis)
    : { save: [], restore: pointers.move(axis, -whole) };
  if (!range) {
    const main = whole - (whole % (copies * width));
    const loops = seq(
      repeated(main / (copies * width), i32.const(main), copies),
      repeated((whole - main) / width, i32.const(whole), 1),
    );
    return seq(hoisted, at.set(from), loops, tail, restore);
  }
  const limit = k.f.i32();
  const last = i32.sub(limit.get, i32.const(copies * width - 1));
  const partly = rest > 0 ? when(i32.ltS(at.get, range.to.get), tail) : [];
  return seq(
    hoisted,
    save,
    at.set(from),
    limit.set(to),
    rest > 0 ? when(i32.gtS(limit.get, i32.const(whole)), limit.set(i32.const(whole))) : [],
    k.f.while(i32.ltS(at.get, last), turn(copies)),
    copies > 1 ? k.f.while(i32.ltS(at.get, limit.get), turn(1)) : [],
    partly,
    restore,
  );

  function repeated(turns: number, end: Code, count: number): Code {
    if (turns === 0) return [];
    return turns === 1 ? turn(count) : k.f.while(i32.ltS(at.get, end), turn(count));
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
