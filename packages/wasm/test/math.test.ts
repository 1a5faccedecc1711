import { expect } from 'chai';
import type { KernelFunction } from '../src/emit/kernel-function.js';
import type { Code } from '../src/encoder/code.js';
import { seq } from '../src/encoder/code.js';
import { supportsRelaxedSimd } from '../src/encoder/compile.js';
import { f64, i32 } from '../src/encoder/scalar.js';
import { v128 } from '../src/encoder/simd.js';
import { doubleMath, floatMath } from '../src/math/index.js';
import {
  doubleUlps,
  exactAtan,
  exactErf,
  exactExp,
  exactLog,
  exactPow,
  exactSigmoid,
  exactSin,
  exactTanh,
  fractionOf,
} from './exact-functions.js';
import { runKernel } from './run-kernel.js';

type Emit = (k: KernelFunction, a: Code, b: Code) => Code;
type Name = keyof typeof floatMath;
type Points = readonly (readonly [number, number])[];

/** Applies a function to pairs of numbers. */
function onLanes(of: Emit, points: Points, relaxedSimd: boolean): Float32Array {
  const length = Math.ceil(points.length / 4) * 4;
  const operand = (which: 0 | 1) =>
    Float32Array.from({ length }, (_, i) => points[i]?.[which] ?? 1);
  const out = new Float32Array(length);
  const body = (k: KernelFunction): Code =>
    k.f.for({ to: i32.const(4 * length), step: 16 }, (i) => {
      const [a, b] = [k.f.v128(), k.f.v128()];
      const at = (base: Code | undefined) => i32.add(base as Code, i.get);
      return seq(
        a.set(v128.load(at(k.inputs[0]?.get))),
        b.set(v128.load(at(k.inputs[1]?.get))),
        v128.store(at(k.outputs[0]?.get), of(k, a.get, b.get)),
      );
    });
  runKernel(body, { inputs: [operand(0), operand(1)], outputs: [out], relaxedSimd });
  return out.subarray(0, points.length);
}

function onDoubles(of: Emit, points: Points): Float64Array {
  const out = new Float64Array(points.length);
  const operand = (which: 0 | 1) => Float64Array.from(points, (point) => point[which]);
  const body = (k: KernelFunction): Code =>
    k.f.for({ to: i32.const(8 * points.length), step: 8 }, (i) => {
      const [a, b] = [k.f.local('f64'), k.f.local('f64')];
      const at = (base: Code | undefined) => i32.add(base as Code, i.get);
      return seq(
        a.set(f64.load(at(k.inputs[0]?.get))),
        b.set(f64.load(at(k.inputs[1]?.get))),
        f64.store(at(k.outputs[0]?.get), of(k, a.get, b.get)),
      );
    });
  runKernel(body, { inputs: [operand(0), operand(1)], outputs: [out] });
  return out;
}

/** A sequence that fills the unit interval evenly, so that failures repeat. */
function* weyl(start: number): Generator<number> {
  for (let n = 1; ; n++) yield (start + n * 0.6180339887498949) % 1;
}

const between = (low: number, high: number) => (u: number) => low + u * (high - low);
/** Either sign, by powers of two. */
const magnitudes = (low: number, high: number) => (u: number) =>
  (u < 0.5 ? -1 : 1) * 2 ** (low + ((2 * u) % 1) * (high - low));

function sample(count: number, ...of: readonly ((u: number) => number)[]): number[] {
  const u = weyl(0.123);
  return of.flatMap((draw) => Array.from({ length: count }, () => draw(u.next().value as number)));
}

function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 2 ** -40) return (2 / Math.sqrt(Math.PI)) * x;
  return size < 10 ? Number(exactErf(fractionOf(x)) >> 348n) / 2 ** 100 : Math.sign(x);
}

