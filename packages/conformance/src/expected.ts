import '@tensorflow/tfjs-backend-cpu';
import { type HostTensor, hostTensor, type NestedArray } from '@tenon/core';
import * as tf from '@tensorflow/tfjs-core';
import { listOf } from './application.js';
import type { OpCase } from './op-case.js';

// Spares every run the advice to install another backend.
tf.env().set('IS_TEST', true);

/** What an output must be: numbers in row-major order. The shape is null where nested arrays can not tell it. */
export interface Expected {
  readonly values: ArrayLike<number>;
  readonly shape: readonly number[] | null;
  /** Where the reference tells it. */
  readonly kind?: 'float' | 'int' | 'bool';
}

const toReference = ({ data, shape, dtype }: HostTensor): tf.Tensor => {
  const values = Array.from(data as ArrayLike<number>, Number);
  if (dtype === 'bool') return tf.tensor(Uint8Array.from(values), [...shape], 'bool');
  const whole = dtype.startsWith('int') || dtype.startsWith('uint');
  return whole
    ? tf.tensor(Int32Array.from(values), [...shape], 'int32')
    : tf.tensor(Float32Array.from(values), [...shape]);
};

/** The outputs by the row's reference, or by its formula; null where it has neither. */
export function expectedOutputs(
  row: OpCase,
  inputs: readonly HostTensor[],
  outputs: number,
): readonly Expected[] | null {
  if (row.reference) return byReference(row.reference, inputs);
  if (!row.formula) return null;
  return nestedOutputs(row.formula(...(inputs.map(plainNumbers) as never[])), outputs);
}

/** Nested arrays for one output, or a list of them for several. */
export const nestedOutputs = (
  nested: NestedArray | readonly NestedArray[],
  outputs: number,
): readonly Expected[] =>
  (outputs === 1 ? [nested as NestedArray] : (nested as readonly NestedArray[])).map(
    nestedExpected,
  );

const kinds = { float32: 'float', int32: 'int', bool: 'bool' } as const;

function byReference(
  reference: NonNullable<OpCase['reference']>,
  inputs: readonly HostTensor[],
): readonly Expected[] {
  tf.engine().startScope();
  try {
    const outputs = listOf(reference(...(inputs.map(toReference) as never[])));
    return outputs.map((output) => ({
      values: Float64Array.from(output.dataSync()),
      shape: output.shape,
      kind: kinds[output.dtype as keyof typeof kinds],
    }));
  } finally {
    tf.engine().endScope();
  }
}

const plainNumbers = (tensor: HostTensor): NestedArray =>
  tensor.dtype === 'int64' ? hostTensor(tensor, { dtype: 'float64' }).array() : tensor.array();

function nestedExpected(nested: NestedArray): Expected {
  const { data, shape } = hostTensor(nested, { dtype: 'float64' });
  return { values: data as Float64Array, shape: shape.includes(0) ? null : shape };
}
