import { GraphError, sub, type Tensor } from '@tenon/core';
import { factory } from '../factory.js';
import { Merge } from './merge.js';

/** Difference of two inputs, `y = a - b`. Shapes: a, b [batch, ...], broadcast against each other. Errors: SHAPE_MISMATCH. */
export class Subtract extends Merge {
  static override readonly className = 'Subtract';

  protected override combine(inputs: readonly Tensor[]): Tensor {
    const [a, b] = inputs as [Tensor, Tensor];
    if (inputs.length === 2) return sub(a, b);
    throw new GraphError('SHAPE_MISMATCH', this.className, {
      what: `there are ${inputs.length} tensors.`,
      given: { inputs },
      fix: 'apply the layer to two tensors.',
    });
  }
}

/** A layer that subtracts one tensor from another. */
export const subtract = factory(Subtract);
