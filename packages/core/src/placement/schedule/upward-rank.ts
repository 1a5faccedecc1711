import type { Problem, ScheduledValue } from './problem.js';

const mean = (numbers: readonly number[]): number =>
  numbers.length === 0 ? 0 : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

/**
 * The tasks by falling upward rank, `rank(t) = w(t) + max over readers s of (c(t, s) + rank(s))`, where w is the mean time over the
 * devices that may run t and c the mean time of the transfer over pairs of devices. What is read comes before its readers.
 * Source: Topcuoglu, Hariri and Wu (2002), "Performance-effective and low-complexity task scheduling for heterogeneous computing".
 */
export function orderByRank(problem: Problem): number[] {
  const ranks = upwardRanks(problem);
  return problem.tasks
    .map((_, task) => task)
    .sort((a, b) => (ranks[b] as number) - (ranks[a] as number) || a - b);
}

function upwardRanks({ tasks, values, links }: Problem): Float64Array {
  const pairs = links.flatMap((row, from) => row.filter((_, to) => to !== from));
  const latency = mean(pairs.map((link) => link.latency));
  const secondsPerByte = mean(pairs.map((link) => link.secondsPerByte));
  const ranks = new Float64Array(tasks.length);
  /** By task: the longest way from its end to the end of the run. */
  const below = new Float64Array(tasks.length);
  for (let task = tasks.length - 1; task >= 0; task--) {
    const { seconds, reads } = tasks[task] as Problem['tasks'][number];
    const possible = seconds.filter((value) => value < Number.POSITIVE_INFINITY);
    ranks[task] = mean(possible) + (below[task] as number);
    for (const value of reads) {
      const { from, bytes } = values[value] as ScheduledValue;
      if (from < 0) continue;
      const way = latency + bytes * secondsPerByte + (ranks[task] as number);
      below[from] = Math.max(below[from] as number, way);
    }
  }
  return ranks;
}
