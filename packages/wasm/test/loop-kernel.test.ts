import {
  add,
  cast,
  type Device,
  type DType,
  exp,
  type HostTensor,
  hostTensor,
  js,
  max,
  maximum,
  mean,
  mul,
  placeholder,
  prod,
  Session,
  slice,
  sub,
  sum,
  type Tensor,
  transpose,
} from '@tenon/core';
import { expect } from 'chai';
import { wasm } from '../src/index.js';

/** Numbers that are sums of few powers of two: their sums and products are exact in any order. */
const exact = (shape: readonly number[], seed: number): HostTensor => {
  const count = shape.reduce((all, size) => all * size, 1);
  const values = Float32Array.from({ length: count }, (_, i) => ((i * 7 + seed * 5) % 17) - 8);
  return hostTensor(values, { shape });
};

const devices = [1, 2, 3].map((threads) => wasm({ threads }));

/** What one graph gives on the js device, and on the wasm device with one, two and three threads. */
async function everywhere(
  build: (x: Tensor, y: Tensor) => Tensor,
  values: readonly [HostTensor, HostTensor],
): Promise<{ expected: HostTensor; found: HostTensor[] }> {
  const [x, y] = values.map(({ shape, dtype }) => placeholder({ shape: [...shape], dtype })) as [
    Tensor,
    Tensor,
  ];
  const result = build(x, y);
  const on = async (device: Device) => {
    const session = new Session({ devices: [device] });
    try {
      return await session.run(result, {
        feeds: [
          [x, values[0]],
          [y, values[1]],
        ],
      });
    } finally {
      session.close();
    }
  };
  const found: HostTensor[] = [];
  for (const device of devices) found.push(await on(device));
  return { expected: await on(js()), found };
}

const builds: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  'elements side by side': (x, y) => maximum(add(mul(x, y), 3), sub(x, y)),
  'a sum along the rows': (x, y) => sum(mul(x, y), { axis: -1 }),
  'a sum along the columns': (x, y) => sum(add(x, y), { axis: 0 }),
  'a sum of all': (x, y) => sum(sub(x, y)),
  'a maximum along the rows': (x) => max(x, { axis: -1 }),
  'a product of few': (x) => prod(slice(x, { begin: [0, 0], size: [1, -1] }), { axis: 0 }),
  transposes: (x, y) => add(transpose(x), transpose(y)),
  'other dtypes': (x, y) =>
    cast(add(cast(x, { dtype: 'int32' }), cast(y, { dtype: 'int32' })), { dtype: 'float64' }),
};

const sizes = [
  [1, 1],
  [1, 7],
  [5, 1],
  [3, 4],
  [17, 9],
  [2, 130],
  [130, 3],
  [64, 65],
  [3, 5000],
  [5000, 3],
  [1, 20_011],
] as const;

describe('loop kernels', () => {
  after(() => {
    for (const device of devices) device.close();
  });

  for (const [name, build] of Object.entries(builds)) {
    it(`compute ${name} as the js device does, for any number of threads`, async () => {
      for (const shape of sizes) {
        const { expected, found } = await everywhere(build, [exact(shape, 1), exact(shape, 2)]);
        for (const { data } of found) expect(data, `${shape}`).to.deep.equal(expected.data);
      }
    });
  }

  it('sum up long rows nearly as exactly as in double precision', async () => {
    const values = Float32Array.from({ length: 300_001 }, (_, i) => Math.sin(i) + 1);
    const x = hostTensor(values);
    const { found } = await everywhere((a) => mean(a), [x, x]);
    const wanted = values.reduce((all, value) => all + value, 0) / values.length;
    for (const { data } of found) expect(Number(data[0])).to.be.closeTo(wanted, 1e-6);
  });

  it('give the same bits for any number of threads', async () => {
    const values = Float32Array.from({ length: 70_003 }, (_, i) => Math.sin(i * i));
    const x = hostTensor(values);
    const { found } = await everywhere((a, b) => sum(mul(exp(a), b)), [x, x]);
    const bits = found.map(({ data }) => data[0]);
    expect(new Set(bits).size).to.equal(1);
  });

  it('sum up halves in single precision', async () => {
    const dtype: DType = 'float16';
    const x = hostTensor(new Float32Array(5000).fill(1), { dtype });
    const { found } = await everywhere((a) => sum(a), [x, x]);
    for (const { data } of found) expect(Number(data[0])).to.equal(5000);
  });
});
