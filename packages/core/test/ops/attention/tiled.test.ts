import { expect } from 'chai';
import {
  constant,
  gradients,
  mul,
  Session,
  scaledDotProductAttention,
  sum,
  type Tensor,
  variable,
} from '../../../src/index.js';

type Options = NonNullable<Parameters<typeof scaledDotProductAttention>[3]>;

const wave = (phase: number, ...shape: number[]): Tensor => {
  const length = shape.reduce((all, size) => all * size, 1);
  return constant(
    Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase)),
    { shape },
  );
};

const [q, k, v] = [wave(1, 2, 1, 7, 3), wave(2, 3, 9, 3), wave(3, 3, 9, 4)];
const weights = wave(4, 2, 3, 7, 4);

/** y, its gradients, and the gradients of these. */
function results(options: Options, mask?: Tensor): readonly number[][] {
  const xs = [q, k, v, ...(mask && mask.dtype !== 'bool' ? [mask] : [])];
  const y = scaledDotProductAttention(q, k, v, { ...options, ...(mask && { mask }) });
  const first = gradients(sum(mul(y, weights)), xs);
  const second = gradients(
    first.map((gradient) => sum(mul(gradient, gradient))),
    xs,
  );
  return new Session()
    .runSync([y, ...first, ...second])
    .map(({ data }) => Array.from(data as Float32Array));
}

function expectAlike(options: Options, mask?: Tensor): void {
  const [held, tiled] = (['held', 'tiled'] as const).map((scores) =>
    results({ ...options, scores }, mask),
  ) as [readonly number[][], readonly number[][]];
  held.forEach((wanted, i) =>
    wanted.forEach((value, at) => {
      expect(tiled[i]?.[at], `result ${i}, element ${at}`).to.be.closeTo(value, 2e-5);
    }),
  );
}

describe('attention in tiles', () => {
  const bool = constant(
    [0, 1, 2, 3, 4, 5, 6].map((query) =>
      [0, 1, 2, 3, 4, 5, 6, 7, 8].map((key) => query !== 2 && (query + key) % 3 > 0),
    ),
  );

  it('has the values and both orders of gradients of scores that are held', () => {
    expectAlike({});
    expectAlike({ causal: true, scale: 0.9 });
    expectAlike({}, bool);
    expectAlike({ causal: true }, bool);
    expectAlike({}, wave(5, 3, 1, 9));
  });

  it('is as right where an added mask hides all keys of a query', () => {
    const all = [0, 1, 2, 3, 4, 5, 6].map((query) => [query === 3 ? -1e9 : 0]);
    expectAlike({}, constant(all));
  });

  it('begins where scores are too many to be held, in memory that grows with queries alone', () => {
    const session = new Session();
    const bytes = (length: number, options: Options = {}): number => {
      const x = variable(new Float32Array(4 * length * 8), { shape: [4, length, 8] });
      const y = scaledDotProductAttention(x, x, x, options);
      const [dx] = gradients(y, [x]);
      return session.explain([y, dx]).arenaBytes;
    };
    const scores = (length: number) => 4 * 4 * length ** 2;
    expect(bytes(64)).to.be.above(scores(64));
    expect(bytes(2048)).to.be.below(scores(2048) / 8);
    expect(bytes(4096)).to.be.below(2.1 * bytes(2048));
    expect(bytes(256, { causal: true })).to.be.below(scores(256));
    expect(bytes(2048, { scores: 'held' })).to.be.above(scores(2048));
    session.close();
  });
});
