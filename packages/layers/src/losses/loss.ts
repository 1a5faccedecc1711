import type { Tensor } from '@tenon/core';

/** What training makes small: one value for each example, averaged over the batch by the caller. */
export interface Loss {
  /** Name in saved models: `MeanSquaredError`. */
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Shapes: target and output [batch, ...] -> [batch, ...] without the axis that the loss is taken over. */
  call(target: Tensor, output: Tensor): Tensor;
}
