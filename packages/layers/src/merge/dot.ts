import {
  axisOf,
  einsum,
  expandDims,
  GraphError,
  maximum,
  mul,
  rsqrt,
  square,
  sum,
  type Tensor,
} from '@tenon/core';
import { z } from 'zod';
import { factory } from '../factory.js';
import { type CallContext, Layer, layerConfig } from '../layer.js';

const dotConfig = layerConfig.extend({
  /** Axis of each input that is summed over, one for both or one each; the batch is axis 0. */
  axes: z.union([
    z.int().transform((axis): [number, number] => [axis, axis]),
    z.tuple([z.int(), z.int()]),
  ]),
  /** Scales both inputs to length 1 along their axis first, which gives the cosine of their angle. */
  normalize: z.boolean().default(false),
});

/**
 * Products of two inputs summed over one axis of each, example by example.
 * Shapes: a [batch, ...a, n], b [batch, ...b, n] -> [batch, ...a, ...b], [batch, 1] for two vectors.
 * Errors: SHAPE_MISMATCH, ATTRIBUTE_INVALID.
 */
export class Dot extends Layer<typeof dotConfig> {
  static override readonly config = dotConfig;
  static override readonly className = 'Dot';

  protected override call(_x: Tensor, _context: CallContext, inputs: readonly Tensor[]): Tensor {
    const pair = this.pair(inputs);
    const axes = pair.map((x, i) => this.axisIn(x, i)) as [number, number];
    const [a, b] = this.config.normalize
      ? pair.map((x, i) => ofLengthOne(x, axes[i] as number))
      : pair;
    const y = einsum([a as Tensor, b as Tensor], { equation: equation(pair, axes) });
    return y.rank === 1 ? expandDims(y, { axis: 1 }) : y;
  }

  private pair(inputs: readonly Tensor[]): [Tensor, Tensor] {
    const [a, b] = inputs;
    if (a && b && inputs.length === 2) return [a, b];
    throw new GraphError('SHAPE_MISMATCH', this.className, {
      what: `it takes two tensors, not ${inputs.length}.`,
      given: { inputs },
      fix: 'apply the layer to two tensors: layer.apply([a, b]).',
    });
  }

  private axisIn(x: Tensor, i: number): number {
    const axis = axisOf(this.config.axes[i] as number, x.rank, this.className);
    if (axis > 0) return axis;
    throw new GraphError('ATTRIBUTE_INVALID', this.className, {
      what: 'axis 0 is the batch.',
      fix: 'sum over another axis.',
    });
  }
}

// z is the batch, y the common axis; the others have letters from the front.
function equation([a, b]: readonly [Tensor, Tensor], [i, j]: readonly [number, number]): string {
  let used = 0;
  const letters = (x: Tensor, axis: number) =>
    x.shape.map((_, at) => (at === 0 ? 'z' : at === axis ? 'y' : String.fromCharCode(97 + used++)));
  const [left, right] = [letters(a, i), letters(b, j)];
  const rest = [...left, ...right].filter((letter) => letter !== 'y' && letter !== 'z');
  return `${left.join('')},${right.join('')}->z${rest.join('')}`;
}

// A vector of zeros stays one: without the bound its scale were infinite.
function ofLengthOne(x: Tensor, axis: number): Tensor {
  return mul(x, rsqrt(maximum(sum(square(x), { axis, keepDims: true }), 1e-12)));
}

/** A layer of dot products: `layers.dot({ axes: -1 }).apply([a, b])`. */
export const dot = factory(Dot);
