import {
  publishedCosts,
  type ScaleModel,
  type ScaleOptions,
  simulateScale,
} from '@tenon/distributed';
import { expect } from 'chai';
import { drawComputeTime, workerRandom } from '../../src/scale/cluster/compute-time.js';
import { freeCosts } from './free-costs.js';

const jitter = { median: 1, spread: 0.3, tail: { probability: 0.05, factor: 2, shape: 3 } };
const steady = { median: 1, spread: 0 };
const small: ScaleModel = { denseBytes: 64, examplesPerStep: 10, computeTime: jitter };
const dense: ScaleModel = { denseBytes: 1e8, examplesPerStep: 10, computeTime: steady };
const base = { model: small, workers: 8, parameterServers: 2, steps: 12 } satisfies ScaleOptions;

/** The r-th step times of all workers, in ascending order. */
function draws(workers: number, round: number, seed = 0): number[] {
  const times = Array.from({ length: workers }, (_, worker) => {
    const random = workerRandom(seed, worker);
    for (let i = 0; i < round; i++) drawComputeTime(jitter, random);
    return drawComputeTime(jitter, random);
  });
  return times.sort((a, b) => a - b);
}

describe('simulateScale', () => {
  it('repeats itself for a seed, in every mode', () => {
    for (const mode of ['sync', 'async', 'hybrid'] as const) {
      const options = { ...base, mode, groups: mode === 'hybrid' ? 2 : 1 };
      expect(simulateScale(options)).to.deep.equal(simulateScale(options));
      expect(simulateScale({ ...options, seed: 1 })).to.not.deep.equal(simulateScale(options));
    }
  });

  it('where all else is free, a synchronous step takes as long as the slowest worker, with backups as the m-th', () => {
    for (const backups of [0, 1, 3]) {
      const report = simulateScale({ ...base, costs: freeCosts, backups, warmUp: 1, steps: 1 });
      // Round 0 is the first update, round 1 the warm-up.
      const expected = draws(base.workers, 2)[base.workers - 1 - backups] as number;
      expect(report.stepTime.median, `${backups} backups`).to.be.closeTo(expected, 1e-9);
      expect(report.unusedSteps).to.be.closeTo(backups / base.workers, 1e-9);
    }
  });

  it('backups shorten steps with stragglers, and do not where there are none', () => {
    const time = (model: ScaleModel, backups: number): number =>
      simulateScale({ ...base, model, workers: 20 + backups, backups, steps: 60 }).stepTime.median;
    expect(time(small, 2) / time(small, 0)).to.be.below(0.9);
    expect(time(dense, 2) / time(dense, 0)).to.be.above(0.99);
  });

  it('a worker that was dropped is there again in the next round', () => {
    // Servers that take their time: it asks for work before the round that dropped it is over.
    const model = { ...dense, computeTime: jitter };
    const report = simulateScale({ ...base, model, workers: 10, backups: 2, steps: 30 });
    expect(report.unusedSteps).to.be.closeTo(0.2, 0.01);
  });

  it('asynchronous workers are as old as the number of others, and one alone is never old', () => {
    const staleness = (workers: number) =>
      simulateScale({ ...base, mode: 'async', workers }).staleness;
    expect(staleness(1)).to.equal(0);
    expect(staleness(8)).to.be.closeTo(7, 0.5);
  });

  it('gradients that are too old are dropped, and count as unused', () => {
    const { staleness, unusedSteps } = simulateScale({ ...base, mode: 'async', maxStaleness: 4 });
    expect(staleness).to.be.at.most(4);
    expect(unusedSteps).to.be.within(0.1, 0.9);
  });

  it('one group is synchronous, groups of one are asynchronous', () => {
    const sync = simulateScale(base);
    const hybrid = simulateScale({ ...base, mode: 'hybrid' });
    expect(hybrid.stepTime).to.deep.equal(sync.stepTime);
    const async = simulateScale({ ...base, mode: 'async' });
    const single = simulateScale({ ...base, mode: 'hybrid', groups: base.workers });
    expect(single.examplesPerSecond / async.examplesPerSecond).to.be.closeTo(1, 0.02);
  });

  it('more workers make a synchronous step longer and give more examples, up to a roof', () => {
    const reports = [1, 2, 4, 8, 16, 32].map((workers) =>
      simulateScale({ ...base, model: dense, workers, steps: 4 }),
    );
    for (const [i, report] of reports.slice(1).entries()) {
      const fewer = reports[i] as typeof report;
      expect(report.stepTime.median).to.be.above(fewer.stepTime.median);
      expect(report.examplesPerSecond).to.be.above(fewer.examplesPerSecond);
      expect(report.examplesPerSecond).to.be.below(2 * fewer.examplesPerSecond);
    }
  });

  it('a sparse step does not depend on the size of the table', () => {
    const report = (tableBytes: number) => {
      const sparse = { tableBytes, rowBytes: 4096, rowsPerStep: 32 };
      const model = { ...small, denseBytes: 0, sparse };
      return simulateScale({ ...base, model, parameterServers: 16 });
    };
    const [million, billion, trillion] = [1e6, 1e9, 1e12].map(report);
    expect(trillion?.stepTime.median).to.be.closeTo(billion?.stepTime.median as number, 1e-6);
    expect(million?.stepTime.median).to.be.closeTo(billion?.stepTime.median as number, 2e-3);
    expect(trillion?.bytesPerUpdate).to.equal(million?.bytesPerUpdate);
  });

  it('but a checkpoint copies the whole of it', () => {
    const model = { ...small, sparse: { tableBytes: 1e10, rowBytes: 4096, rowsPerStep: 32 } };
    const time = (checkpointEvery: number) =>
      simulateScale({ ...base, model, checkpointEvery }).examplesPerSecond;
    expect(time(1)).to.be.below(0.9 * time(1000));
  });

  it('refuses what no cluster can be, and names the option', () => {
    const refused: [object, RegExp][] = [
      [{ workers: 0 }, /workers/],
      [{ backups: 8 }, /8 workers, 1 groups and 8 backups/],
      [{ mode: 'async', backups: 1 }, /backups of sync and hybrid/],
      [{ groups: 2 }, /groups are of hybrid mode/],
      [{ mode: 'hybrid', groups: 3, backups: 2 }, /needs more workers than backups/],
      [{ costs: { requestTim: 1 } }, /requestTim/],
      [{ model: { ...small, computeTime: { ...steady, spread: -1 } } }, /spread/],
      [
        { model: { ...small, sparse: { tableBytes: 8, rowBytes: 8, rowsPerStep: 2 } } },
        /more rows/,
      ],
    ];
    for (const [change, message] of refused) {
      expect(() => simulateScale({ ...base, ...change } as ScaleOptions)).to.throw(message);
    }
  });
});

