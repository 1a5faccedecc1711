import {
  arrayArithmetic,
  arraySgd,
  InvariantError,
  type SimulationOptions,
  simulate,
  VirtualClock,
} from '@tenon/distributed';
import { expect } from 'chai';

const quiet: Omit<SimulationOptions, 'take'> = {
  seed: 7,
  mode: 'sync',
  workers: 3,
  shards: 2,
  checkpointEvery: 5,
  network: { delay: [0.2, 2], loss: 0, duplication: 0 },
  crashes: 0,
  cuts: 0,
  leaves: 0,
  faultTime: 1,
  updatesAfter: 60,
};

/** Median virtual time from one update to the next. */
function stepTime(options: SimulationOptions): number {
  const { times } = simulate(options);
  const steps = times.slice(1).map((time, i) => time - (times[i] as number));
  return steps.sort((a, b) => a - b)[steps.length >> 1] as number;
}

describe('simulate', () => {
  it('repeats a run from its seed', () => {
    const options = { ...quiet, take: 2, crashes: 0.004, faultTime: 300, updatesAfter: 5 };
    expect(simulate(options)).to.deep.equal(simulate(options));
    expect(simulate({ ...options, seed: 8 })).to.not.deep.equal(simulate(options));
  });

  it('names the seed of a run that breaks a promise', () => {
    const right = arrayArithmetic(arraySgd(0.05));
    const arithmetic: typeof right = {
      ...right,
      apply: (parameters, gradients, share) =>
        right.apply(parameters, [...gradients].reverse(), share),
    };
    expect(() => simulate({ ...quiet, take: 3, arithmetic })).to.throw(
      InvariantError,
      /^seed 7 \(sync\): shard \d differs from the replay/,
    );
  });

  it('one backup hides a worker that takes five times as long; without it the step is as slow', () => {
    const fair = stepTime({ ...quiet, take: 2 });
    const backup = stepTime({ ...quiet, take: 2, straggler: 5 });
    const waiting = stepTime({ ...quiet, take: 3, straggler: 5 });
    expect(backup / fair).to.be.below(1.5);
    expect(waiting / fair).to.be.above(2);
  });

  it('a step takes a bounded number of messages', () => {
    const { messages, updates } = simulate({ ...quiet, take: 3 });
    // begin, pull and push at two shards, commit, apply at two, advance: each with its answer, and the heartbeats.
    expect(messages / updates).to.be.below(70);
  });
});

describe('VirtualClock', () => {
  it('lets events happen in the order of their times, those of one time in the order of scheduling', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    for (const [delay, name] of [
      [3, 'c'],
      [1, 'a'],
      [3, 'd'],
      [2, 'b'],
    ] as const) {
      clock.schedule(delay, () => seen.push(`${name}${clock.now}`));
    }
    while (clock.step());
    expect(seen).to.deep.equal(['a1', 'b2', 'c3', 'd3']);
  });
});
