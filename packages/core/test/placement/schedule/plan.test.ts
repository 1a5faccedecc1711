import { expect } from 'chai';
import fc from 'fast-check';
import { planSchedule } from '../../../src/placement/schedule/plan.js';
import { orderByRank } from '../../../src/placement/schedule/upward-rank.js';
import { randomRuns } from '../../random-runs.js';
import { bruteForce } from './brute-force.js';
import { randomProblem } from './random-problem.js';

const options = { seed: 1, moves: 2000, milliseconds: Number.POSITIVE_INFINITY, leastGain: 0 };

/** Of each problem how far the plan is from the best: 1 where it is the best. */
function ratios(count: number, seed: number): number[] {
  return fc.sample(randomProblem, { numRuns: count, seed }).map((problem) => {
    const plan = planSchedule(problem, options);
    const best = bruteForce(problem);
    const more = plan.excessBytes - best.excessBytes;
    expect(more).to.be.at.least(0);
    if (more > 0) return Number.POSITIVE_INFINITY;
    expect(plan.seconds).to.be.at.least(best.seconds);
    return plan.seconds === best.seconds ? 1 : plan.seconds / best.seconds;
  });
}

describe('planSchedule', () => {
  it('is never better than brute force, equal to it nine times in ten, and at most 1.25 times as slow', () => {
    const { numRuns, seed } = randomRuns(25);
    const found = ratios(numRuns, seed);
    expect(Math.max(...found)).to.be.at.most(1.25);
    expect(found.filter((ratio) => ratio === 1).length).to.be.at.least(0.9 * numRuns);
  });

  it('is never slower than the best device alone, and takes several only for the gain that is asked for', () => {
    const problems = fc.sample(randomProblem, { numRuns: randomRuns(200).numRuns, seed: 11 });
    for (const problem of problems) {
      const quick = { ...options, moves: 50 };
      const plan = planSchedule(problem, { ...quick, leastGain: 0.3 });
      const { single } = plan;
      expect(plan.excessBytes).to.be.at.most(single.excessBytes);
      if (plan.excessBytes < single.excessBytes) continue;
      expect(plan.seconds === single.seconds || plan.seconds <= 0.7 * single.seconds).to.equal(
        true,
      );
      expect(planSchedule(problem, { ...quick, leastGain: 0.3 })).to.deep.equal(plan);
    }
  });

  it('orders by upward rank: the task with the longest way to the end first', () => {
    const task = (seconds: number, reads: number[], group: number) => ({
      seconds: [seconds, seconds],
      reads,
      group,
      stateBytes: 0,
    });
    const value = (from: number) => ({ from, bytes: 2, kept: false });
    const link = { latency: 1, secondsPerByte: 1 };
    const problem = {
      tasks: [task(1, [], 0), task(5, [0], 1), task(2, [0], 2), task(1, [1, 2], 3)],
      values: [value(0), value(1), value(2)],
      groups: 4,
      devices: [0, 1].map((processor) => ({ processor, bytes: 100 })),
      links: [
        [link, link],
        [link, link],
      ],
      feedLinks: [link, link],
      meetingSeconds: 0,
    };
    // rank: 3 -> 1; 2 -> 2 + 3 + 1; 1 -> 5 + 3 + 1; 0 -> 1 + 3 + 9
    expect(orderByRank(problem)).to.deep.equal([0, 1, 2, 3]);
    const swapped = {
      ...problem,
      tasks: problem.tasks.map((own, i) => (i === 2 ? task(9, [0], 2) : own)),
    };
    expect(orderByRank(swapped)).to.deep.equal([0, 2, 1, 3]);
  });
});
