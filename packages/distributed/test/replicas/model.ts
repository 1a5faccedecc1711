import { type HostTensor, js, Session } from '@tenon/core';
import { type FitOptions, layers, type Model, sequential, type Trainable } from '@tenon/layers';
import { AllReduceTrainer } from '../../src/replicas/all-reduce-trainer.js';
import type { Replica } from '../../src/replicas/replica.js';
import type { ReplicaKind } from '../../src/replicas/replica-kind.js';

/** A small net with batch normalisation, in a session of its own; the same weights each time. */
export async function newModel(normalised = false): Promise<Model> {
  const model = sequential({
    layers: [
      layers.dense({ units: 7, activation: 'tanh', inputShape: [4] }),
      ...(normalised ? [layers.batchNormalization({})] : []),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: 'adam',
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    session: new Session({ devices: [js()] }),
  });
  const weights = await model.getWeights();
  const [first, second] = [weights[0], weights.at(-2)] as [HostTensor, HostTensor];
  for (const { data } of [first, second])
    for (let i = 0; i < data.length; i++) data[i] = Math.sin(3 * i + data.length) / 2;
  await model.setWeights(weights);
  return model;
}

/** Made-up examples of three classes; `doubled` are those of a batch of `doubled` twice, one after the other. */
export function examples(count: number): { x: number[][]; y: number[] } {
  const x = Array.from({ length: count }, (_, i) => [0, 1, 2, 3].map((j) => Math.cos(i * (j + 2))));
  return { x, y: x.map(([a = 0, b = 0]) => (a > 0.3 ? 2 : b > 0 ? 1 : 0)) };
}

export const quietly = (options: FitOptions): FitOptions => ({
  verbose: 0,
  shuffle: { seed: 5 },
  ...options,
});

/** Largest difference between the weights of two models. */
export async function distance(a: Model, b: Model): Promise<number> {
  const [left, right] = [await a.getWeights(), await b.getWeights()];
  const differences = left.flatMap(({ data }, i) =>
    Array.from(data as Float32Array, (value, j) =>
      Math.abs(value - Number((right[i] as HostTensor).data[j])),
    ),
  );
  return Math.max(...differences);
}

/** A strategy over replicas that a test can end: `started` are all that ever were, in order. */
export function killable(kind: ReplicaKind, replicas: number) {
  const started: Replica[] = [];
  const restarted: string[] = [];
  const recorded: ReplicaKind = {
    ...kind,
    start(name) {
      const replica = kind.start(name);
      started.push(replica);
      return replica;
    },
  };
  const begin = async (trainable: Trainable) =>
    new AllReduceTrainer(trainable, {
      kind: recorded,
      replicas,
      bucketBytes: 64,
      wire: 'exact',
      deadline: 60_000,
      checkEvery: 3,
      restarts: 3,
      restarted: (name) => restarted.push(name),
    });
  return { started, restarted, strategy: { begin } };
}
