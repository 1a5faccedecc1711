import {
  assign,
  concat,
  group,
  js,
  mul,
  reshape,
  Session,
  type Tensor,
  variable,
} from '@tenon/core';
import { expect } from 'chai';

describe('updates of fused programs', () => {
  it('are made after what they read, also where a reshape reads it', async () => {
    const runs = [1, 2, 3].map((i) => {
      const half = (from: number) => new Float32Array(6).fill(from);
      const [p, q] = [variable(half(i), { shape: [3, 2] }), variable(half(i), { shape: [3, 2] })];
      const a = variable(new Float32Array(12).fill(i), { shape: [3, 4] });
      const b = variable(new Float32Array(12), { shape: [12] });
      const next = concat([p, q], { axis: 1 });
      const product = mul(reshape(next, { shape: [12] }), reshape(a, { shape: [12] }));
      return { b, update: group([assign(b, product), assign(a, next)]) };
    });
    const found = await Promise.all(
      [false, true].map(async (fuse) => {
        const session = new Session({ devices: [js({ fuse })] });
        const updates: Tensor = group(runs.map(({ update }) => update));
        await session.run(updates);
        return Promise.all(runs.map(async ({ b }) => [...(await session.read(b)).data]));
      }),
    );
    expect(found[1]).to.deep.equal(found[0]);
    expect(found[0]?.map(([first]) => first)).to.deep.equal([1, 4, 9]);
  });
});
