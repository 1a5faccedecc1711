import { expect } from 'chai';
import fc from 'fast-check';
import { type Lifetime, planMemory } from '../../src/lower/memory-plan.js';
import { randomRuns } from '../random-runs.js';

const lifetime = fc
  .record({ bytes: fc.nat({ max: 5000 }), first: fc.nat({ max: 40 }), length: fc.nat({ max: 20 }) })
  .map(({ bytes, first, length }): Lifetime => ({ bytes, first, last: first + length }));

/** Pairs that live at one time and share a byte. */
function collisions(
  lifetimes: readonly Lifetime[],
  offsets: readonly number[],
): [number, number][] {
  return lifetimes.flatMap((a, i) =>
    lifetimes.slice(0, i).flatMap((b, j): [number, number][] => {
      const together = a.first <= b.last && b.first <= a.last;
      const [from, to] = [offsets[i] as number, offsets[j] as number];
      return together && from < to + b.bytes && to < from + a.bytes ? [[j, i]] : [];
    }),
  );
}

/** What a training step of a chain of layers keeps: each activation until its gradient, and the gradients in between. */
function trainingStep(sizes: readonly number[]): Lifetime[] {
  const last = 2 * sizes.length;
  const activations = sizes.map((bytes, i) => ({ bytes, first: i, last: last - i }));
  const gradients = sizes.map((bytes, i) => ({ bytes, first: last - i - 1, last: last - i }));
  const weights = sizes.map((bytes, i) => ({ bytes: bytes >> 2, first: last - i, last: last + 1 }));
  return [...activations, ...gradients, ...weights];
}

describe('the memory plan', () => {
  it('never lets values that live at one time share memory', () => {
    fc.assert(
      fc.property(fc.array(lifetime, { maxLength: 60 }), (lifetimes) => {
        const { offsets, bytes, leastBytes } = planMemory(lifetimes);
        expect(collisions(lifetimes, offsets)).to.deep.equal([]);
        const ends = lifetimes.map((one, i) => (offsets[i] as number) + one.bytes);
        expect(Math.max(0, ...ends)).to.be.at.most(bytes);
        expect(bytes).to.be.at.least(leastBytes);
        expect(offsets.every((offset) => offset % 64 === 0)).to.equal(true);
      }),
      randomRuns(300),
    );
  });

  // Bytes of activations, layer by layer: a perceptron, a small convnet, a deep net that narrows, a bottleneck.
  const chains = [
    [401_408, 262_144, 262_144, 5120],
    [401_408, 11_075_584, 2_768_896, 3_964_928, 819_200, 819_200, 5120],
    [8, 8, 4, 4, 4, 2, 2, 2, 2, 1].map((k) => k * 131_072),
    [512, 256, 64, 16, 64, 256, 512].map((k) => k * 1024),
  ];
  for (const chain of chains) {
    it(`needs at most 1.1 times the bound for a training step over ${chain.length} layers`, () => {
      const { bytes, leastBytes } = planMemory(trainingStep(chain));
      expect(bytes / leastBytes).to.be.at.most(1.1);
    });
  }

  it('stays near the bound for random chains of layers, where the bound itself can be out of reach', () => {
    const size = fc.integer({ min: 1, max: 400 }).map((k) => k * 1024);
    fc.assert(
      fc.property(fc.array(size, { minLength: 2, maxLength: 24 }), (sizes) => {
        const { bytes, leastBytes } = planMemory(trainingStep(sizes));
        expect(bytes / leastBytes).to.be.at.most(1.15);
      }),
      randomRuns(200),
    );
  });
});
