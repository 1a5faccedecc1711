import { type SimulationOptions, simulate } from '@tenon/distributed';
import { expect } from 'chai';

const effort = Number(process.env.TENON_RUNS ?? 1);
/** `SEED=` repeats one run of each kind. */
const only = process.env.SEED === undefined ? undefined : Number(process.env.SEED);

const base = {
  workers: 3,
  shards: 2,
  take: 2,
  checkpointEvery: 3,
  network: { delay: [0.2, 6], loss: 0.03, duplication: 0.05 },
  crashes: 0.004,
  cuts: 2,
  leaves: 0,
  faultTime: 200,
  updatesAfter: 0,
} satisfies Omit<SimulationOptions, 'seed' | 'mode'>;

const wide = { delay: [0.2, 25], loss: 0.03, duplication: 0.25 } as const;
const groups = { ...base, mode: 'hybrid', workers: 6, groups: 2, straggler: 5 } as const;

const kinds: Record<string, Omit<SimulationOptions, 'seed'>> = {
  'synchronous, all of three': { ...base, mode: 'sync', take: 3 },
  'synchronous with two backups': { ...base, mode: 'sync', workers: 4, straggler: 5, leaves: 1 },
  'synchronous, many crashes': { ...base, mode: 'sync', workers: 4, crashes: 0.01 },
  'synchronous, reordered widely': { ...base, mode: 'sync', take: 3, network: wide },
  asynchronous: { ...base, mode: 'async', take: 1, maxStaleness: 4, straggler: 5, leaves: 2 },
  'asynchronous, in step': { ...base, mode: 'async', take: 1, maxStaleness: 2, clockBound: 0 },
  'asynchronous, reordered widely': {
    ...base,
    mode: 'async',
    take: 1,
    maxStaleness: 4,
    network: wide,
  },
  'two groups with a backup each': { ...groups, maxStaleness: 1 },
  'two groups of which one is far too slow': { ...groups, workers: 5, maxStaleness: 3, leaves: 1 },
  'three groups in step': { ...groups, groups: 3, maxStaleness: 3, clockBound: 1, crashes: 0.01 },
};

const ends: Record<string, (seed: number) => NonNullable<SimulationOptions['epoch']>> = {
  'of 6 to 45 batches': (seed) => ({ batches: 6 + ((seed * 13) % 40) }),
  'that is cut in the midst of it': (seed) => ({ batches: 40, cutTime: 30 + ((seed * 37) % 180) }),
};

describe('seeded interleavings of an epoch', function () {
  this.timeout(effort * 60_000);
  for (const [name, options] of Object.entries(kinds)) {
    for (const [end, epoch] of Object.entries(ends)) {
      it(`${name}, ${end}: every example is applied once, and no update waits for ever`, () => {
        const seeds = only === undefined ? [...Array(100 * effort).keys()] : [only];
        const reports = seeds.map((seed) => simulate({ ...options, seed, epoch: epoch(seed) }));
        if (only !== undefined) return;
        const total = (key: 'updates' | 'crashes' | 'recoveries'): number =>
          reports.reduce((sum, report) => sum + report[key], 0);
        expect(total('updates')).to.be.above(seeds.length / 2);
        expect(Math.min(total('crashes'), total('recoveries'))).to.be.above(0);
      });
    }
  }
});
