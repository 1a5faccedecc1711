import {
  elu,
  exp,
  gelu,
  hardSigmoid,
  leakyRelu,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  type Tensor,
  tanh,
} from '@tenon/core';
import { z } from 'zod';
import { named } from '../config.js';

/** A function of one tensor, element by element or over the last axis. */
export type Activation = (x: Tensor) => Tensor;

const table: ReadonlyMap<string, Activation> = new Map<string, Activation>([
  ['linear', (x) => x],
  ['relu', (x) => relu(x)],
  ['relu6', (x) => relu6(x)],
  ['leakyRelu', (x) => leakyRelu(x)],
  ['elu', (x) => elu(x)],
  ['selu', (x) => selu(x)],
  ['sigmoid', (x) => sigmoid(x)],
  ['hardSigmoid', (x) => hardSigmoid(x)],
  ['tanh', (x) => tanh(x)],
  ['softmax', (x) => softmax(x)],
  ['logSoftmax', (x) => logSoftmax(x)],
  ['softplus', (x) => softplus(x)],
  ['softsign', (x) => softsign(x)],
  ['exponential', (x) => exp(x)],
  ['gelu', (x) => gelu(x)],
  ['silu', (x) => silu(x)],
  ['swish', (x) => silu(x)],
  ['mish', (x) => mish(x)],
]);

/** A name, or a function of one's own (which a saved model can not hold). */
export const activationSchema = z.union([
  z.string().refine((name) => activation(name) !== undefined),
  z.custom<Activation>((value) => typeof value === 'function'),
]);

/** The activation that a name or function stands for. Errors: NAME_UNKNOWN. */
export const activation = (given: string | Activation): Activation =>
  typeof given === 'function' ? given : named(table, given, 'activation');
