import type { KnownShape, Tensor, Variable } from '@tenon/core';
import type { Metric } from '../../metrics/index.js';

/** A metric together with the variables that hold its state. */
export interface Tracker {
  readonly name: string;
  readonly state: readonly Variable[];
  /** The state after the batch. */
  readonly next: readonly Tensor[];
  /** The log after the batch. */
  readonly result: Tensor;
  /** The log of what the state holds. */
  readonly kept: Tensor;
}

export interface TrackerOptions {
  readonly name: string;
  readonly metric: Metric;
  readonly observation: Parameters<Metric['update']>[1];
  /** A variable that starts at zero. */
  cell(key: string, shape: KnownShape): Variable;
}

/** Follows a metric over the batches. */
export function tracker({ name, metric, observation, cell }: TrackerOptions): Tracker {
  const entries = Object.entries(metric.state).map(
    ([key, shape]) => [key, cell(key, shape)] as const,
  );
  const state = Object.fromEntries(entries);
  const next = metric.update(state, observation);
  return {
    name,
    state: entries.map(([, variable]) => variable),
    next: entries.map(([key]) => next[key] as Tensor),
    result: metric.result(next),
    kept: metric.result(state),
  };
}
