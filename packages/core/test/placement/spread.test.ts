import { splitRows, spreadByBytes, storagePlan } from '@tenon/core';
import { expect } from 'chai';
import fc from 'fast-check';
import { randomRuns } from '../random-runs.js';

const servers = ['ps:0', 'ps:1', 'ps:2'];

const loads = (devices: readonly string[], sizes: readonly number[], homes: readonly string[]) =>
  devices.map((device) =>
    sizes.reduce((sum, bytes, i) => sum + (homes[i] === device ? bytes : 0), 0),
  );

/** The least that the fullest device can have. */
function best(sizes: readonly number[], held: readonly number[]): number {
  const [first, ...rest] = sizes;
  if (first === undefined) return Math.max(...held);
  return Math.min(
    ...held.map((_, i) =>
      best(
        rest,
        held.map((bytes, k) => (k === i ? bytes + first : bytes)),
      ),
    ),
  );
}

describe('spreading by bytes', () => {
  it('gives each device about as much: within 4/3 - 1/(3 devices) of the best', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 3 }), (bytes, count) => {
        const devices = servers.slice(0, count);
        const homes = spreadByBytes(
          bytes.map((size) => ({ bytes: size })),
          devices,
        );
        const fullest = Math.max(...loads(devices, bytes, homes));
        const bound = 4 / 3 - 1 / (3 * count);
        const least = best(
          bytes,
          devices.map(() => 0),
        );
        expect(fullest)
          .to.be.at.least(least)
          .and.at.most(bound * least + 1e-9);
      }),
      randomRuns(60),
    );
  });

  it('counts what devices hold already, and keeps to the devices of an item', () => {
    const held = new Map([['ps:0', 100]]);
    const items = [{ bytes: 10 }, { bytes: 60 }, { bytes: 5, devices: ['ps:0'] }];
    expect(spreadByBytes(items, ['ps:0', 'ps:1'], held)).to.deep.equal(['ps:1', 'ps:1', 'ps:0']);
  });

  it('splits rows into ranges that cover them once', () => {
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.integer({ min: 1, max: 3 }), (rows, count) => {
        const ranges = splitRows(rows, servers.slice(0, count));
        const covered = ranges.flatMap(({ begin, end }) =>
          Array.from({ length: end - begin }, (_, i) => begin + i),
        );
        expect(covered).to.deep.equal(Array.from({ length: rows }, (_, i) => i));
        const lengths = ranges.map(({ begin, end }) => end - begin);
        expect(Math.max(0, ...lengths) - Math.min(...lengths, Math.max(0, ...lengths))).to.be.below(
          2,
        );
      }),
      randomRuns(60),
    );
  });

  it('splits variables above their share, and spreads the others beside them', () => {
    const variables = [
      { rows: 5, rowBytes: 400 },
      { rows: 1, rowBytes: 40 },
      { rows: 10, rowBytes: 3 },
    ];
    const [first, second] = servers as [string, string];
    expect(storagePlan(variables, [first, second])).to.deep.equal([
      [
        { device: first, begin: 0, end: 3 },
        { device: second, begin: 3, end: 5 },
      ],
      [{ device: second, begin: 0, end: 1 }],
      [{ device: second, begin: 0, end: 10 }],
    ]);
    const whole = storagePlan(variables, [first, second], { largestShare: 1 });
    expect(whole.map((ranges) => ranges.map(({ device }) => device))).to.deep.equal([
      [first],
      [second],
      [second],
    ]);
  });
});
