import type { DType, ScalarFunction } from '@tenon/core';
import { type Code, seq } from '../encoder/code.js';
import { block, branchIf, choose, type Local, loop, when } from '../encoder/function.js';
import { i32 } from '../encoder/scalar.js';
import { f32x4, i32x4, v128 } from '../encoder/simd.js';
import { floorModSingle } from '../math/floor-mod.js';
import { floatMath } from '../math/index.js';
import { rounded, wrapped } from './cast.js';
import type { KernelFunction } from './kernel-function.js';
import type { Value } from './value.js';

/** Operands are locals: they may be read more than once. */
type OnLanes = (k: KernelFunction, a: Code, b: Code) => Code;

const one = f32x4.const(1);
const zero = f32x4.const(0);
const signBit = i32x4.const(-(2 ** 31));

/** Lane by lane through scalars, for what has no vector instruction. */
const byLane =
  (
    extract: (lane: number, v: Code) => Code,
    join: (lane: number, v: Code, x: Code) => Code,
    of: (k: KernelFunction, a: Code, b: Code) => Code,
  ): OnLanes =>
  (k, a, b) =>
    [0, 1, 2, 3].reduce<Code>(
      (lanes, i) => join(i, lanes, of(k, extract(i, a), extract(i, b))),
      zero,
    );
const floatByLane = (of: (k: KernelFunction, a: Code, b: Code) => Code): OnLanes =>
  byLane(f32x4.extractLane, f32x4.replaceLane, of);
const intByLane = (of: (k: KernelFunction, a: Code, b: Code) => Code): OnLanes =>
  byLane(i32x4.extractLane, i32x4.replaceLane, of);

const sign: OnLanes = (_, a) => {
  const nonZero = v128.or(f32x4.lt(a, zero), f32x4.gt(a, zero));
  return v128.bitselect(v128.or(v128.and(a, signBit), one), a, nonZero);
};

/** Functions of f32 lanes that give f32 lanes. */
const floats: Partial<Record<ScalarFunction, OnLanes>> = {
  neg: (_, a) => f32x4.neg(a),
  abs: (_, a) => f32x4.abs(a),
  sign,
  floor: (_, a) => f32x4.floor(a),
  ceil: (_, a) => f32x4.ceil(a),
  round: (_, a) => f32x4.nearest(a),
  sqrt: (_, a) => f32x4.sqrt(a),
  rsqrt: (_, a) => f32x4.div(one, f32x4.sqrt(a)),
  reciprocal: (_, a) => f32x4.div(one, a),
  exp: (k, a) => floatMath.exp(k, a),
  log: (k, a) => floatMath.log(k, a),
  sin: (k, a) => floatMath.sin(k, a),
  cos: (k, a) => floatMath.cos(k, a),
  atan: (k, a) => floatMath.atan(k, a),
  tanh: (k, a) => floatMath.tanh(k, a),
  erf: (k, a) => floatMath.erf(k, a),
  sigmoid: (k, a) => floatMath.sigmoid(k, a),
  not: (_, a) => v128.and(f32x4.eq(a, zero), one),
  add: (_, a, b) => f32x4.add(a, b),
  sub: (_, a, b) => f32x4.sub(a, b),
  mul: (_, a, b) => f32x4.mul(a, b),
  div: (_, a, b) => f32x4.div(a, b),
  mod: floatByLane(floorModSingle),
  pow: (k, a, b) => floatMath.pow(k, a, b),
  min: (_, a, b) => f32x4.min(a, b),
  max: (_, a, b) => f32x4.max(a, b),
};

/** Truncates towards zero; by zero it gives 0, and the one quotient that does not fit wraps. */
const intDiv = intByLane((_, a, b) => {
  const unit = i32.const(1);
  const negates = i32.eq(b, i32.const(-1));
  const safe = choose(i32.or(i32.eqz(b), negates), unit, b);
  const quotient = choose(negates, i32.sub(i32.const(0), a), i32.divS(a, safe));
  return choose(i32.eqz(b), i32.const(0), quotient);
});

const intMod = intByLane((k, a, b) => {
  const rest = k.f.i32();
  const safe = choose(i32.or(i32.eqz(b), i32.eq(b, i32.const(-1))), i32.const(1), b);
  const wrong = i32.and(
    i32.ne(rest.get, i32.const(0)),
    i32.ltS(i32.xor(rest.get, b), i32.const(0)),
  );
  return seq(
    rest.set(i32.remS(a, safe)),
    choose(i32.eqz(b), i32.const(0), choose(wrong, i32.add(rest.get, b), rest.get)),
  );
});

