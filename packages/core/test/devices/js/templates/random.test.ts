import { expect } from 'chai';
import { compileTemplate } from '../../../../src/devices/js/templates/index.js';
import { Threefry } from '../../../../src/random/threefry.js';

interface Draw {
  readonly count?: number;
  readonly op?: readonly [number, number];
  readonly run?: readonly [number, number];
  readonly step?: number;
}

function draw({ count = 7, op = [1, 2], run = [3, 4], step = 5 }: Draw): number[] {
  const bits = new Int32Array(count);
  compileTemplate(
    { kind: 'randomBits', dtype: 'int32', seed: op, first: 0, count },
    [],
    [bits],
  )({ seed: run, step });
  return [...bits];
}

describe('js templates: randomBits', () => {
  it('is Threefry with a key from both seeds and the counter (step, pair)', () => {
    const cipher = new Threefry();
    cipher.setKey(3, 4);
    cipher.block(1, 2);
    cipher.setKey(cipher.word0, cipher.word1);
    const expected = [0, 1, 2, 3].flatMap((pair) => {
      cipher.block(5, pair);
      return [cipher.word0, cipher.word1];
    });
    expect(draw({})).to.eql(expected.slice(0, 7));
  });

  it('repeats itself, and changes with the step and with either seed', () => {
    const different = [draw({}), draw({ step: 6 }), draw({ op: [2, 1] }), draw({ run: [4, 3] })];
    expect(new Set(different.map(String)).size).to.equal(4);
    expect(draw({})).to.eql(different[0]);
  });

  it('gives a prefix of the same numbers for a smaller count', () => {
    expect([0, 1, 4].map((count) => draw({ count }))).to.eql(
      [0, 1, 4].map((count) => draw({}).slice(0, count)),
    );
  });

  it('sets every bit about half of the time', () => {
    const count = 4096;
    const bits = draw({ count });
    const ones = Array.from(
      { length: 32 },
      (_, bit) => bits.filter((value) => (value >>> bit) & 1).length,
    );
    // Five standard deviations of a binomial count: sqrt(4096) / 2 = 32.
    expect(ones.filter((total) => Math.abs(total - count / 2) > 5 * 32)).to.eql([]);
  });
});
