import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  add,
  assign,
  HostTensor,
  matMul,
  mul,
  placeholder,
  Session,
  sgd,
  sub,
  transpose,
  type Variable,
  variable,
  withDevice,
} from '@tenon/core';
import { createLocalCluster, resumableSteps } from '@tenon/distributed';
import { callbacks, layers, type Model, modelParallel, sequential } from '@tenon/layers';
import { expect } from 'chai';
import { failure } from '../failure.js';
import { batch, valuesOf } from './training.js';

const ps = (task: number) => `/job:ps/task:${task}`;
const pairs = 6;

/** Weights with momentum, dealt over parameter servers; without any, all in one place. */
function training(servers: number) {
  const x = placeholder({ shape: [4, 3] });
  const updates: Variable[] = [];
  const at = <T>(task: number, build: () => T): T =>
    servers === 0 ? build() : withDevice(ps(task % servers), build);
  const variables = Array.from({ length: pairs }, (_, i) =>
    at(i, () => {
      const w = variable([[0.5], [-1], [i]], { name: `w${i}` });
      const v = variable([[0], [0], [0]], { name: `v${i}` });
      const next = add(mul(v, 0.9), mul(matMul(transpose(x), matMul(x, w)), 0.01)); // [3, 1]
      updates.push(assign(v, next) as Variable, assign(w, sub(w, next)) as Variable);
      return [w, v];
    }),
  ).flat();
  return { x, updates, variables };
}

class Stopped extends Error {}

describe('checkpoints of a cluster with other parameter servers', function () {
  this.timeout(30_000);
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tenon-servers-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** Makes the steps of a training in a cluster of so many servers, or in one process; the state at the end. */
  async function steps(servers: number, directory: string, { stop = -1 } = {}) {
    const cluster = await createLocalCluster({ workers: 1, parameterServers: servers });
    const session = servers === 0 ? new Session() : cluster.session();
    const { x, updates, variables } = training(servers);
    const step = session.prepare(updates, [x]);
    try {
      await resumableSteps(
        session,
        { directory, variables, steps: 12, everySteps: 4 },
        async (n) => {
          if (n === stop) throw new Stopped();
          await step(batch(n));
        },
      );
      return await valuesOf(session, variables);
    } finally {
      await session.close();
      await cluster.close();
    }
  }

  for (const [from, to] of [
    [2, 1],
    [2, 3],
    [3, 2],
    [1, 4],
    [2, 0],
    [0, 2],
  ] as const) {
    it(`steps of ${from} servers go on with ${to}, to the bit (0: one process)`, async () => {
      const error = await failure(steps(from, directory, { stop: 7 }));
      expect(error).to.be.instanceOf(Stopped);
      const found = await steps(to, directory);
      expect(found).to.deep.equal(await steps(0, join(directory, 'alone')));
    });
  }

  const words = 30;
  const ids = Int32Array.from({ length: 48 * 2 }, (_, i) => (i * 7919) % words);
  const x = new HostTensor(ids, [48, 2]);
  const y = new HostTensor(
    Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)),
    [48, 1],
  );

  /** A model whose table and kernel lie in one piece on each server, trained until it is stopped. */
  async function pieces(servers: number, own: string, stop = -1): Promise<readonly HostTensor[]> {
    const cluster = await createLocalCluster({ workers: 1, parameterServers: servers });
    const session = cluster.session({ seed: 3 });
    const model: Model = sequential({
      layers: [
        layers.embedding({ name: 'table', inputDim: words, outputDim: 4, inputShape: [2] }),
        layers.flatten(),
        layers.dense({ name: 'hidden', units: 6, activation: 'tanh' }),
        layers.dense({ name: 'output', units: 1 }),
      ],
    });
    const over = Array.from({ length: servers }, (_, task) => ps(task));
    const layout = [
      ['table/embeddings', { axis: 0, over }],
      ['hidden/kernel', { axis: 1, over }],
    ] satisfies Parameters<typeof modelParallel>[0]['layout'];
    const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 });
    const strategy = modelParallel({ layout });
    model.compile({ optimizer, loss: 'meanSquaredError', session, strategy });
    const wave = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(i));
    const weights = await model.getWeights();
    await model.setWeights(weights.map(({ size, shape }) => new HostTensor(wave(size), shape)));
    let batches = 0;
    const end = {
      onBatchEnd: () => {
        if (batches++ === stop) throw new Stopped();
      },
    };
    const backup = callbacks.backupAndRestore({ directory: own, every: 3 });
    try {
      const options = { epochs: 2, batchSize: 8, verbose: 0, shuffle: { seed: 5 } } as const;
      await model.fit(x, y, { ...options, callbacks: [end, backup] });
      return await model.getWeights();
    } finally {
      await cluster.close();
    }
  }

  for (const [from, to] of [
    [2, 3],
    [3, 1],
  ] as const) {
    it(`weights in ${from} pieces go on in ${to}: equal up to the rounding of sums`, async () => {
      const error = await failure(pieces(from, directory, 8));
      expect(error).to.be.instanceOf(Stopped);
      const found = await pieces(to, directory);
      const expected = await pieces(from, join(directory, 'undisturbed'));
      const differences = found.flatMap(({ data }, i) =>
        Array.from(data as Float32Array, (v, j) => Math.abs(v - Number(expected[i]?.data[j]))),
      );
      expect(Math.max(...differences)).to.be.below(1e-6);
    });
  }
});