/** a^b by squaring, modulo 2^32; for b < 0 only of 1 and -1 anything is left. */
const intPow = intByLane((k, a, b) => {
  const [base, rest, product] = [k.f.i32(), k.f.i32(), k.f.i32()] as [Local, Local, Local];
  const odd = i32.and(rest.get, i32.const(1));
  const unit = i32.or(i32.eq(base.get, i32.const(1)), i32.eq(base.get, i32.const(-1)));
  // 1 and -1 to a negative power are as to its absolute value; all others vanish.
  const vanishes = i32.and(i32.ltS(rest.get, i32.const(0)), i32.eqz(unit));
  return seq(
    base.set(a),
    rest.set(b),
    product.set(i32.const(1)),
    when(vanishes, seq(product.set(i32.const(0)), rest.set(i32.const(0)))),
    when(i32.ltS(rest.get, i32.const(0)), rest.set(odd)),
    block(
      loop(
        seq(
          branchIf(i32.eqz(rest.get), 1),
          when(odd, product.set(i32.mul(product.get, base.get))),
          base.set(i32.mul(base.get, base.get)),
          rest.set(i32.shrU(rest.get, i32.const(1))),
          [0x0c, 0],
        ),
      ),
    ),
    product.get,
  );
});

/** Functions of i32 lanes that give i32 lanes, before they wrap. */
const ints: Partial<Record<ScalarFunction, OnLanes>> = {
  neg: (_, a) => i32x4.neg(a),
  abs: (_, a) => i32x4.abs(a),
  sign: (_, a) => i32x4.minS(i32x4.maxS(a, i32x4.const(-1)), i32x4.const(1)),
  floor: (_, a) => a,
  ceil: (_, a) => a,
  round: (_, a) => a,
  not: (_, a) => v128.and(i32x4.eq(a, i32x4.const(0)), i32x4.const(1)),
  add: (_, a, b) => i32x4.add(a, b),
  sub: (_, a, b) => i32x4.sub(a, b),
  mul: (_, a, b) => i32x4.mul(a, b),
  div: intDiv,
  mod: intMod,
  pow: intPow,
  min: (_, a, b) => i32x4.minS(a, b),
  max: (_, a, b) => i32x4.maxS(a, b),
  and: (_, a, b) => v128.and(a, b),
  or: (_, a, b) => v128.or(a, b),
  xor: (_, a, b) => v128.xor(a, b),
  shiftLeft: intByLane((_, a, b) => i32.shl(a, b)),
  shiftRight: intByLane((_, a, b) => i32.shrS(a, b)),
  shiftRightLogical: intByLane((_, a, b) => i32.shrU(a, b)),
};

const none = i32x4.const(0);
const all = i32x4.const(-1);

/** Comparisons and tests give masks. */
const tests = {
  f32: {
    equal: (a: Code, b: Code) => f32x4.eq(a, b),
    less: (a: Code, b: Code) => f32x4.lt(a, b),
    isNaN: (a: Code) => f32x4.ne(a, a),
    isFinite: (a: Code) => f32x4.lt(f32x4.abs(a), f32x4.const(Number.POSITIVE_INFINITY)),
  },
  i32: {
    equal: (a: Code, b: Code) => i32x4.eq(a, b),
    less: (a: Code, b: Code) => i32x4.ltS(a, b),
    isNaN: () => none,
    isFinite: () => all,
  },
} as const;

/** A scalar function of lanes of one dtype. */
export function laneFunction(
  k: KernelFunction,
  { fn, dtype }: { fn: ScalarFunction; dtype: DType },
  [a, b = a]: readonly Value[],
): Value {
  const kind = (a as Value).kind as 'f32' | 'i32';
  const [x, y] = [(a as Value).code, (b as Value).code];
  if (fn in tests.f32) {
    const test = tests[kind][fn as keyof typeof tests.f32] as (a: Code, b: Code) => Code;
    return { kind: 'mask', code: test(x, y) };
  }
  if (kind === 'f32') {
    const of = floats[fn] as OnLanes;
    return { kind, code: rounded(k.f, of(k, x, y), dtype) };
  }
  const of = ints[fn];
  if (of) return { kind, code: wrapped(of(k, x, y), dtype) };
  // What is only defined on floats is computed there and truncated.
  const onFloats = floats[fn] as OnLanes;
  const [fx, fy] = [k.f.v128(), k.f.v128()];
  const code = seq(
    fx.set(f32x4.convertI32x4S(x)),
    fy.set(f32x4.convertI32x4S(y)),
    i32x4.truncSatF32x4S(onFloats(k, fx.get, fy.get)),
  );
  return { kind, code: wrapped(code, dtype) };
}
