import { Session, sum } from '@tenon/core';
import { expect } from 'chai';

describe('a reduction of one element', () => {
  it('is that element', () => {
    const session = new Session();
    const result = session.runSync([sum([[1], [3]], { axis: -1 }), sum([[[5]], [[7]]])]);
    expect(result.map((value) => value.array())).to.deep.equal([[1, 3], 12]);
  });
});
