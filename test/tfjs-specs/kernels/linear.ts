import * as tn from '@tenon/core';
import type { _FusedMatMulAttrs, BatchMatMulAttrs, EinsumAttrs } from '@tensorflow/tfjs-core';
import type { Inputs, KernelTable } from '../kernel.js';

/** What a fused kernel does after its product. */
export interface Epilogue {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
  readonly dataFormat?: string;
}

type Activation = (y: tn.Tensor, epilogue: Epilogue, inputs: Inputs) => tn.Tensor;

const activations: Readonly<Record<string, Activation>> = {
  linear: (y) => y,
  relu: (y) => tn.relu(y),
  relu6: (y) => tn.relu6(y),
  elu: (y) => tn.elu(y),
  sigmoid: (y) => tn.sigmoid(y),
  leakyrelu: (y, { leakyreluAlpha = 0.2 }) => tn.leakyRelu(y, { alpha: leakyreluAlpha }),
  prelu: (y, { dataFormat }, { preluActivationWeights }) =>
    tn.prelu(y, ofChannels(preluActivationWeights as tn.Tensor, dataFormat)),
};

/** One number for each channel lies along the axis of the channels, whichever that is. */
const ofChannels = (x: tn.Tensor, dataFormat?: string): tn.Tensor =>
  dataFormat === 'NCHW' && x.rank === 1 ? tn.reshape(x, { shape: [x.size as number, 1, 1] }) : x;

/** Adds the bias and applies the activation. */
export function withEpilogue(y: tn.Tensor, epilogue: Epilogue, inputs: Inputs): tn.Tensor {
  const biased = inputs.bias ? tn.add(y, ofChannels(inputs.bias, epilogue.dataFormat)) : y;
  const activation = activations[epilogue.activation ?? 'linear'];
  if (!activation) throw new Error(`Unknown fused activation ${epilogue.activation}.`);
  return activation(biased, epilogue, inputs);
}

export const linear = {
  BatchMatMul: ({ a, b }, { transposeA, transposeB }: BatchMatMulAttrs) =>
    tn.matMul(a, b, { transposeA, transposeB }),
  Einsum: ({ list }, { equation }: EinsumAttrs) => tn.einsum(list, { equation }),
  _FusedMatMul: (inputs, { transposeA, transposeB, ...epilogue }: _FusedMatMulAttrs) =>
    withEpilogue(tn.matMul(inputs.a, inputs.b, { transposeA, transposeB }), epilogue, inputs),
} satisfies KernelTable;
