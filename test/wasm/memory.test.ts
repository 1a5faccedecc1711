import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import * as tn from 'tenon';
import { nets } from './nets.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function usedBytes(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + arrayBuffers + external;
}

function compiled(device: tn.Device, loss = 'meanSquaredError'): tn.Model {
  const model = tn.sequential({
    layers: [
      tn.layers.dense({ units: 16, activation: 'relu', inputShape: [8] }),
      tn.layers.dense({ units: 1 }),
    ],
  });
  model.useSession(new tn.Session({ devices: [device] }));
  model.compile({ optimizer: 'adam', loss });
  return model;
}

describe('memory on wasm', () => {
  it('stays flat over 10,000 training steps', async () => {
    const model = compiled(tn.wasm());
    const [x, y] = [
      new tn.HostTensor(new Float32Array(8000), [1000, 8]),
      new tn.HostTensor(new Float32Array(1000), [1000, 1]),
    ];
    const steps = (count: number) =>
      model.fit(x, y, { epochs: count / 100, batchSize: 10, verbose: 0 });
    await steps(1000);
    const before = await usedBytes();
    await steps(10_000);
    expect((await usedBytes()) - before).to.be.below(4 * 2 ** 20);
  }).timeout(30_000);

  for (const [name, net] of Object.entries(nets)) {
    it(`of ${name} is planned within 1.1 times its bound`, async () => {
      const ratios: number[] = [];
      const device = tn.wasm({ threads: 1 });
      const compile = device.compile.bind(device);
      device.compile = (program, variables) => {
        ratios.push(program.arenaBytes / Math.max(64, program.leastBytes));
        return compile(program, variables);
      };
      const model = net.model();
      model.useSession(new tn.Session({ devices: [device] }));
      model.compile({ optimizer: 'adam', loss: net.loss });
      const [x, y] = net.data(16);
      await model.fit(x, y, { batchSize: 16, verbose: 0 });
      expect(Math.max(...ratios)).to.be.at.most(1.1);
    }).timeout(30_000);
  }

  it('that is too little is an error that says how much is missing, and training goes on with less', async () => {
    const device = tn.wasm({ threads: 1, bytes: 4 * 2 ** 20 });
    const model = compiled(device);
    const rows = (n: number) =>
      [
        new tn.HostTensor(new Float32Array(8 * n), [n, 8]),
        new tn.HostTensor(new Float32Array(n), [n, 1]),
      ] as const;
    const [x, y] = rows(200_000);
    const failed = await model
      .fit(x, y, { batchSize: 200_000, verbose: 0 })
      .catch((error) => error);
    expect(failed).to.be.instanceOf(tn.GraphError);
    expect(failed.code).to.equal('DEVICE_LIMIT');
    expect(failed.message).to.match(/wasm:0: .* would take \d+ bytes more/);
    const { history } = await model.fit(x, y, { batchSize: 32, stepsPerEpoch: 3, verbose: 0 });
    expect(history.loss).to.have.length(1);
  }).timeout(30_000);
});
