import { SeededRandom } from '../../simulate/seeded-random.js';

/** How long the steps of one worker take: log-normal, and now and then far longer. Seconds. */
export interface ComputeTime {
  readonly median: number;
  /** Standard deviation of the logarithm. */
  readonly spread: number;
  /** Stragglers. */
  readonly tail?: ComputeTail;
}

export interface ComputeTail {
  /** Of a step to be in the tail. */
  readonly probability: number;
  /** A step in the tail takes at least this many times as long. */
  readonly factor: number;
  /** Exponent of the Pareto distribution of how many times as long; the smaller, the heavier the tail. */
  readonly shape: number;
}

/** Draws `median exp(spread z)`, in the tail times `factor u^(-1/shape)`. Always takes four numbers. */
export function drawComputeTime(
  { median, spread, tail }: ComputeTime,
  random: SeededRandom,
): number {
  // 1 - u is never 0.
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  const z = radius * Math.cos(2 * Math.PI * random.next());
  const chance = random.next();
  const u = 1 - random.next();
  const straggles = tail !== undefined && chance < tail.probability;
  return median * Math.exp(spread * z) * (straggles ? tail.factor * u ** (-1 / tail.shape) : 1);
}

/** Numbers of one worker's own, so that it meets the same step times beside any number of others. */
export function workerRandom(seed: number, worker: number): SeededRandom {
  return new SeededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(worker + 1, 0x85ebca6b));
}
