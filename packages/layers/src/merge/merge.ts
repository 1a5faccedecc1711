import { expandDims, GraphError, type Tensor } from '@tenon/core';
import { type CallContext, Layer, layerConfig } from '../layer.js';

/** Combines several tensors element by element: `layers.add().apply([a, b])`. */
export abstract class Merge extends Layer<typeof layerConfig> {
  static override readonly config = layerConfig;

  protected abstract combine(inputs: readonly Tensor[]): Tensor;

  protected override call(_x: Tensor, _context: CallContext, inputs: readonly Tensor[]): Tensor {
    if (inputs.length < 2) {
      throw new GraphError('SHAPE_MISMATCH', this.className, {
        what: 'there is only one tensor.',
        given: { inputs },
        fix: 'apply the layer to a list of tensors: layer.apply([a, b]).',
      });
    }
    const rank = Math.max(...inputs.map((input) => input.rank));
    return this.combine(inputs.map((input) => ofRank(input, rank)));
  }
}

/** Axes of size 1 are put in behind the batch, so that batches stay aligned. */
function ofRank(x: Tensor, rank: number): Tensor {
  let y = x;
  while (y.rank < rank) y = expandDims(y, { axis: Math.min(1, y.rank) });
  return y;
}
