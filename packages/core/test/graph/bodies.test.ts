import {
  constant,
  customGradient,
  dropout,
  gradients,
  mul,
  placeholder,
  randomUniform,
  recompute,
  Session,
  scan,
  type Tensor,
} from '@tenon/core';
import { expect } from 'chai';
import { codeOf } from '../graph-error.js';

const session = new Session({ seed: 9 });
const array = (tensor: Tensor, feeds: (readonly [Tensor, never])[] = []) =>
  session.runSync(tensor, { feeds }).array();

describe('random numbers in bodies', () => {
  const noisy = (x: Tensor) => mul(x, randomUniform({ shape: [3], seed: 2 }));
  const ratio = (a: unknown, b: number[]) =>
    (a as number[]).map((value, i) => Math.fround(value / (b[i] as number)));

  it('are the same where a gradient computes the body again', () => {
    const x = constant([1, 2, 3]);
    const y = recompute(noisy)(x);
    const [dx] = gradients(y, [x]) as [Tensor];
    const [ys, dxs] = session.runSync([y, dx]).map((value) => value.array()) as [
      number[],
      number[],
    ];
    ratio(ys, [1, 2, 3]).forEach(
      (noise, i) => void expect(noise).to.be.closeTo(dxs[i] as number, 1e-6),
    );
  });

  it('differ from turn to turn of a loop, and are the same in its gradient', () => {
    const x = constant([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    const { outputs } = scan(
      (_, [row]) => ({
        carry: [],
        outputs: [dropout(noisy(row as Tensor), { rate: 0.5, seed: 3 })],
      }),
      { sequences: [x] },
    );
    const [y] = outputs as [Tensor];
    const [dx] = gradients(y, [x]) as [Tensor];
    const [ys, dxs] = session.runSync([y, dx]).map(({ data }) => Array.from(data, Number)) as [
      number[],
      number[],
    ];
    ys.forEach((value, i) => void expect(value).to.be.closeTo((dxs[i] as number) * (i + 1), 1e-5));
    expect(new Set(dxs.filter((value) => value !== 0)).size).to.equal(
      dxs.filter((value) => value !== 0).length,
    );
  });
});

describe('customGradient', () => {
  it('refuses another number of gradients than of inputs', () => {
    const wrong = customGradient(
      (a: Tensor) => a,
      () => [],
    );
    expect(codeOf(() => wrong(constant(1)))).to.equal('SHAPE_MISMATCH');
  });

  it('works on sizes that are only known when fed', () => {
    const x = placeholder({ shape: [null] });
    const y = customGradient(
      (a: Tensor) => mul(a, a),
      ({ inputs: [a], dys: [dy] }) => [mul(dy as Tensor, a as Tensor)],
    )(x);
    const [dx] = gradients(y, [x]) as [Tensor];
    expect(array(dx, [[x, [3, 4] as never]])).to.deep.equal([3, 4]);
  });
});
