import { add, concat, matMul, mul, split, type Tensor, type Variable } from '@tenon/core';
import { z } from 'zod';
import { activation, activationSchema } from '../activations/index.js';
import { factory } from '../factory.js';
import { type Initializer, initializer, ones } from '../initializers/index.js';
import { Recurrent, recurrentConfig } from './recurrent.js';

const lstmConfig = recurrentConfig.extend({
  /** Of the gates. */
  recurrentActivation: activationSchema.default('sigmoid'),
  /** Starts the bias of the forget gate at 1, so that the cell remembers at first. */
  unitForgetBias: z.boolean().default(true),
});

/**
 * Long short-term memory, gates in the order i f c o along the last axis of kernel, recurrent and bias:
 * `i, f, c', o = x kernel + h recurrent + bias`, `c[t] = f c[t - 1] + i c'`, `h[t] = o activation(c[t])`.
 * Shapes: x [batch, time, features] -> [batch, units]; the state is h and c.
 * Source: Hochreiter and Schmidhuber 1997, "Long short-term memory"; Gers et al. 2000 for the forget gate.
 */
export class LSTM extends Recurrent<typeof lstmConfig> {
  static override readonly config = lstmConfig;
  static override readonly className = 'LSTM';
  protected override readonly states = 2;
  private kernel!: Variable;
  private recurrent!: Variable;
  private bias: Variable | undefined;

  protected override buildCell(features: number): void {
    const { units, useBias, unitForgetBias, ...config } = this.config;
    this.kernel = this.weight('kernel', [features, 4 * units], {
      initializer: config.kernelInitializer,
    });
    this.recurrent = this.weight('recurrent_kernel', [units, 4 * units], {
      initializer: config.recurrentInitializer,
    });
    if (!useBias) return;
    const start = initializer(config.biasInitializer);
    this.bias = this.weight('bias', [4 * units], {
      initializer: unitForgetBias ? rememberFirst(start) : start,
    });
  }

  protected override project(x: Tensor): Tensor {
    const y = matMul(x, this.kernel);
    return this.bias ? add(y, this.bias) : y;
  }

  protected override turn(projected: Tensor, [h, c]: readonly Tensor[]): readonly Tensor[] {
    const act = activation(this.config.activation);
    const gate = activation(this.config.recurrentActivation);
    const sums = add(projected, matMul(h as Tensor, this.recurrent)); // [batch, 4 units]
    const [i, f, candidate, o] = split(sums, { sizes: 4, axis: -1 }) as Quarters;
    const cell = add(mul(gate(f), c as Tensor), mul(gate(i), act(candidate)));
    return [mul(gate(o), act(cell)), cell];
  }
}

type Quarters = readonly [Tensor, Tensor, Tensor, Tensor];

/** The given start for all gates but that of forgetting, which starts at 1. */
const rememberFirst = (start: Initializer): Initializer => ({
  className: start.className,
  config: start.config,
  tensor([size = 0], dtype) {
    const units = size / 4;
    const parts = [
      start.tensor([units], dtype),
      ones().tensor([units], dtype),
      start.tensor([2 * units], dtype),
    ];
    return concat(parts, { axis: 0 });
  },
});

/** A recurrent layer with a memory cell. */
export const lstm = factory(LSTM);
