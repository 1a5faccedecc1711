import { expect } from 'chai';
import { Threefry } from '../../src/random/threefry.js';

type Pair = readonly [number, number];

/** Known answers for threefry2x32 with 20 rounds, published with the paper's reference implementation, Random123. */
const knownAnswers: readonly { counter: Pair; key: Pair; words: string }[] = [
  { counter: [0, 0], key: [0, 0], words: '6b200159 99ba4efe' },
  { counter: [0xffffffff, 0xffffffff], key: [0xffffffff, 0xffffffff], words: '1cb996fc bb002be7' },
  { counter: [0x243f6a88, 0x85a308d3], key: [0x13198a2e, 0x03707344], words: 'c4923a9c 483df7a0' },
];

describe('Threefry', () => {
  it('gives the published known answers', () => {
    const cipher = new Threefry();
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    const answers = knownAnswers.map(({ counter, key }) => {
      cipher.setKey(...key);
      cipher.block(...counter);
      return `${hex(cipher.word0)} ${hex(cipher.word1)}`;
    });
    expect(answers).to.eql(knownAnswers.map(({ words }) => words));
  });
});
