import {
  broadcastLike,
  constant,
  GraphError,
  reverse,
  type Shape,
  scan,
  slice,
  sum,
  type Tensor,
  transpose,
} from '@tenon/core';
import { z } from 'zod';
import { activationSchema } from '../activations/index.js';
import { initializerSchema } from '../initializers/index.js';
import { type CallContext, Layer, layerConfig, type Tensors } from '../layer.js';
import { checkRank, lastSize } from '../shape.js';

export const recurrentConfig = layerConfig.extend({
  units: z.int().min(1),
  activation: activationSchema.default('tanh'),
  useBias: z.boolean().default(true),
  kernelInitializer: initializerSchema.default('glorotUniform'),
  recurrentInitializer: initializerSchema.default('orthogonal'),
  biasInitializer: initializerSchema.default('zeros'),
  /** Gives the output at every time instead of the last. */
  returnSequences: z.boolean().default(false),
  /** Gives the last state as further outputs. */
  returnState: z.boolean().default(false),
  /** Walks from the last time to the first; returned sequences are in the order of the walk. */
  goBackwards: z.boolean().default(false),
});

/**
 * A layer that walks along time with a state. Subclasses say how inputs enter (once for all times, so that it is one matrix
 * product) and what one turn makes of the state. `apply([x, h0])` starts from a given state, `apply(x)` from zeros.
 * Shapes: x [batch, time, features], states [batch, units] -> [batch, units] or [batch, time, units].
 */
export abstract class Recurrent<
  S extends z.ZodType<z.output<typeof recurrentConfig>>,
> extends Layer<S> {
  /** How many tensors the state is; the first is the output. */
  protected abstract readonly states: number;

  protected abstract buildCell(features: number): void;

  /** Shapes: x [time, batch, features] -> [time, batch, gates * units]. */
  protected abstract project(x: Tensor): Tensor;

  /** The next state. Shapes: projected [batch, gates * units], state [batch, units] each. */
  protected abstract turn(projected: Tensor, state: readonly Tensor[]): readonly Tensor[];

  protected override build(shape: Shape): void {
    const rank = { rank: 3, axes: 'batch, time, features', where: this.className };
    checkRank({ shape, dtype: this.config.dtype }, rank);
    this.buildCell(lastSize(shape, this.className));
  }

  protected override call(
    x: Tensor,
    _context: CallContext,
    [, ...given]: readonly Tensor[],
  ): Tensors {
    const { returnSequences, returnState, goBackwards } = this.config;
    const projected = this.project(timeFirst(x)); // [time, batch, gates * units]
    const { carry, outputs } = scan(
      (state, [row]) => {
        const next = this.turn(row as Tensor, state);
        return { carry: next, outputs: returnSequences ? [next[0] as Tensor] : [] };
      },
      {
        initial: this.start(projected, given),
        sequences: [projected],
        reverse: goBackwards,
      },
    );
    const output = returnSequences ? this.sequence(outputs[0] as Tensor) : (carry[0] as Tensor);
    return returnState ? [output, ...carry] : output;
  }

  // [time, batch, units] -> [batch, time, units]
  private sequence(rows: Tensor): Tensor {
    return timeFirst(this.config.goBackwards ? reverse(rows, { axis: 0 }) : rows);
  }

  private start(projected: Tensor, given: readonly Tensor[]): readonly Tensor[] {
    const { states, config } = this;
    if (given.length === states) return given;
    if (given.length > 0) {
      throw new GraphError('SHAPE_MISMATCH', this.className, {
        what: `the state is ${states} tensor(s), but ${given.length} were given.`,
        given: { states: given },
        fix: 'apply the layer to the input alone, or to the input and all of its state.',
      });
    }
    // Of this tensor only the shape is used: [batch, units].
    const like = slice(sum(projected, { axis: 0 }), { begin: 0, size: [-1, config.units] });
    const zero = constant(0, { dtype: projected.dtype });
    return Array.from({ length: states }, () => broadcastLike(zero, like));
  }
}

/** Batch and time change places. */
const timeFirst = (x: Tensor): Tensor => transpose(x, { perm: [1, 0, 2] });
