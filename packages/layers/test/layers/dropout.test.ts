import { hostTensor, placeholder, Session, type Shape, type Tensor } from '@tenon/core';
import { expect } from 'chai';
import * as layers from '../../src/layers-namespace.js';

const training = { training: true, update: () => {} };

interface Draw {
  readonly shape: readonly number[];
  readonly known?: Shape;
  readonly runs?: number;
}

/** Masks that a layer in training gives to ones, one for each run. */
async function masks(
  layer: ReturnType<typeof layers.dropout>,
  { shape, known = shape, runs = 1 }: Draw,
): Promise<number[][]> {
  const x = placeholder({ shape: known });
  const [y] = layer.run([x], training) as [Tensor];
  const session = new Session();
  const size = shape.reduce((a, b) => a * b, 1);
  const ones = hostTensor(new Float32Array(size).fill(1), { shape });
  const found: number[][] = [];
  for (let run = 0; run < runs; run++) {
    found.push(Array.from((await session.run(y, { feeds: [[x, ones]] })).data as Float32Array));
  }
  await session.close();
  return found;
}

describe('dropout in training', () => {
  it('sets the fraction to 0 and divides the others by what is left, for batches of unknown size', async () => {
    const [mask] = await masks(layers.dropout({ rate: 0.25 }), {
      shape: [100, 40],
      known: [null, 40],
    });
    const values = new Set((mask as number[]).map((value) => value.toFixed(5)));
    expect([...values].sort()).to.deep.equal(['0.00000', '1.33333']);
    const dropped = (mask as number[]).filter((value) => value === 0).length;
    // 4000 draws: five standard deviations are 137.
    expect(dropped).to.be.within(1000 - 137, 1000 + 137);
  });

  it('draws another mask at every step, the same ones again for the same seed', async () => {
    const draw = { shape: [64], runs: 2 };
    const [first, second] = await masks(layers.dropout({ rate: 0.5, seed: 7 }), draw);
    const again = await masks(layers.dropout({ rate: 0.5, seed: 7 }), draw);
    expect(first).to.not.deep.equal(second);
    expect(again).to.deep.equal([first, second]);
  });

  it('draws other masks in layers without a seed', async () => {
    const [a] = await masks(layers.dropout({ rate: 0.5 }), { shape: [64] });
    const [b] = await masks(layers.dropout({ rate: 0.5 }), { shape: [64] });
    expect(a).to.not.deep.equal(b);
  });

  it('shares one draw along axes where noiseShape is 1', async () => {
    const layer = layers.dropout({ rate: 0.5, noiseShape: [null, 1] });
    const [mask] = await masks(layer, { shape: [50, 4], known: [null, 4] });
    const rows = Array.from({ length: 50 }, (_, i) => (mask as number[]).slice(4 * i, 4 * i + 4));
    expect(rows.every((row) => new Set(row).size === 1)).to.equal(true);
    expect(new Set(rows.map(([first]) => first)).size).to.equal(2);
  });

  it('drops nothing at rate 0', async () => {
    const [mask] = await masks(layers.dropout({ rate: 0 }), { shape: [8] });
    expect(mask).to.deep.equal(new Array(8).fill(1));
  });
});
