import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adam, type HostTensor, Session } from '@tenon/core';
import { createLocalCluster, type InProcessCluster } from '@tenon/distributed';
import { layers, loadModel, type ModelStrategy, modelParallel, sequential } from '@tenon/layers';
import { expect } from 'chai';

const over = ['/job:worker/task:0', '/job:worker/task:1'];
const rows = 16;
const x = Array.from({ length: rows }, (_, i) => [i % 30, (i * 7) % 30, (i * 11) % 30]);
const y = Array.from({ length: rows }, (_, i) => [i % 2]);

const inPieces = modelParallel({
  devices: [['hidden', '/job:worker/task:1']],
  layout: [
    ['embedding/embeddings', { axis: 0, over }],
    ['output/kernel', { axis: 0, over: [...over].reverse() }],
  ],
});

function words(session: Session, strategy?: ModelStrategy) {
  const model = sequential({
    layers: [
      layers.embedding({ inputDim: 30, outputDim: 4, inputShape: [3] }),
      layers.flatten(),
      layers.dense({ name: 'hidden', units: 8, activation: 'tanh' }),
      layers.dense({ name: 'output', units: 1, activation: 'sigmoid' }),
    ],
  });
  const optimizer = adam({ learningRate: 0.02 });
  const loss = 'binaryCrossentropy';
  model.compile({ optimizer, loss, session, ...(strategy ? { strategy } : {}) });
  return model;
}

const options = { epochs: 10, batchSize: 8, shuffle: false, verbose: 0 } as const;

function expectNear(a: readonly HostTensor[], b: readonly HostTensor[]): void {
  expect(a.map(({ shape }) => shape)).to.deep.equal(b.map(({ shape }) => shape));
  for (const [i, { data }] of a.entries())
    data.forEach((value: number | bigint, at: number) => {
      expect(Number(value)).to.be.closeTo(Number(b[i]?.data[at]), 1e-6);
    });
}

describe('a model over the workers of a cluster', () => {
  let cluster: InProcessCluster;
  before(async () => {
    cluster = await createLocalCluster({ workers: 2 });
  });
  after(() => cluster.close());

  it('trains, predicts and evaluates as on one process', async () => {
    const plain = words(new Session({ seed: 1 }));
    const spread = words(cluster.session({ seed: 1 }), inPieces);
    const start = await plain.getWeights();
    await spread.setWeights(start);
    for (const model of [plain, spread]) await model.fit(x, y, options);
    const ends = [await plain.getWeights(), await spread.getWeights()] as const;
    expect(Math.abs(Number(ends[0][0]?.data[0]) - Number(start[0]?.data[0]))).to.be.above(1e-3);
    expectNear(...ends);
    expectNear([await plain.predict(x)], [await spread.predict(x)]);
    const losses = [await plain.evaluate(x, y), await spread.evaluate(x, y)];
    expect(losses[0]?.loss).to.be.closeTo(losses[1]?.loss ?? 0, 1e-6);
  });

  it('keeps each piece and what the optimizer has for it at its worker', async () => {
    const session = cluster.session({ seed: 1 });
    const model = words(session, inPieces);
    await model.fit(x, y, options);
    const text = String(session.explain(model.weights.map(({ variable }) => variable)));
    expect(text).to.contain('embeddings[0:15, :]').and.to.contain('embeddings[15:30, :]');
    const slots = model.compiled.optimizer.variables().map(({ variable }) => variable);
    expect(String(session.explain(slots))).to.contain('embeddings/momentum[15:30, :]');
  });

  it('is saved whole, and goes on in one process or in other pieces exactly where it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenon-pieces-'));
    try {
      const spread = words(cluster.session({ seed: 1 }), inPieces);
      await spread.fit(x, y, options);
      await spread.save(folder);
      const others = modelParallel({
        layout: [
          ['embedding/embeddings', { axis: 1, over, sizes: [1, 3] }],
          ['hidden/.*', { axis: -1, over }],
        ],
      });
      const one = await loadModel(folder, { session: new Session({ seed: 1 }) });
      const session = cluster.session({ seed: 1 });
      const two = await loadModel(folder, { session, strategy: others });
      for (const model of [spread, one, two]) await model.fit(x, y, options);
      const weights = await spread.getWeights();
      expectNear(await one.getWeights(), weights);
      expectNear(await two.getWeights(), weights);
      const text = String(session.explain(two.weights.map(({ variable }) => variable)));
      expect(text).to.contain('embeddings[:, 0:1]').and.to.contain('hidden/kernel[:, 4:8]');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('says which device the cluster does not have', async () => {
    const strategy = modelParallel({
      layout: [['output/kernel', { axis: 0, over: ['/job:worker/task:0', '/job:worker/task:7'] }]],
    });
    const model = words(cluster.session(), strategy);
    const failure = await model.fit(x, y, options).then(
      () => undefined,
      (error: { code: string; message: string }) => error,
    );
    expect(failure?.code).to.equal('PLACEMENT_CONFLICT');
    expect(failure?.message).to.contain('/job:worker/task:7');
  });
});
