import { expect } from 'chai';
import {
  dropout,
  multinomial,
  randomBernoulli,
  randomGamma,
  randomNormal,
  randomPermutation,
  randomUniform,
  Session,
  type Tensor,
  truncatedNormal,
} from '../../../src/index.js';

const count = 20000;
const shape = [100, 200];
const bins = 16;

/** 15 degrees of freedom exceed this once in 10^5. */
const chiSquareLimit = 49.5;

function drawn(tensor: Tensor): number[] {
  const session = new Session({ seed: 11 });
  const values = Array.from(session.runSync(tensor).data as Float32Array, Number);
  session.close();
  return values;
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length };
}

/** How far numbers from [0, 1) are from even, over bins of one size. */
function chiSquare(values: readonly number[]): number {
  const seen = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor(value * bins));
    seen[bin] = (seen[bin] as number) + 1;
  }
  const wanted = values.length / bins;
  return seen.reduce((sum, n) => sum + (n - wanted) ** 2 / wanted, 0);
}

/** P(z < x) of a standard normal z, by Simpson's rule. */
function normalProbability(x: number): number {
  const steps = 40;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += (i % 2 ? 4 : 2) * density((x * i) / steps);
  return 0.5 + (sum * x) / (3 * steps);
}

/** The mean is within five standard errors, the variance within a twentieth. */
function expectMoments(values: readonly number[], mean: number, variance: number): void {
  const found = moments(values);
  expect(found.mean).to.be.closeTo(mean, 5 * Math.sqrt(variance / values.length));
  expect(found.variance / variance).to.be.closeTo(1, 0.05);
}

describe('random numbers', () => {
  for (const dtype of ['float32', 'float64', 'float16', 'bfloat16'] as const) {
    it(`randomUniform fills its range evenly in ${dtype}`, () => {
      const values = drawn(randomUniform({ shape, dtype, seed: 1 }));
      expect(values.every((x) => x >= 0 && x < 1)).to.equal(true);
      expect(chiSquare(values)).to.be.below(chiSquareLimit);
    });

    it(`randomNormal has mean, deviation and form in ${dtype}`, () => {
      const values = drawn(randomNormal({ shape, dtype, seed: 2 }));
      expectMoments(values, 0, 1);
      if (dtype.startsWith('float') && dtype !== 'float16')
        expect(chiSquare(values.map(normalProbability))).to.be.below(chiSquareLimit);
    });
  }

  it('randomUniform draws whole numbers evenly', () => {
    const values = drawn(randomUniform({ shape, minval: -8, maxval: 8, dtype: 'int32', seed: 3 }));
    expect(new Set(values).size).to.equal(16);
    expect(chiSquare(values.map((x) => (x + 8.5) / 16))).to.be.below(chiSquareLimit);
  });

  it('randomNormal takes mean and deviation', () => {
    expectMoments(drawn(randomNormal({ shape, mean: 3, stdDev: 0.5, seed: 4 })), 3, 0.25);
  });

  for (const dtype of ['float32', 'float64'] as const) {
    it(`truncatedNormal is the middle of a normal distribution in ${dtype}`, () => {
      const values = drawn(truncatedNormal({ shape, dtype, seed: 5 }));
      expect(values.every((x) => Math.abs(x) <= 2)).to.equal(true);
      expectMoments(values, 0, 0.7737);
      const outside = normalProbability(-2);
      const even = values.map((x) => (normalProbability(x) - outside) / (1 - 2 * outside));
      expect(chiSquare(even)).to.be.below(chiSquareLimit);
    });
  }

  for (const [alpha, beta] of [
    [2, 3],
    [1, 1],
    [0.5, 2],
  ] as const) {
    it(`randomGamma has mean and variance of alpha ${alpha}, beta ${beta}`, () => {
      const values = drawn(randomGamma({ shape, alpha, beta, seed: 6 }));
      const [mean, variance] = [alpha / beta, alpha / beta ** 2];
      expect(moments(values).mean).to.be.closeTo(mean, 5 * Math.sqrt(variance / count));
      expect(moments(values).variance / variance).to.be.closeTo(1, 0.1);
      if (alpha === 1)
        expect(chiSquare(values.map((x) => 1 - Math.exp(-x)))).to.be.below(chiSquareLimit);
    });
  }

  it('randomBernoulli takes a probability for each element', () => {
    const values = drawn(randomBernoulli([0.1, 0.7], { shape: [10000, 2], seed: 7 }));
    const part = (column: number) => moments(values.filter((_, i) => i % 2 === column)).mean;
    expect(part(0)).to.be.closeTo(0.1, 0.015);
    expect(part(1)).to.be.closeTo(0.7, 0.023);
  });

  it('multinomial draws outcomes by logits and by probabilities', () => {
    const odds = [0.1, 0.2, 0.7];
    const parts = (values: readonly number[]) =>
      odds.map((_, outcome) => values.filter((x) => x === outcome).length / values.length);
    const logits = odds.map((p) => Math.log(p) + 4);
    const byLogits = drawn(multinomial(logits, { numSamples: count, seed: 8 }));
    const byOdds = drawn(multinomial(odds, { numSamples: count, seed: 9, normalized: true }));
    for (const found of [parts(byLogits), parts(byOdds)])
      found.forEach((part, i) => {
        expect(part).to.be.closeTo(odds[i] as number, 0.016);
      });
  });

  it('dropout keeps the mean', () => {
    const values = drawn(dropout(new Float32Array(count).fill(1), { rate: 0.25, seed: 10 }));
    expect(new Set(values).size).to.equal(2);
    expectMoments(values, 1, 1 / 3);
  });

  it('dropout with a noise shape shares the mask', () => {
    const ones = Array.from({ length: 6 }, () => [1, 1, 1, 1]);
    const values = drawn(dropout(ones, { rate: 0.5, noiseShape: [null, 1], seed: 10 }));
    const rows = Array.from({ length: 6 }, (_, r) => new Set(values.slice(4 * r, 4 * r + 4)).size);
    expect(rows).to.deep.equal([1, 1, 1, 1, 1, 1]);
    expect(new Set(values)).to.deep.equal(new Set([0, 2]));
  });

  it('randomPermutation puts every number everywhere', () => {
    const session = new Session({ seed: 11 });
    const permutation = session.prepare(randomPermutation({ size: 4, seed: 11 }));
    const first = [0, 0, 0, 0];
    for (let i = 0; i < 400; i++) {
      const at = Number(permutation.sync().data[0]);
      first[at] = (first[at] as number) + 1;
    }
    session.close();
    for (const n of first) expect(n).to.be.within(60, 140);
  });
});
