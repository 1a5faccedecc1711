import { add, matMul, mul, slice, split, sub, type Tensor, type Variable } from '@tenon/core';
import { z } from 'zod';
import { activation, activationSchema } from '../activations/index.js';
import { factory } from '../factory.js';
import { Recurrent, recurrentConfig } from './recurrent.js';

const gruConfig = recurrentConfig.extend({
  /** Of the gates. */
  recurrentActivation: activationSchema.default('sigmoid'),
  /** Applies the reset gate to the product of state and weights, not to the state; there are two biases then. */
  resetAfter: z.boolean().default(true),
});

/**
 * Gated recurrent unit, gates in the order z r h along the last axis of kernel, recurrent and bias:
 * `h[t] = z h[t - 1] + (1 - z) h'` with `h' = activation(x kernel + r (h recurrent + b))`, or, with resetAfter false,
 * `activation(x kernel + (r h) recurrent)`. Shapes: x [batch, time, features] -> [batch, units]; the state is h.
 * Source: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder".
 */
export class GRU extends Recurrent<typeof gruConfig> {
  static override readonly config = gruConfig;
  static override readonly className = 'GRU';
  protected override readonly states = 1;
  private kernel!: Variable;
  private recurrent!: Variable;
  private bias: Variable | undefined;

  protected override buildCell(features: number): void {
    const { units, useBias, resetAfter, biasInitializer, ...config } = this.config;
    this.kernel = this.weight('kernel', [features, 3 * units], {
      initializer: config.kernelInitializer,
    });
    this.recurrent = this.weight('recurrent_kernel', [units, 3 * units], {
      initializer: config.recurrentInitializer,
    });
    if (!useBias) return;
    const shape = resetAfter ? [2, 3 * units] : [3 * units];
    this.bias = this.weight('bias', shape, { initializer: biasInitializer });
  }

  protected override project(x: Tensor): Tensor {
    const y = matMul(x, this.kernel);
    if (!this.bias) return y;
    return add(y, this.config.resetAfter ? row(this.bias, 0) : this.bias);
  }

  protected override turn(projected: Tensor, [h]: readonly [Tensor]): readonly Tensor[] {
    const gate = activation(this.config.recurrentActivation);
    const [xz, xr, xh] = thirds(projected);
    const { hz, hr, candidate } = this.config.resetAfter ? this.after(h) : this.before(h);
    const [z, r] = [gate(add(xz, hz)), gate(add(xr, hr))];
    const proposed = activation(this.config.activation)(add(xh, candidate(r)));
    return [add(mul(z, h), mul(sub(1, z), proposed))];
  }

  private after(h: Tensor): FromState {
    const product = matMul(h, this.recurrent);
    const sums = this.bias ? add(product, row(this.bias, 1)) : product;
    const [hz, hr, hh] = thirds(sums);
    return { hz, hr, candidate: (r) => mul(r, hh) };
  }

  private before(h: Tensor): FromState {
    const { units } = this.config;
    const columns = (from: number, count: number) =>
      slice(this.recurrent, { begin: [0, from], size: [-1, count] });
    const sums = matMul(h, columns(0, 2 * units));
    const [hz, hr] = split(sums, { sizes: 2, axis: -1 }) as [Tensor, Tensor];
    return { hz, hr, candidate: (r) => matMul(mul(r, h), columns(2 * units, units)) };
  }
}

/** What the state adds to the gates, and to the candidate once the reset gate is known. */
interface FromState {
  readonly hz: Tensor;
  readonly hr: Tensor;
  candidate(reset: Tensor): Tensor;
}

/** Shapes: x [rows, n] -> [1, n]. */
const row = (x: Tensor, i: number) => slice(x, { begin: [i, 0], size: [1, -1] });

const thirds = (x: Tensor) => split(x, { sizes: 3, axis: -1 }) as [Tensor, Tensor, Tensor];

/** A recurrent layer with an update and a reset gate. */
export const gru = factory(GRU);
