import { decodeGraph, HostTensor, js, Session, type Tensor, type Variable } from '@tenon/core';
import { type BatchSpecs, type Model, trainableModel } from '@tenon/layers';
import { expect } from 'chai';
import { tensorOf } from '../../src/replicas/messages.js';
import { splitBatch } from '../../src/replicas/split-batch.js';
import { type Exchange, exchangeOps, opsOf } from '../../src/replicas/step/exchange-ops.js';
import { replicatedGraph } from '../../src/replicas/step/replicated-graph.js';
import { examples, newModel } from './model.js';

const specs: BatchSpecs = {
  inputs: [{ dtype: 'float32', shape: [4, 4] }],
  targets: [{ dtype: 'int32', shape: [4] }],
  weighted: false,
};

function batch(): HostTensor[] {
  const { x, y } = examples(4);
  return [
    new HostTensor(Float32Array.from(x.flat()), [4, 4]),
    new HostTensor(Int32Array.from(y), [4]),
  ];
}

/** The only replica of a model: sums over replicas are what it hands over. */
async function onlyReplica(model: Model, bucketBytes: number) {
  const events: string[] = [];
  const handed = new Map<number, readonly HostTensor[]>();
  const exchange: Exchange = {
    contribute(bucket, values) {
      events.push(`contribute ${bucket}: ${values.map(({ shape }) => `[${shape}]`).join(' ')}`);
      handed.set(bucket, values);
    },
    finish(bucket) {
      events.push(`finish ${bucket}`);
      return (handed.get(bucket) ?? []).map(({ data }) => data);
    },
  };
  const { bytes, state } = replicatedGraph(trainableModel(model), { specs, bucketBytes });
  const graph = decodeGraph<readonly Tensor[]>(bytes, { hostOps: opsOf(exchangeOps(exchange)) });
  const session = new Session({ devices: [js()] });
  const own = (i: number) => graph.variables.get(`state${i}`) as Variable;
  for (const [i, variable] of state.entries())
    await session.write(own(i), await model.session.read(variable));
  const feeds = ['fed0', 'fed1', 'share', 'counts'].map((name) => graph.inputs.get(name) as Tensor);
  const step = session.prepare(graph.fetches, feeds);
  const weights = async () => {
    const values: HostTensor[] = [];
    for (const [i, variable] of state.entries())
      if (model.weights.some((weight) => weight.variable === variable))
        values.push(await session.read(own(i)));
    return values;
  };
  return { events, handed, step, weights };
}

describe('the graph of a replica', () => {
  it('hands over gradients bucket by bucket, the last layers first, before it asks for any sum', async () => {
    const model = await newModel();
    const { events, step } = await onlyReplica(model, 100);
    await step(...batch(), 1, 1);
    const handed = events.filter((event) => event.startsWith('contribute'));
    expect(events.slice(0, handed.length)).to.deep.equal([
      'contribute 0: [3] [7,3]',
      'contribute 1: [7]',
      'contribute 2: [4,7]',
      // Totals and counts of loss and accuracy.
      'contribute 3: [] [] [] []',
    ]);
    expect([...events.slice(handed.length)].sort()).to.deep.equal(
      handed.map((_, bucket) => `finish ${bucket}`),
    );
  });

  it('takes the step of the model where there is no other replica', async () => {
    const model = await newModel(true);
    const { step, weights } = await onlyReplica(model, 2 ** 20);
    const { x, y } = examples(4);
    const [total, count] = (await step(...batch(), 1, 1)) as [HostTensor, HostTensor];
    const { loss } = await model.trainOnBatch(x, y);
    expect(total.item() / count.item()).to.equal(loss);
    expect(await weights()).to.deep.equal(await model.getWeights());
  });

  it('hands over zeros for an example that is borrowed', async () => {
    const { handed, step } = await onlyReplica(await newModel(true), 2 ** 20);
    const part = splitBatch(batch(), 5)[0];
    expect([part?.share, part?.counts]).to.deep.equal([0, 0]);
    await step(...(part?.values ?? []).map(tensorOf), 0, 0);
    for (const value of [...handed.values()].flat())
      expect(value.data.every((element) => Number(element) === 0)).to.equal(true);
  });
});

describe('a batch', () => {
  it('is cut into parts as even as can be, whose shares are one', () => {
    const values = [
      new HostTensor(
        Float32Array.from({ length: 14 }, (_, i) => i),
        [7, 2],
      ),
    ];
    const parts = splitBatch(values, 3);
    expect(parts.map(({ values: [x], share }) => [x && tensorOf(x).array(), share])).to.deep.equal([
      [
        [
          [0, 1],
          [2, 3],
        ],
        2 / 7,
      ],
      [
        [
          [4, 5],
          [6, 7],
        ],
        2 / 7,
      ],
      [
        [
          [8, 9],
          [10, 11],
          [12, 13],
        ],
        3 / 7,
      ],
    ]);
  });
});
