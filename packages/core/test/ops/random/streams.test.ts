import { expect } from 'chai';
import {
  dropout,
  gradients,
  mul,
  placeholder,
  randomNormal,
  randomUniform,
  Session,
  sum,
  type Tensor,
} from '../../../src/index.js';

const numbers = (session: Session, tensor: Tensor): number[] =>
  Array.from(session.runSync(tensor).data as Float32Array);

const fresh = (tensor: Tensor, options: ConstructorParameters<typeof Session>[0] = {}): number[] =>
  numbers(new Session({ seed: 5, ...options }), tensor);

const uniform = (seed?: number) =>
  randomUniform({ shape: [8], ...(seed === undefined ? {} : { seed }) });

describe('streams of random numbers', () => {
  it('are the same for the same seeds', () => {
    expect(fresh(uniform(1))).to.deep.equal(fresh(uniform(1)));
  });

  it('differ between seeds, high words included, between sessions and between runs', () => {
    const session = new Session({ seed: 5 });
    const one = uniform(1);
    const found = [
      numbers(session, one),
      numbers(session, one),
      fresh(uniform(2)),
      fresh(uniform(2 ** 32 + 1)),
      fresh(uniform(1), { seed: 6 }),
    ];
    expect(new Set(found.map(String)).size).to.equal(5);
  });

  it('differ between ops without a seed, and from ops with one', () => {
    const found = [uniform(), uniform(), uniform(0), uniform(1), uniform(2)].map((x) => fresh(x));
    expect(new Set(found.map(String)).size).to.equal(5);
  });

  it('depend neither on passes nor on other fetches', () => {
    const [one, other] = [uniform(1), randomNormal({ shape: [3] })];
    const alone = fresh(one);
    expect(fresh(one, { optimise: false })).to.deep.equal(alone);
    const [, beside] = new Session({ seed: 5 }).runSync([other, one, mul(other, 2)]);
    expect(Array.from((beside as { data: ArrayLike<number> }).data)).to.deep.equal(alone);
  });

  it('resume at the step that is set', () => {
    const one = uniform(1);
    const before = new Session({ seed: 5 });
    numbers(before, one);
    const second = numbers(before, one);
    const after = new Session({ seed: 5 });
    after.runs = 1;
    expect(numbers(after, one)).to.deep.equal(second);
  });

  it('give the gradient of dropout the mask of its value, for a batch of unknown size', () => {
    const x = placeholder({ shape: [null, 16] });
    const y = dropout(x, { rate: 0.5 });
    const [dx] = gradients(sum(y), [x]);
    const ones = Array.from({ length: 2 }, () => new Array<number>(16).fill(1));
    const [value, gradient] = new Session().runSync([y, dx as Tensor], { feeds: [[x, ones]] });
    expect(gradient?.array()).to.deep.equal(value?.array());
  });
});