interface Row {
  readonly reference: (a: number, b: number) => number;
  /** Units in the last place: of f32 and of f64. */
  readonly ulps: readonly [number, number];
  readonly exact: (a: number, b: number) => bigint;
  readonly draws: readonly ((u: number) => number)[];
  /** Where the double function is compared: exact values are fractions of fixed size. */
  readonly double: readonly ((u: number) => number)[];
}

const sides = [between(-10, 10), between(-1, 1), magnitudes(-60, 8)];
const rows: Record<Exclude<Name, 'pow'>, Row> = {
  exp: {
    reference: Math.exp,
    ulps: [1.1, 1],
    exact: (x) => exactExp(fractionOf(x)),
    draws: [between(-104, 89), between(-1, 1), magnitudes(-149, 7)],
    double: [between(-200, 700), between(-1, 1), magnitudes(-60, 7)],
  },
  log: {
    reference: Math.log,
    ulps: [1, 1],
    exact: (x) => exactLog(fractionOf(x)),
    draws: [between(0, 3), between(0.5, 1.5), (u) => 2 ** (-149 + 276 * u)],
    double: [between(0.1, 3), between(0.5, 1.5), (u) => 2 ** (-200 + 1200 * u)],
  },
  sin: {
    reference: Math.sin,
    ulps: [1.6, 1.4],
    exact: (x) => exactSin(x),
    draws: [between(-4, 4), between(-1e4, 1e4), magnitudes(-149, 127.9)],
    double: [between(-4, 4), between(-1e7, 1e7), magnitudes(-60, 1023)],
  },
  cos: {
    reference: Math.cos,
    ulps: [1.6, 1.4],
    exact: (x) => exactSin(x, 1n),
    draws: [between(-4, 4), between(-1e4, 1e4), magnitudes(-149, 127.9)],
    double: [between(-4, 4), between(-1e7, 1e7), magnitudes(-60, 1023)],
  },
  atan: {
    reference: Math.atan,
    ulps: [2.1, 2],
    exact: (x) => exactAtan(fractionOf(x)),
    draws: [...sides, magnitudes(-149, 127.9)],
    double: sides,
  },
  tanh: {
    reference: Math.tanh,
    ulps: [2, 2],
    exact: (x) => exactTanh(fractionOf(x)),
    draws: [...sides, magnitudes(-149, 127.9)],
    double: sides,
  },
  erf: {
    reference: erf,
    ulps: [2, 2],
    exact: (x) => exactErf(fractionOf(x)),
    draws: [between(-4, 4), between(-1, 1), magnitudes(-60, 2.5)],
    double: [between(-6, 6), between(-1, 1), magnitudes(-60, 2.5)],
  },
  sigmoid: {
    reference: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
    ulps: [2.2, 2],
    exact: (x) => exactSigmoid(fractionOf(x)),
    draws: [between(-104, 20), ...sides],
    double: [between(-150, 20), ...sides],
  },
};

const specials = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  3,
  -3,
  2.5,
  -7,
  100,
  -100,
  710,
  -746,
  2 ** 24,
  2 ** 24 - 1,
  1e10,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  -(2 ** 127),
  2 ** 127,
  2 ** -1074,
  -(2 ** -1074),
  1.7e308,
  -1.7e308,
  2 ** 53 - 1,
];

function floatUlps(x: number, reference: number): number {
  const size = Math.max(Math.abs(Math.fround(reference)), 2 ** -126);
  return Math.abs(x - reference) / 2 ** (Math.floor(Math.log2(size)) - 23);
}

/** What is exact: not a number that rounds. */
const isEnd = (x: number): boolean => !Number.isFinite(x) || x === 0;

function expectEnds(of: Float32Array | Float64Array, points: Points, expected: readonly number[]) {
  const found = points.map((point, i) => [...point, of[i]]);
  const wrong = found.filter((row, i) => {
    const value = expected[i] as number;
    return isEnd(value) && !Object.is(row[2], value);
  });
  expect(wrong).to.deep.equal([]);
}

