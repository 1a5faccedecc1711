import { mul as productOf, type Tensor } from '@tenon/core';
import { factory } from '../factory.js';
import { Merge } from './merge.js';

/** Product of the inputs, `y = a b ...`. Shapes: inputs [batch, ...], broadcast against each other. */
export class Multiply extends Merge {
  static override readonly className = 'Multiply';

  protected override combine(inputs: readonly Tensor[]): Tensor {
    return inputs.reduce((a, b) => productOf(a, b));
  }
}

/** A layer that multiplies tensors. */
export const multiply = factory(Multiply);
