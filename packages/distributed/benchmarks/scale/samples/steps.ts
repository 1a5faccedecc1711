import * as tn from 'tenon';

const batch = 128;
const warmUp = 50;
const steps = 400;

/** Steps of a net of three dense layers, 2.7 MB of parameters, on one thread. */
export async function measureSteps(): Promise<{ model: string; seconds: number[] }> {
  const { dense } = tn.layers;
  const model = tn.sequential({
    layers: [
      dense({ units: 512, activation: 'relu', inputShape: [784] }),
      dense({ units: 512, activation: 'relu' }),
      dense({ units: 10, activation: 'softmax' }),
    ],
  });
  const session = new tn.Session({ devices: [tn.wasm({ threads: 1 })] });
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', session });
  const examples = batch * (warmUp + steps);
  const x = new tn.HostTensor(
    new Float32Array(examples * 784).map((_, i) => Math.sin(i)),
    [examples, 784],
  );
  const y = new tn.HostTensor(
    Int32Array.from({ length: examples }, (_, i) => i % 10),
    [examples],
  );
  const ends: number[] = [];
  await model.fit(x, y, {
    batchSize: batch,
    epochs: 1,
    shuffle: false,
    verbose: 0,
    yieldEvery: 'never',
    callbacks: { onBatchEnd: () => void ends.push(performance.now()) },
  });
  const times = ends.slice(1).map((end, i) => (end - (ends[i] as number)) / 1000);
  await session.close();
  return { model: 'dense 784-512-512-10, batch 128, 1 thread', seconds: times.slice(warmUp - 1) };
}