const powPoints = (count: number): Points => {
  const [u, v] = [weyl(0.1), weyl(0.5)];
  const next = (from: Generator<number>) => from.next().value as number;
  const pair = (a: (u: number) => number, b: (u: number) => number) => () =>
    [a(next(u)), b((next(v) * 17.3) % 1)] as const;
  const pairs = [
    pair(between(0, 4), between(-60, 60)),
    pair((x) => 2 ** between(-140, 120)(x), between(-1, 1)),
    pair(between(0.99, 1.01), between(-5000, 5000)),
    pair(between(-9, 9), (x) => Math.round(between(-30, 30)(x))),
  ];
  return pairs.flatMap((draw) => Array.from({ length: count }, draw));
};
const powSpecials: Points = specials.flatMap((a) => specials.map((b) => [a, b] as const));
const exactDoublePow = (a: number, b: number) => exactPow(fractionOf(a), fractionOf(b));
const modes = () => (supportsRelaxedSimd() ? [false, true] : [false]);

function expectWithin(ulps: number, points: Points, errors: readonly number[]): void {
  const worst = errors.reduce((a, b) => Math.max(a, b), 0);
  expect(worst, `at ${points[errors.indexOf(worst)]}`).to.be.below(ulps);
}

type Of = (a: number, b: number) => number;

function checkLanes(of: Emit, { points, ulps, reference }: Case): void {
  const rounded = points.map(([a, b]) => [Math.fround(a), Math.fround(b)] as const);
  const expected = rounded.map(([a, b]) => reference(a, b));
  for (const relaxed of modes()) {
    const found = onLanes(of, rounded, relaxed);
    expectEnds(found, rounded, expected.map(Math.fround));
    const error = (x: number, i: number) =>
      isEnd(Math.fround(x)) ? 0 : floatUlps(found[i] as number, x);
    expectWithin(ulps, rounded, expected.map(error));
  }
}

interface Case {
  readonly points: Points;
  readonly ulps: number;
  readonly reference: Of;
}

function checkDoubles(of: Emit, points: Points, row: Pick<Row, 'exact' | 'ulps'>): void {
  const found = onDoubles(of, points);
  const error = ([a, b]: Points[number], i: number) =>
    doubleUlps(found[i] as number, row.exact(a, b));
  expectWithin(row.ulps[1], points, points.map(error));
}

function checkDoubleEnds(of: Emit, points: Points, reference: Of): void {
  expectEnds(
    onDoubles(of, points),
    points,
    points.map(([a, b]) => reference(a, b)),
  );
}

const alone = (xs: readonly number[]): Points => xs.map((x) => [x, 1] as const);

describe('mathematics of kernels', () => {
  for (const [name, row] of Object.entries(rows) as [Exclude<Name, 'pow'>, Row][]) {
    const { ulps, reference } = row;
    it(`${name} of float32 is within ${ulps[0]} ulp, and exact at the ends`, () => {
      const points = alone([...sample(5000, ...row.draws), ...specials]);
      checkLanes(floatMath[name], { points, ulps: ulps[0], reference });
    });

    it(`${name} of float64 is within ${ulps[1]} ulp, and exact at the ends`, () => {
      checkDoubles(doubleMath[name], alone(sample(300, ...row.double)), row);
      checkDoubleEnds(doubleMath[name], alone(specials), reference);
    });
  }

  it('pow of float32 is within 1 ulp, and exact at the ends', () => {
    const points = [...powPoints(5000), ...powSpecials];
    checkLanes(floatMath.pow, { points, ulps: 1, reference: (a, b) => a ** b });
  });

  it('pow of float64 is within 1 ulp, and exact at the ends', () => {
    const positive = powPoints(300).map(([a, b]) => [Math.abs(a), b] as const);
    const representable = positive.filter(([a, b]) => Math.abs(b * Math.log2(a)) < 200);
    checkDoubles(doubleMath.pow, representable, { exact: exactDoublePow, ulps: [1, 1] });
    checkDoubleEnds(doubleMath.pow, powSpecials, (a, b) => a ** b);
  });
});
