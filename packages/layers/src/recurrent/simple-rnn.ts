import { add, matMul, type Tensor, type Variable } from '@tenon/core';
import { activation } from '../activations/index.js';
import { factory } from '../factory.js';
import { Recurrent, recurrentConfig } from './recurrent.js';

/** `h[t] = activation(x[t] kernel + h[t - 1] recurrent + bias)`. Shapes: x [batch, time, features] -> [batch, units]. */
export class SimpleRNN extends Recurrent<typeof recurrentConfig> {
  static override readonly config = recurrentConfig;
  static override readonly className = 'SimpleRNN';
  protected override readonly states = 1;
  private kernel!: Variable;
  private recurrent!: Variable;
  private bias: Variable | undefined;

  protected override buildCell(features: number): void {
    const { units, useBias, ...config } = this.config;
    this.kernel = this.weight('kernel', [features, units], {
      initializer: config.kernelInitializer,
    });
    this.recurrent = this.weight('recurrent_kernel', [units, units], {
      initializer: config.recurrentInitializer,
    });
    if (useBias) this.bias = this.weight('bias', [units], { initializer: config.biasInitializer });
  }

  protected override project(x: Tensor): Tensor {
    const y = matMul(x, this.kernel);
    return this.bias ? add(y, this.bias) : y;
  }

  protected override turn(projected: Tensor, [h]: readonly [Tensor]): readonly Tensor[] {
    return [activation(this.config.activation)(add(projected, matMul(h, this.recurrent)))];
  }
}

/** A recurrent layer without gates. */
export const simpleRNN = factory(SimpleRNN);
