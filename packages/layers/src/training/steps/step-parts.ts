import { any, broadcastLike, constant, equal, type Tensor, type Variable } from '@tenon/core';
import type { Tracker } from './tracker.js';

/** What a step is made of: forward pass, loss and metrics of a batch of any size. */
export interface StepParts {
  /** What is fed, in the order of a batch's values. */
  readonly fed: readonly Tensor[];
  /** The mean over the batch's examples. */
  readonly loss: Tensor;
  /** What training changes by gradients; nothing in tests. */
  readonly trained: readonly Variable[];
  /** New values of what layers keep, such as moving averages; none in tests. */
  readonly kept: ReadonlyMap<Variable, Tensor>;
  readonly trackers: readonly Tracker[];
}

/** A weight of 1 for each example. Shapes: [batch, ...] -> [batch]. */
export function onesFor(examples: Tensor): Tensor {
  const inner = examples.shape.slice(1).map((_, axis) => axis + 1);
  // Only its shape counts, so nothing of it is computed.
  const column = inner.length === 0 ? examples : any(equal(examples, examples), { axis: inner });
  return broadcastLike(constant(1), column);
}
