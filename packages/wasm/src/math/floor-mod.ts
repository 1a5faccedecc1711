import type { KernelFunction } from '../emit/kernel-function.js';
import { type Code, seq } from '../encoder/code.js';
import { choose, either, when } from '../encoder/function.js';
import { f32, f64, i32 } from '../encoder/scalar.js';
import { Formula } from './formula.js';

const zero = f64.const(0);
const half = f64.const(0.5);
const finite = (x: Code): Code => f64.lt(f64.abs(x), f64.const(Number.POSITIVE_INFINITY));

/** size * 2^n <= rest are subtracted from large to small, which is exact: quotients that round would be off by one. */
function subtractAll(k: KernelFunction, { rest, size }: { rest: Code; size: Code }): Code {
  const y = new Formula(k.f);
  const [left, step] = [y.variable('f64', rest), y.variable('f64', size)];
  const larger = f64.le(step.get, f64.mul(left.get, half));
  y.statement(k.f.while(larger, step.set(f64.add(step.get, step.get))));
  const subtract = left.set(f64.sub(left.get, step.get));
  const turn = seq(when(f64.ge(left.get, step.get), subtract), step.set(f64.mul(step.get, half)));
  y.statement(k.f.while(f64.ge(step.get, size), turn));
  return y.equals(left.get);
}

/** Remainder of sizes by `rest`, with the sign of b. */
function signed(y: Formula, rest: Code, { a, b }: { a: Code; b: Code }): Code {
  const remainder = y.double(f64.copysign(rest, a));
  const otherSign = i32.ne(f64.lt(remainder, zero), f64.lt(b, zero));
  const wrong = i32.and(f64.ne(remainder, zero), otherSign);
  return choose(wrong, f64.add(remainder, b), remainder);
}

/** Remainder with the sign of the divisor, exact for `single` precision from the quotient where that is small. */
function floorModOf(k: KernelFunction, operands: { a: Code; b: Code; single: boolean }): Code {
  const { a, b, single } = operands;
  const y = new Formula(k.f);
  const [rest, size] = [y.double(f64.abs(a)), y.double(f64.abs(b))];
  const slow = either('f64', f64.ge(rest, size), subtractAll(k, { rest, size }), rest);
  const quotient = y.double(f64.div(rest, size));
  const direct = f64.sub(rest, f64.mul(f64.trunc(quotient), size));
  // An infinite divisor leaves a as it is.
  const fast = i32.and(f64.lt(quotient, f64.const(2 ** 28)), finite(b));
  const found = single ? either('f64', fast, direct, slow) : slow;
  const valid = i32.and(finite(a), f64.gt(size, zero));
  const exact = y.double(either('f64', valid, found, f64.const(Number.NaN)));
  return y.equals(signed(y, exact, operands));
}

export const floorMod = (k: KernelFunction, a: Code, b: Code): Code =>
  floorModOf(k, { a, b, single: false });

export function floorModSingle(k: KernelFunction, a: Code, b: Code): Code {
  const y = new Formula(k.f);
  const [x, z] = [y.double(f64.promoteF32(a)), y.double(f64.promoteF32(b))];
  return y.equals(f32.demoteF64(floorModOf(k, { a: x, b: z, single: true })));
}
