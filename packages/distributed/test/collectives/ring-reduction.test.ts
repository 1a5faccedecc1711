import type { GraphError } from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type BucketSpec,
  type ElementKind,
  type Elements,
  RingReduction,
} from '../../src/collectives/index.js';
import { type Contributions, summed } from './simulated-ring.js';

const numRuns = 60 * Number(process.env.TENON_RUNS ?? 1);

/** Numbers below 1 from a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array };
const roundoff = { float32: 2 ** -23, float64: 2 ** -52, int32: 0 };

const aBucket = fc.record({
  kind: fc.constantFrom<ElementKind>('float32', 'float64', 'int32'),
  length: fc.oneof(fc.nat(9), fc.nat(300)),
});

const aRing = fc.record({
  size: fc.integer({ min: 1, max: 8 }),
  buckets: fc.array(aBucket, { minLength: 1, maxLength: 4 }),
  pieceBytes: fc.constantFrom(4, 24, 256, 4096),
  seed: fc.nat(),
});

interface Shape {
  readonly size: number;
  readonly buckets: readonly BucketSpec[];
}

const contributions = (
  { size, buckets }: Shape,
  rounds: number,
  random: () => number,
): Contributions =>
  Array.from({ length: rounds }, () =>
    Array.from({ length: size }, () =>
      buckets.map(
        ({ kind, length }) =>
          new arrays[kind](
            Array.from({ length }, () => (random() - 0.5) * 2 ** (4 + 6 * random())),
          ),
      ),
    ),
  );

describe('the reduction over a ring', () => {
  it('gives every replica the sum, to rounding, for any sizes, kinds and order of arrival', () => {
    fc.assert(
      fc.property(aRing, ({ seed, ...ring }) => {
        const random = randomOf(seed);
        const rounds = contributions(ring, 3, random);
        const sums = summed({ ...ring, random }, rounds);
        const last = rounds.at(-1) as Contributions[number];
        ring.buckets.forEach(({ kind, length }, bucket) => {
          for (let i = 0; i < length; i++) {
            const parts = last.map((values) => Number((values[bucket] as Elements)[i]));
            const exact = parts.reduce((sum, part) => sum + part, 0);
            const size = parts.reduce((sum, part) => sum + Math.abs(part), 0);
            const bound = ring.size * roundoff[kind] * size;
            for (const own of sums)
              expect((own[bucket] as Elements)[i]).to.be.closeTo(exact, bound);
          }
        });
      }),
      { numRuns },
    );
  });

  it('gives the same bits on every replica and whatever comes first', () => {
    fc.assert(
      fc.property(aRing, fc.constantFrom('exact', 'bfloat16'), ({ seed, ...ring }, wire) => {
        const rounds = contributions(ring, 2, randomOf(seed));
        const sums = summed({ ...ring, wire, random: randomOf(seed + 1) }, rounds);
        const again = summed({ ...ring, wire, random: randomOf(seed + 2) }, rounds);
        for (const own of [...sums, ...again]) expect(own).to.deep.equal(sums[0]);
      }),
      { numRuns },
    );
  });

  it('keeps half of the bits on a bfloat16 wire, and all of those that fit', () => {
    const random = randomOf(7);
    const bucket: BucketSpec = { kind: 'float32', length: 1000 };
    const ring = { size: 4, buckets: [bucket], wire: 'bfloat16', random } as const;
    const rounds = contributions(ring, 1, random);
    const [sums] = summed(ring, rounds) as [[Float32Array]];
    const worst = (sums[0] as Float32Array).reduce((most, value, i) => {
      const parts = (rounds[0] ?? []).map(([values]) => Number(values?.[i]));
      const exact = parts.reduce((sum, part) => sum + part, 0);
      const scale = parts.reduce((sum, part) => sum + Math.abs(part), 0);
      return Math.max(most, Math.abs(value - exact) / scale);
    }, 0);
    expect(worst).to.be.within(2 ** -16, 4 * 2 ** -8);
    const small = [[1, 2, 3, 4].map((value) => [new Float32Array(5).fill(value)])];
    const whole: BucketSpec = { kind: 'float32', length: 5 };
    expect(summed({ ...ring, buckets: [whole] }, small)[2]).to.deep.equal([
      new Float32Array(5).fill(10),
    ]);
  });

  it('refuses a second contribution before the end, other sizes, and frames that can not be', () => {
    const values = new Float32Array(3);
    const frame = { round: 1, bucket: 0, piece: 0, hop: 0, values };
    const ring = new RingReduction({
      rank: 1,
      size: 2,
      buckets: [{ kind: 'float32', length: 6 }],
      pieceBytes: 1024,
      wire: 'exact',
      send: () => {},
    });
    const code = (act: () => void): string => {
      try {
        act();
      } catch (error) {
        return (error as GraphError).code;
      }
      return 'none';
    };
    const refused = [
      () => ring.contribute(0, [new Float32Array(5)]),
      () => ring.contribute(0, [new Float64Array(6)]),
      () => ring.contribute(1, [new Float32Array(5)]),
      () => ring.take({ ...frame, piece: 1 }),
      () => ring.take({ ...frame, piece: 2 }),
      () => ring.take({ ...frame, bucket: 3 }),
      () => ring.take({ ...frame, hop: 2 }),
      () => ring.take({ ...frame, round: 2 }),
      () => ring.take({ ...frame, values: new Float32Array(4) }),
      () => ring.take({ ...frame, values: new Uint16Array(3) }),
      () => ring.contribute(0, [new Float32Array(2), new Float32Array(4)]),
      () => ring.contribute(0, [new Float32Array(6)]),
      () => ring.take(frame),
    ].map(code);
    expect(refused).to.deep.equal([
      'SHAPE_MISMATCH',
      'SHAPE_MISMATCH',
      'INDEX_OUT_OF_RANGE',
      ...Array(7).fill('FORMAT_INVALID'),
      'none',
      'STATE_INVALID',
      'none',
    ]);
  });
});
