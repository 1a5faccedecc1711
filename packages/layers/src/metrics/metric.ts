import type { KnownShape, Tensor } from '@tenon/core';

/** One batch as a metric sees it. */
export interface Observation {
  readonly target: Tensor;
  readonly output: Tensor;
  /** One for each example: [batch]. */
  readonly weight: Tensor;
}

/**
 * A value over all examples of an epoch, exact whatever the sizes of the batches. It is a fold: state from before the batch
 * and the batch in, new state out; the trainer keeps the state in variables of the step's graph.
 */
export interface Metric {
  /** Key in the logs: `accuracy`. */
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Shapes of the state, which starts at zero. */
  readonly state: Readonly<Record<string, KnownShape>>;
  update(
    state: Readonly<Record<string, Tensor>>,
    batch: Observation,
  ): Readonly<Record<string, Tensor>>;
  result(state: Readonly<Record<string, Tensor>>): Tensor;
}
