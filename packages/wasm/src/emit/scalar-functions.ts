import type { ScalarFunction } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { block, branchIf, choose, loop, when } from '../encoder/function.js';
import { f64, i32, i64 } from '../encoder/scalar.js';
import { floorMod } from '../math/floor-mod.js';
import { doubleMath } from '../math/index.js';
import type { KernelFunction } from './kernel-function.js';
import { maskOf, type Value } from './value.js';

/** Operands are locals: they may be read more than once. */
type OnScalars = (k: KernelFunction, a: Code, b: Code) => Code;

const one = f64.const(1);
const zero = f64.const(0);

const doubles: Partial<Record<ScalarFunction, OnScalars>> = {
  neg: (_, a) => f64.neg(a),
  abs: (_, a) => f64.abs(a),
  sign: (_, a) => {
    const nonZero = i32.or(f64.lt(a, zero), f64.gt(a, zero));
    return choose(nonZero, f64.copysign(one, a), a);
  },
  floor: (_, a) => f64.floor(a),
  ceil: (_, a) => f64.ceil(a),
  round: (_, a) => f64.nearest(a),
  sqrt: (_, a) => f64.sqrt(a),
  rsqrt: (_, a) => f64.div(one, f64.sqrt(a)),
  reciprocal: (_, a) => f64.div(one, a),
  exp: (k, a) => doubleMath.exp(k, a),
  log: (k, a) => doubleMath.log(k, a),
  sin: (k, a) => doubleMath.sin(k, a),
  cos: (k, a) => doubleMath.cos(k, a),
  atan: (k, a) => doubleMath.atan(k, a),
  tanh: (k, a) => doubleMath.tanh(k, a),
  erf: (k, a) => doubleMath.erf(k, a),
  sigmoid: (k, a) => doubleMath.sigmoid(k, a),
  not: (_, a) => f64.convertI32S(f64.eq(a, zero)),
  add: (_, a, b) => f64.add(a, b),
  sub: (_, a, b) => f64.sub(a, b),
  mul: (_, a, b) => f64.mul(a, b),
  div: (_, a, b) => f64.div(a, b),
  mod: floorMod,
  pow: (k, a, b) => doubleMath.pow(k, a, b),
  min: (_, a, b) => f64.min(a, b),
  max: (_, a, b) => f64.max(a, b),
};

const nothing = i64.const(0);
const unit = i64.const(1);

const div64: OnScalars = (_, a, b) => {
  const negates = i64.eq(b, i64.const(-1));
  const safe = choose(i32.or(i64.eqz(b), negates), unit, b);
  return choose(i64.eqz(b), nothing, choose(negates, i64.sub(nothing, a), i64.divS(a, safe)));
};

const mod64: OnScalars = (k, a, b) => {
  const rest = k.f.local('i64');
  const safe = choose(i32.or(i64.eqz(b), i64.eq(b, i64.const(-1))), unit, b);
  const wrong = i32.and(i64.ne(rest.get, nothing), i64.ltS(i64.xor(rest.get, b), nothing));
  return seq(
    rest.set(i64.remS(a, safe)),
    choose(i64.eqz(b), nothing, choose(wrong, i64.add(rest.get, b), rest.get)),
  );
};

/** a^b by squaring, modulo 2^64; for b < 0 only of 1 and -1 anything is left. */
const pow64: OnScalars = (k, a, b) => {
  const [base, rest, product] = [k.f.local('i64'), k.f.local('i64'), k.f.local('i64')];
  const odd = i64.and(rest.get, unit);
  const isUnit = i32.or(i64.eq(base.get, unit), i64.eq(base.get, i64.const(-1)));
  const vanishes = i32.and(i64.ltS(rest.get, nothing), i32.eqz(isUnit));
  return seq(
    base.set(a),
    rest.set(b),
    product.set(unit),
    when(vanishes, seq(product.set(nothing), rest.set(nothing))),
    when(i64.ltS(rest.get, nothing), rest.set(odd)),
    block(
      loop(
        seq(
          branchIf(i64.eqz(rest.get), 1),
          when(i32.wrapI64(odd), product.set(i64.mul(product.get, base.get))),
          base.set(i64.mul(base.get, base.get)),
          rest.set(i64.shrU(rest.get, unit)),
          [0x0c, 0],
        ),
      ),
    ),
    product.get,
  );
};

const longs: Partial<Record<ScalarFunction, OnScalars>> = {
  neg: (_, a) => i64.sub(nothing, a),
  abs: (_, a) => choose(i64.ltS(a, nothing), i64.sub(nothing, a), a),
  sign: (_, a) => i64.extendI32S(i32.sub(i64.gtS(a, nothing), i64.ltS(a, nothing))),
  floor: (_, a) => a,
  ceil: (_, a) => a,
  round: (_, a) => a,
  not: (_, a) => i64.extendI32U(i64.eqz(a)),
  add: (_, a, b) => i64.add(a, b),
  sub: (_, a, b) => i64.sub(a, b),
  mul: (_, a, b) => i64.mul(a, b),
  div: div64,
  mod: mod64,
  pow: pow64,
  min: (_, a, b) => choose(i64.ltS(a, b), a, b),
  max: (_, a, b) => choose(i64.gtS(a, b), a, b),
  and: (_, a, b) => i64.and(a, b),
  or: (_, a, b) => i64.or(a, b),
  xor: (_, a, b) => i64.xor(a, b),
  shiftLeft: (_, a, b) => i64.shl(a, b),
  shiftRight: (_, a, b) => i64.shrS(a, b),
  shiftRightLogical: (_, a, b) => i64.shrU(a, b),
};

const tests = {
  f64: {
    equal: (a: Code, b: Code) => f64.eq(a, b),
    less: (a: Code, b: Code) => f64.lt(a, b),
    isNaN: (a: Code) => f64.ne(a, a),
    isFinite: (a: Code) => f64.lt(f64.abs(a), f64.const(Number.POSITIVE_INFINITY)),
  },
  i64: {
    equal: (a: Code, b: Code) => i64.eq(a, b),
    less: (a: Code, b: Code) => i64.ltS(a, b),
    isNaN: () => i32.const(0),
    isFinite: () => i32.const(1),
  },
} as const;

/** A scalar function of one 64-bit element. */
export function scalarFunction64(
  k: KernelFunction,
  fn: ScalarFunction,
  [a, b = a]: readonly Value[],
): Value {
  const kind = (a as Value).kind as 'f64' | 'i64';
  const [x, y] = [(a as Value).code, (b as Value).code];
  if (fn in tests.f64) {
    const test = tests[kind][fn as keyof typeof tests.f64] as (a: Code, b: Code) => Code;
    return { kind: 'mask', code: maskOf(test(x, y)) };
  }
  const of = (kind === 'f64' ? doubles[fn] : longs[fn]) as OnScalars | undefined;
  if (of) return { kind, code: of(k, x, y) };
  // What is only defined on floats is computed there and truncated.
  const onDoubles = doubles[fn] as OnScalars;
  const [dx, dy] = [k.f.local('f64'), k.f.local('f64')];
  return {
    kind,
    code: seq(
      dx.set(f64.convertI64S(x)),
      dy.set(f64.convertI64S(y)),
      i64.truncSatF64S(onDoubles(k, dx.get, dy.get)),
    ),
  };
}
