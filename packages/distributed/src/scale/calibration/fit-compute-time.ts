import { GraphError } from '@tenon/core';
import type { ComputeTime } from '../cluster/compute-time.js';
import { quantile } from '../scale-report.js';

// A normal distribution's quartiles are so many standard deviations apart.
const quartiles = 1.349;
// Of a log-normal body one step in 740 is beyond this many standard deviations: what is beyond more often is a tail.
const bodyEnd = 3;
const leastTail = 0.005;

/**
 * The distribution of measured step times, in seconds: median and spread from the quartiles, which stragglers do not
 * move; the tail from the steps beyond three standard deviations, its exponent by Hill's estimator.
 * Errors: VALUE_INVALID for fewer than 20 times, or times that are not above 0.
 * Source: Hill 1975, "A Simple General Approach to Inference About the Tail of a Distribution".
 */
export function fitComputeTime(seconds: readonly number[]): ComputeTime {
  if (seconds.length < 20 || !seconds.every((time) => time > 0 && Number.isFinite(time))) {
    throw new GraphError('VALUE_INVALID', 'fitComputeTime', {
      what: `there are ${seconds.length} step times, of ${Math.min(...seconds)} s at the least.`,
      fix: 'measure 20 steps or more.',
    });
  }
  const sorted = [...seconds].sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  const spread = Math.log(quantile(sorted, 0.75) / quantile(sorted, 0.25)) / quartiles;
  const factor = Math.exp(bodyEnd * spread);
  const far = sorted.filter((time) => time > median * factor);
  const probability = far.length / sorted.length;
  const excess = far.reduce((sum, time) => sum + Math.log(time / (median * factor)), 0);
  if (probability < leastTail || excess === 0) return { median, spread };
  return { median, spread, tail: { probability, factor, shape: far.length / excess } };
}
