import { type HostTensor, Session } from '@tenon/core';
import { expect } from 'chai';
import { input } from '../../src/core/input.js';
import { constantInitializer, orthogonal } from '../../src/initializers/index.js';
import type { Layer } from '../../src/layer.js';
import * as layers from '../../src/layers-namespace.js';

async function initial(layer: Layer, name: string): Promise<HostTensor> {
  layer.apply(input({ shape: [4, 2] }));
  const session = new Session();
  const weight = layer.weights.find((found) => found.name === name);
  if (!weight) throw new Error(`there is no weight ${name}`);
  const value = await session.read(weight.variable);
  await session.close();
  return value;
}

/** The largest difference between the products of rows (columns, where they are fewer) and those of unit vectors. */
function deviation({ data, shape }: HostTensor): number {
  const columns = shape.at(-1) as number;
  const rows = data.length / columns;
  const flip = rows > columns;
  const [n, m] = flip ? [columns, rows] : [rows, columns];
  const at = (i: number, j: number) => Number(data[flip ? j * columns + i : i * columns + j]);
  let worst = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let product = 0;
      for (let k = 0; k < m; k++) product += at(i, k) * at(j, k);
      worst = Math.max(worst, Math.abs(product - (i === j ? 1 : 0)));
    }
  }
  return worst;
}

describe('first values of weights', () => {
  it('an LSTM starts with the bias of its forget gate at 1', async () => {
    const bias = await initial(
      layers.lstm({ units: 2, biasInitializer: constantInitializer({ value: 3 }) }),
      'bias',
    );
    expect(Array.from(bias.data as Float32Array)).to.deep.equal([3, 3, 1, 1, 3, 3, 3, 3]);
  });

  it('an LSTM without unitForgetBias starts with the bias of all gates alike', async () => {
    const bias = await initial(layers.lstm({ units: 2, unitForgetBias: false }), 'bias');
    expect(Array.from(bias.data as Float32Array)).to.deep.equal(new Array(8).fill(0));
  });

  it('recurrent weights are orthogonal', async () => {
    for (const layer of [layers.simpleRNN({ units: 5 }), layers.gru({ units: 5 })]) {
      expect(deviation(await initial(layer, 'recurrent_kernel'))).to.be.lessThan(1e-5);
    }
  });

  it('orthogonal starts are orthogonal in every shape, over several blocks of rows too', async () => {
    const session = new Session();
    for (const shape of [
      [3, 7],
      [9, 4],
      [2, 3, 4],
      [40, 40],
      [18, 50],
    ]) {
      const value = await session.run(orthogonal({ seed: 3 }).tensor(shape, 'float32'));
      expect(value.shape).to.deep.equal(shape);
      expect(deviation(value), `shape ${shape}`).to.be.lessThan(1e-5);
    }
    await session.close();
  });

  it('orthogonal starts have the length of the gain and follow from the seed', async () => {
    const session = new Session();
    const start = () => orthogonal({ gain: 2, seed: 5 }).tensor([2, 3], 'float32');
    const [a, b] = await session.run([start(), start()]);
    const [x = 0, y = 0, z = 0] = Array.from((a as HostTensor).data as Float32Array);
    expect(Math.hypot(x, y, z)).to.be.closeTo(2, 1e-5);
    expect((b as HostTensor).data).to.deep.equal((a as HostTensor).data);
    await session.close();
  });
});
