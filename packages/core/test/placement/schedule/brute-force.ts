import {
  allowedDevices,
  isState,
  type Problem,
  type Schedule,
} from '../../../src/placement/schedule/problem.js';
import { isBetter, type Score, Timeline } from '../../../src/placement/schedule/timeline.js';

/** The best of all assignments of groups and all orders of tasks. Orders that can no longer win are cut off. */
export function bruteForce(problem: Problem): Score {
  const timeline = new Timeline(problem);
  let best: Score = { seconds: Number.POSITIVE_INFINITY, excessBytes: Number.POSITIVE_INFINITY };
  for (const assignment of assignments(allowedDevices(problem))) {
    for (const order of orders(problem, assignment, () => best)) {
      const score = timeline.play({ order, assignment });
      if (isBetter(score, best)) best = score;
    }
  }
  return best;
}

function* assignments(allowed: readonly (readonly number[])[]): Iterable<number[]> {
  const [first, ...rest] = allowed;
  if (!first) yield [];
  else
    for (const device of first) for (const others of assignments(rest)) yield [device, ...others];
}

/** Orders in which everything comes after what it reads, variables first. */
function* orders(
  problem: Problem,
  assignment: readonly number[],
  best: () => Score,
): Iterable<Schedule['order']> {
  const { tasks, values } = problem;
  const state = tasks.flatMap((task, i) => (isState(task) ? [i] : []));
  const order: number[] = [...state];
  function* extend(): Iterable<number[]> {
    if (order.length === tasks.length) {
      yield [...order];
      return;
    }
    if (best().excessBytes === 0 && soonest(problem, order, assignment) >= best().seconds) return;
    for (let task = 0; task < tasks.length; task++) {
      if (order.includes(task)) continue;
      const ready = tasks[task]?.reads.every((value) => {
        const from = values[value]?.from ?? -1;
        return from < 0 || order.includes(from);
      });
      if (!ready) continue;
      order.push(task);
      yield* extend();
      order.pop();
    }
  }
  yield* extend();
}

/**
 * A bound from below of what begins with an order: each processor still has all of its other tasks to do, and each task the longest
 * way to the end.
 */
function soonest(
  problem: Problem,
  order: readonly number[],
  assignment: readonly number[],
): number {
  const { tasks, values, devices } = problem;
  const timeline = new Timeline(problem);
  timeline.begin();
  const free = devices.map(() => 0);
  const deviceOf = (task: number) => assignment[tasks[task]?.group as number] as number;
  const processorOf = (task: number) => devices[deviceOf(task)]?.processor as number;
  for (const task of order) {
    const end = timeline.run(task, assignment);
    free[processorOf(task)] = Math.max(free[processorOf(task)] as number, end);
  }
  const loads = [...free];
  const ends = tasks.map((_, task) =>
    order.includes(task) ? (timeline.finish[task] as number) : 0,
  );
  tasks.forEach(({ seconds, reads }, task) => {
    if (order.includes(task)) return;
    const takes = seconds[deviceOf(task)] as number;
    loads[processorOf(task)] = (loads[processorOf(task)] as number) + takes;
    const needed = reads.map((value) => ends[values[value]?.from as number] ?? 0);
    ends[task] = Math.max(free[processorOf(task)] as number, ...needed) + takes;
  });
  return Math.max(...loads, ...ends);
}
