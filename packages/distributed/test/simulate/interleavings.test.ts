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
  updatesAfter: 3,
} satisfies Omit<SimulationOptions, 'seed' | 'mode'>;

const kinds: Record<string, Omit<SimulationOptions, 'seed'>> = {
  'synchronous, all of three': { ...base, mode: 'sync', take: 3 },
  'synchronous with a backup and a straggler': { ...base, mode: 'sync', straggler: 5, leaves: 1 },
  'asynchronous, workers come and go': {
    ...base,
    mode: 'async',
    take: 1,
    maxStaleness: 4,
    leaves: 2,
  },
  'asynchronous with a clock bound': {
    ...base,
    mode: 'async',
    take: 1,
    maxStaleness: 6,
    clockBound: 1,
  },
  'asynchronous without staleness': { ...base, mode: 'async', take: 1, maxStaleness: 0 },
  'hybrid, two groups': {
    ...base,
    mode: 'hybrid',
    workers: 5,
    groups: 2,
    maxStaleness: 3,
    leaves: 1,
  },
  'synchronous, workers with new numbers for those that go': {
    ...base,
    mode: 'sync',
    joins: 3,
    departures: 3,
    leaves: 1,
  },
  'asynchronous, workers with new numbers for those that go': {
    ...base,
    mode: 'async',
    take: 1,
    maxStaleness: 6,
    clockBound: 2,
    joins: 4,
    departures: 4,
  },
  'hybrid, workers with new numbers for those that go': {
    ...base,
    mode: 'hybrid',
    workers: 4,
    groups: 2,
    maxStaleness: 3,
    joins: 3,
    departures: 6,
  },
  'a network that reorders widely': {
    ...base,
    mode: 'sync',
    network: { delay: [0.2, 15], loss: 0.01, duplication: 0.2 },
  },
  'many crashes': {
    ...base,
    mode: 'hybrid',
    workers: 4,
    groups: 2,
    maxStaleness: 2,
    crashes: 0.01,
  },
};

describe('seeded interleavings', function () {
  this.timeout(effort * 60_000);
  for (const [name, options] of Object.entries(kinds)) {
    it(`${name}: every invariant holds`, () => {
      const seeds = only === undefined ? [...Array(250 * effort).keys()] : [only];
      const reports = seeds.map((seed) => simulate({ ...options, seed }));
      const total = (key: 'updates' | 'crashes' | 'recoveries'): number =>
        reports.reduce((sum, report) => sum + report[key], 0);
      expect(total('updates')).to.be.at.least(seeds.length * options.updatesAfter);
      if (only === undefined)
        expect(Math.min(total('crashes'), total('recoveries'))).to.be.above(0);
    });
  }
});
