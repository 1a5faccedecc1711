import type { RowSelection } from '../messages.js';

/** How the sum of an update's gradients counts. */
export interface Share {
  /** The sum is divided by this: the number of members, or of their examples. */
  readonly divisor: number;
  /** Factor of the learning rate. */
  readonly scale: number;
  /** The version that the update is applied to. */
  readonly version: number;
}

/**
 * What a parameter shard asks of its parameters P and gradients G; a device's variables, or plain arrays. Workers get R, which may
 * be less than P.
 */
export interface ShardArithmetic<P, G, R = P> {
  /** A copy that later updates do not touch. */
  copy(parameters: P): P;
  /** What a worker gets of them; where rows are named, only these. */
  read(parameters: P, rows?: RowSelection): R;
  /** Adds the gradients in the order given, divides, and applies the optimizer once, in place. */
  apply(parameters: P, gradients: readonly G[], share: Share): void;
}
