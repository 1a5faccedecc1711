import {
  adam,
  gather,
  HostTensor,
  matMul,
  mean,
  placeholder,
  Session,
  square,
  sub,
  sum,
  variable,
} from '@tenon/core';
import { createLocalCluster, type DataParallelOptions, dataParallel } from '@tenon/distributed';
import { modelParallel, type Strategy, trainGraph } from '@tenon/layers';
import { expect } from 'chai';
import { failure } from '../failure.js';
import { largestDifference } from './largest-difference.js';

const rows = 60;
const words = 30;
const wave = (size: number, step: number) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(i * step));
const ids = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % words);
const y = wave(rows, 0.3);

function* batches(size: number) {
  for (let from = 0; from < rows; from += size) {
    const to = Math.min(rows, from + size);
    yield [
      new HostTensor(ids.subarray(from, to), [to - from]),
      new HostTensor(y.subarray(from, to), [to - from, 1]),
    ];
  }
}

/** Losses of three epochs, and all variables after them. */
async function trained(strategy?: Strategy) {
  const x = placeholder({ dtype: 'int32', shape: [null] });
  const target = placeholder({ shape: [null, 1] });
  const table = variable(new HostTensor(wave(words * 4, 0.7), [words, 4]), { name: 'table' });
  const w = variable(new HostTensor(wave(4, 0.5), [4, 1]), { name: 'w' });
  const error = sub(matMul(gather(table, x), w), target);
  const session = new Session();
  const optimizer = adam({ learningRate: 0.05 });
  const loss = mean(square(error));
  const metrics = { size: sum(square(error), { axis: 1 }) };
  const inputs = [x, target];
  const training = await trainGraph({ session, loss, inputs, optimizer, metrics, strategy });
  const losses: number[] = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    const logs = await training.epoch(batches(12));
    expect(logs.size).to.be.closeTo(logs.loss as number, 1e-5);
    losses.push(logs.loss as number);
  }
  await training.end();
  const values = [await session.read(table), await session.read(w)];
  expect((await session.read(optimizer.iterations)).item()).to.equal(3 * Math.ceil(rows / 12));
  await session.close();
  return { losses, values };
}

describe('graphs of one’s own under a strategy', () => {
  for (const [name, given] of [
    ['parameter servers', { mode: 'sync', embeddings: 'whole', splitBytes: 0 }],
    ['all-reduce', { mode: 'allReduce', replicas: 2 }],
  ] as const satisfies readonly (readonly [string, DataParallelOptions])[]) {
    it(`synchronous replicas over ${name} equal one session`, async () => {
      const cluster = await createLocalCluster({ workers: 2, parameterServers: 2 });
      const own = given.mode === 'sync' ? { cluster } : {};
      const found = await trained(dataParallel({ ...given, ...own } as DataParallelOptions));
      const alone = await trained();
      expect(largestDifference(found.values, alone.values)).to.be.below(1e-5);
      found.losses.forEach((loss, i) => {
        expect(loss).to.be.closeTo(alone.losses[i] as number, 1e-5);
      });
      await cluster.close();
    });
  }

  for (const mode of [
    { mode: 'sync', backups: 1 },
    { mode: 'async' },
    { mode: 'hybrid', groups: 3 },
  ] as const satisfies readonly DataParallelOptions[]) {
    it(`learn with ${JSON.stringify(mode)} and a table by rows`, async () => {
      const cluster = await createLocalCluster({ workers: 3, parameterServers: 2 });
      const { losses } = await trained(dataParallel({ ...mode, cluster }));
      expect(losses[2]).to.be.below(losses[0] as number);
      await cluster.close();
    });
  }

  it('have no layers to be placed', async () => {
    const error = await failure(trained(modelParallel({})));
    expect(error.code).to.equal('ATTRIBUTE_INVALID');
    expect(error.message).to.contain('session.place');
  });
});
