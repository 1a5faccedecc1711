import { HostTensor, mean, sgd } from '@tenon/core';
import { layers, type Model, sequential } from '@tenon/layers';
import { expect } from 'chai';

const rows = 240;
const width = 3;
const values = Array.from({ length: rows * width }, (_, i) => ((i * 7919) % 64) / 64);
const learningRate = 1 / 16;

export const x = new HostTensor(Float32Array.from(values), [rows, width]);
export const y = new HostTensor(new Float32Array(rows), [rows, 1]);
export const epochs = 2;
export const batchSize = 12;

/** The loss is the output: a gradient is the mean of the inputs, so weights tell how often each example was applied. */
export async function countingModel(): Promise<Model> {
  const model = sequential({
    layers: [layers.dense({ units: 1, useBias: false, inputShape: [width] })],
  });
  const loss = (_target: unknown, output: Parameters<typeof mean>[0]) => mean(output, { axis: -1 });
  model.compile({ optimizer: sgd({ learningRate }), loss });
  await model.setWeights([new HostTensor(new Float32Array(width), [width, 1])]);
  return model;
}

/** Every example was applied once in each epoch. */
export async function expectAppliedOnce(model: Model, run: string): Promise<void> {
  const [weights] = await model.getWeights();
  for (let column = 0; column < width; column++) {
    const sum = values.reduce((total, v, i) => (i % width === column ? total + v : total), 0);
    const expected = (-learningRate * epochs * sum) / batchSize;
    expect(Number(weights?.data[column]), run).to.be.closeTo(expected, 1e-4);
  }
}

/** Numbers from 0 to 1 that follow from a seed. */
export function numbers(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
