import { add as sumOf, type Tensor } from '@tenon/core';
import { factory } from '../factory.js';
import { Merge } from './merge.js';

/** Sum of the inputs, `y = a + b + ...`. Shapes: inputs [batch, ...], broadcast against each other. */
export class Add extends Merge {
  static override readonly className = 'Add';

  protected override combine(inputs: readonly Tensor[]): Tensor {
    return inputs.reduce((a, b) => sumOf(a, b));
  }
}

/** A layer that adds tensors. */
export const add = factory(Add);