describe('roofs of throughput', () => {
  /** Updates per second of asynchronous workers, which must not go on in step with each other. */
  const rate = (options: Partial<ScaleOptions>): number => {
    const model = { ...dense, computeTime: { median: 1, spread: 0.3 } };
    const long = { ...base, model, mode: 'async', steps: 20, warmUp: 12 } as const;
    return simulateScale({ ...long, ...options }).updatesPerSecond;
  };

  it('many workers pull and push as much as the interfaces of the servers carry', () => {
    const costs = { ...freeCosts, serverBandwidth: 1e9 };
    const roof = (2 * 1e9) / dense.denseBytes;
    expect(rate({ costs, workers: 10 })).to.be.below(0.55 * roof);
    expect(rate({ costs, workers: 100 })).to.be.within(0.95 * roof, 1.0001 * roof);
  });

  it('servers that are slow to apply are a roof of their own', () => {
    const costs = { ...freeCosts, sumTimePerByte: 2e-9 };
    // A server takes 50 MB of each gradient.
    expect(rate({ costs, workers: 40 })).to.be.closeTo(1 / (50e6 * 2e-9), 0.1);
  });

  it('a coordinator that makes its state durable before each update is another', () => {
    const options = { costs: { ...freeCosts, saveTime: 0.05 }, workers: 200 };
    expect(rate({ ...options, durable: true })).to.be.within(18, 20.001);
    expect(rate(options)).to.be.above(150);
  });

  it('stays between the asymptotic bounds of closed queueing networks at every number of workers', () => {
    // One server, one thing that takes time: Z is thinking, D is service.
    const [z, d] = [1, 0.1];
    const costs = { ...freeCosts, sumTimePerByte: d / 1e8 };
    for (const workers of [1, 2, 5, 10, 20, 40]) {
      const updates = rate({ model: dense, costs, workers, parameterServers: 1 });
      expect(updates, `${workers} workers`).to.be.at.most(
        Math.min(workers / (z + d), 1 / d) * 1.001,
      );
      expect(updates, `${workers} workers`).to.be.at.least((workers / (z + workers * d)) * 0.999);
    }
  });

  it('a server is as busy as its work for an update times updates', () => {
    const costs = { ...freeCosts, sumTimePerByte: 1e-9 };
    const report = simulateScale({ ...base, model: dense, mode: 'async', costs, steps: 40 });
    expect(report.busy.serverThread).to.be.closeTo(report.updatesPerSecond * 0.05, 0.01);
    expect(report.busy.compute).to.be.closeTo(report.updatesPerSecond / base.workers, 0.02);
  });

  it('hundreds of workers take little time to simulate', () => {
    const model = { ...dense, denseBytes: 64, computeTime: { median: 0, spread: 0 } };
    const step = (workers: number) =>
      simulateScale({ model, workers, parameterServers: 4, costs: publishedCosts, steps: 2 });
    // Every worker has as many messages, whatever the number of workers.
    const [few, many] = [step(10), step(300)];
    expect(many.messagesPerUpdate / 300).to.be.closeTo(few.messagesPerUpdate / 10, 1);
  });
});
