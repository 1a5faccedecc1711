import {
  add,
  conv2d,
  depthwiseConv2d,
  gradients,
  type HostTensor,
  hostTensor,
  js,
  maxPool,
  mul,
  placeholder,
  relu,
  Session,
  sum,
  type Tensor,
} from '@tenon/core';
import { wasm } from '@tenon/wasm';
import { expect } from 'chai';
import { differences } from './conv-data.js';

const floats = (...shape: number[]) =>
  hostTensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * i)),
    { shape },
  );

type Six = readonly [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];

describe('a net of convolutions', () => {
  it('gives the loss and gradients of the interpreter, the same bits for every number of threads', async () => {
    const given = [
      floats(4, 20, 20, 3),
      floats(3, 3, 3, 16),
      floats(16),
      floats(3, 3, 16, 1),
      floats(3, 3, 16, 128),
      floats(1, 1, 128, 8),
    ];
    const inputs = given.map(({ shape }, i) => placeholder({ name: `given${i}`, shape }));
    const [x, first, bias, each, wide, last] = inputs as unknown as Six;
    const features = relu(add(conv2d(x, first, { padding: 'same' }), bias));
    const pooled = maxPool(features, { filterSize: 2, strides: 2 });
    const alone = relu(depthwiseConv2d(pooled, each, { padding: 'same' }));
    const y = conv2d(relu(conv2d(alone, wide, { padding: 'valid', strides: [2, 2] })), last);
    const fetches = [y, ...gradients(sum(mul(y, y)), inputs)];
    const feeds = inputs.map((input, i) => [input, given[i] as HostTensor] as const);
    const found = await Promise.all(
      [js(), wasm({ threads: 1 }), wasm({ threads: 2 })].map(async (device) => {
        const session = new Session({ devices: [device] });
        let values = await session.run(fetches, { feeds });
        // Threads take part as soon as they have started.
        for (let turn = 0; turn < 12 && device.name !== 'js'; turn++) {
          values = await session.run(fetches, { feeds });
        }
        await session.close();
        return values.map(({ data }) => Array.from(data as Float32Array));
      }),
    );
    const [reference, one, two] = found as [number[][], number[][], number[][]];
    expect(two).to.deep.equal(one);
    const apart = one.flatMap((values, i) => {
      const most = Math.max(...(reference[i] as number[]).map(Math.abs));
      const scaled = (list: readonly number[]) => list.map((value) => value / most);
      return differences(scaled(values), scaled(reference[i] as number[]), 1e-5);
    });
    expect(apart).to.deep.equal([]);
  });
});
