import { threefry2x32 } from '@tenon/data';
import { expect } from 'chai';

// Source: the known answers of the Random123 library, `kat_vectors`, threefry2x32 with 20 rounds.
const answers: { key: [number, number]; counter: [number, number]; words: [number, number] }[] = [
  { key: [0, 0], counter: [0, 0], words: [0x6b200159, 0x99ba4efe] },
  {
    key: [0xffffffff, 0xffffffff],
    counter: [0xffffffff, 0xffffffff],
    words: [0x1cb996fc, 0xbb002be7],
  },
  {
    key: [0x13198a2e, 0x03707344],
    counter: [0x243f6a88, 0x85a308d3],
    words: [0xc4923a9c, 0x483df7a0],
  },
];

describe('threefry2x32', () => {
  it('gives the published words', () => {
    expect(answers.map(({ key, counter }) => threefry2x32(key, counter))).to.deep.equal(
      answers.map(({ words }) => words),
    );
  });
});
