import { Session, withDevice } from '@tenon/core';
import { createLocalCluster } from '@tenon/distributed';
import { initializers, layers, sequential } from '@tenon/layers';
import { expect } from 'chai';

const rows = 24;
const x = Array.from({ length: rows }, (_, i) => [Math.sin(i), Math.cos(i), i / rows]);
const y = x.map(([a = 0, b = 0]) => [a > b ? 1 : 0]);

/** Trains a small net; everything that can be told of it. */
async function trained(session: Session, at: <T>(device: string, build: () => T) => T) {
  const model = at('/job:ps/task:0', () =>
    sequential({
      name: 'net',
      layers: [
        layers.dense({
          name: 'hidden',
          units: 8,
          activation: 'relu',
          inputShape: [3],
          kernelInitializer: initializers.glorotUniform({ seed: 1 }),
        }),
        layers.dropout({ name: 'dropout', rate: 0.25, seed: 2 }),
        layers.dense({
          name: 'output',
          units: 1,
          activation: 'sigmoid',
          kernelInitializer: initializers.glorotUniform({ seed: 3 }),
        }),
      ],
    }),
  );
  model.compile({
    optimizer: 'adam',
    loss: 'binaryCrossentropy',
    metrics: ['binaryAccuracy'],
    session,
  });
  const history = await model.fit(x, y, {
    epochs: 3,
    batchSize: 10,
    validationSplit: 0.25,
    verbose: 0,
  });
  const weights = await model.getWeights();
  const predicted = await model.predict(x);
  return { history: history.history, weights, predicted, runs: session.runs };
}

describe('fit in a cluster', () => {
  it('gives bit for bit what one process gives', async () => {
    const cluster = await createLocalCluster({ workers: 2, parameterServers: 1 });
    try {
      const spread = await trained(cluster.session({ seed: 1 }), withDevice);
      const single = await trained(new Session({ seed: 1 }), (_device, build) => build());
      expect(spread).to.deep.equal(single);
    } finally {
      await cluster.close();
    }
  });
});
